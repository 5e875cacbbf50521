import { registry } from "@web/core/registry";

const column = (label) => `.o_relationship_board .o_kanban_group:has(.o_column_title:contains(${label}))`;
const card = (label, text) => `${column(label)} .o_kanban_record:contains(${text})`;

registry.category("web_tour.tours").add("crm_relationship_visit_round", {
    steps: () => [
        { content: "have customers proposed", trigger: ".modal button[name=action_propose]", run: "click" },
        { content: "the nearest come first", trigger: ".modal .o_data_row:nth-child(1):contains(Customer 1)" },
        { content: "all that are due are there", trigger: ".modal .o_data_row:nth-child(3):contains(Customer 3)" },
        { content: "leave out the second", trigger: ".modal .o_data_row:contains(Customer 2) .o_list_record_remove", run: "click" },
        { content: "it is gone", trigger: ".modal:not(:has(.o_data_row:contains(Customer 2)))" },
        { content: "order the rest by place", trigger: ".modal button[name=action_order]", run: "click" },
        { content: "still in order", trigger: ".modal .o_data_row:nth-child(2):contains(Customer 3)" },
        { content: "plan the visits", trigger: ".modal footer button[name=action_plan]", run: "click" },
        {
            content: "they are on the board",
            trigger: `body:not(:has(.modal)) .o_relationship_board .o_kanban_record:contains(Customer 3)`,
        },
    ],
});

registry.category("web_tour.tours").add("crm_relationship_week_board_drag", {
    steps: () => [
        { content: "a visit is overdue", trigger: card("Overdue", "Call about the spring range") },
        {
            content: "drag it to today",
            trigger: card("Overdue", "Call about the spring range"),
            run: `drag_and_drop(${column("Today")})`,
        },
        {
            content: "it stands there with its new date, nothing was asked",
            trigger: `${card("Today", "Call about the spring range")}.o_draggable:not(:has(.text-danger))`,
        },
        { content: "no dialog", trigger: "body:not(:has(.modal))" },
        {
            content: "drag it back to the past",
            trigger: card("Today", "Call about the spring range"),
            run: `drag_and_drop(${column("Overdue")})`,
        },
        { content: "that is refused", trigger: ".modal:contains(planned in the past) button.btn-primary", run: "click" },
        { content: "it is still today's", trigger: `body:not(:has(.modal)) ${card("Today", "Call about the spring range")}` },
        {
            content: "a task over several weeks shows above today's cards",
            trigger: `${column("Today")} .o_relationship_board_task:contains(Prepare the fair)`,
        },
        {
            content: "and is a key task at its end",
            trigger: `${card("Later", "Prepare the fair")} .fa-star`,
        },
        {
            content: "done with one click",
            trigger: `${card("Today", "Call about the spring range")} button[name=action_done]`,
            run: "click",
        },
        { content: "the card is gone", trigger: `body:not(:has(.o_kanban_record:contains(Call about the spring range)))` },
    ],
});

registry.category("web_tour.tours").add("crm_relationship_month_board", {
    steps: () => [
        { content: "nothing is arranged yet", trigger: ".o_relationship_arrange", run: "click" },
        { content: "say what the month is to bring", trigger: ".modal div[name=body] textarea", run: "edit Win back three customers" },
        { content: "save", trigger: ".modal .o_form_button_save", run: "click" },
        {
            content: "it stands above the board",
            trigger: "body:not(:has(.modal)) .o_relationship_arrangement:contains(Win back three customers)",
        },
    ],
});
