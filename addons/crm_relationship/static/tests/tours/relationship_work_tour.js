import { registry } from "@web/core/registry";

const column = (label) => `.o_relationship_board .o_kanban_group:has(.o_column_title:contains(${label}))`;
const card = (label, text) => `${column(label)} .o_kanban_record:contains(${text})`;

registry.category("web_tour.tours").add("crm_relationship_visit_and_promise", {
    steps: () => [
        { content: "log a visit from the customer", trigger: "button[name=action_log_visit]", run: "click" },
        {
            content: "one line is enough",
            trigger: ".modal div[name=summary] input, .modal div[name=summary] textarea",
            run: "edit Showed the autumn range",
        },
        { content: "log it", trigger: ".modal footer button:contains(Log)", run: "click" },
        {
            content: "open the contact log of the customer",
            trigger: "body:not(:has(.modal)) .o_notebook a[name=relationship_work]",
            run: "click",
        },
        {
            content: "the visit is in it",
            trigger: "div[name=touchpoint_ids] .o_data_row:contains(Showed the autumn range):contains(Visit)",
        },
        { content: "promise something", trigger: "button[name=action_new_promise]", run: "click" },
        {
            content: "say what",
            trigger: ".modal div[name=name] input, .modal div[name=name] textarea",
            run: "edit Send the corrected price list",
        },
        { content: "say by when", trigger: ".modal div[name=date_due] input, .modal div[name=date_due] button", run: "click" },
        { content: "type the day", trigger: ".modal div[name=date_due] input", run: "edit 11/30/2035 && press Tab" },
        { content: "promise it", trigger: ".modal footer button:contains(Promise)", run: "click" },
        {
            content: "it stands among the open promises, and is kept with one click",
            trigger: "div[name=open_promise_ids] .o_data_row:contains(Send the corrected price list) button[name=action_keep]",
            run: "click",
        },
        { content: "none is open any more", trigger: "body:not(:has(div[name=open_promise_ids] .o_data_row))" },
    ],
});

registry.category("web_tour.tours").add("crm_relationship_promise_kept", {
    steps: () => [
        { content: "promise something to the customer", trigger: "button[name=action_new_promise]", run: "click" },
        {
            content: "say what",
            trigger: ".modal div[name=name] input, .modal div[name=name] textarea",
            run: "edit Bring the new samples",
        },
        { content: "say by when", trigger: ".modal div[name=date_due] input, .modal div[name=date_due] button", run: "click" },
        {
            content: "today",
            trigger: ".modal div[name=date_due] input",
            run: (helpers) => helpers.edit(luxon.DateTime.now().toFormat("MM/dd/yyyy")),
        },
        { content: "leave the date", trigger: ".modal div[name=date_due] input", run: "press Tab" },
        { content: "promise it", trigger: ".modal footer button:contains(Promise)", run: "click" },
        {
            content: "look at the day's work",
            trigger: "body:not(:has(.modal)) [data-menu-xmlid='crm_relationship.menu_relationship_work']",
            run: "click",
        },
        {
            content: "on the week board",
            trigger: "[data-menu-xmlid='crm_relationship.menu_relationship_my_week']",
            run: "click",
        },
        {
            content: "the promise is one of today's cards, and is done there",
            trigger: `${card("Today", "Bring the new samples")} button[name=action_done]`,
            run: "click",
        },
        {
            content: "nothing is left to do",
            trigger: ".o_relationship_board:not(:has(.o_kanban_record:contains(Bring the new samples)))",
        },
    ],
});

registry.category("web_tour.tours").add("crm_relationship_team_week", {
    steps: () => [
        { content: "the card is overdue", trigger: card("Overdue", "Call about the autumn range") },
        // "Later" is the one column whose date stands in it on every day of the week
        {
            content: "drag it to a later week",
            trigger: card("Overdue", "Call about the autumn range"),
            run: `drag_and_drop(${column("Later")})`,
        },
        { content: "it stands there", trigger: card("Later", "Call about the autumn range") },
        {
            content: "a meeting can't be dragged",
            trigger: card("Later", "Range meeting"),
            run: `drag_and_drop(${column("Today")})`,
        },
        { content: "its calendar entry opens instead", trigger: ".o_form_view div[name=name] :value(Range meeting), .o_form_view div[name=name] :contains(Range meeting)" },
        { content: "back to the board", trigger: ".o_back_button, .breadcrumb-item a:contains(Team Week)", run: "click" },
        { content: "the meeting is where it was", trigger: card("Later", "Range meeting") },
        { content: "plan something for today", trigger: `${column("Today")} .o_kanban_quick_add`, run: "click" },
        {
            content: "say what",
            trigger: ".o_kanban_quick_create div[name=summary] input",
            run: "edit Prepare the review",
        },
        { content: "add it", trigger: ".o_kanban_quick_create .o_kanban_add", run: "click" },
        { content: "it is there", trigger: card("Today", "Prepare the review") },
        { content: "close the quick create", trigger: ".o_kanban_quick_create .o_kanban_cancel", run: "click" },
        {
            content: "done with a result",
            trigger: `${card("Today", "Prepare the review")} button[name=action_board_done_dialog]`,
            run: "click",
        },
        { content: "type the result", trigger: ".modal div[name=feedback] textarea", run: "edit Reviewed with Sally" },
        { content: "done", trigger: ".modal footer button[name=action_board_done]", run: "click" },
        {
            content: "the card is gone",
            trigger: `body:not(:has(.modal)):not(:has(.o_kanban_record:contains(Prepare the review)))`,
        },
    ],
});
