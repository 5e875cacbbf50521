import { registry } from "@web/core/registry";

// A sales manager looks at who is reached and who isn't, starts the programme and releases its date.
registry.category("web_tour.tours").add("crm_relationship_care", {
    steps: () => [
        { content: "open the programme", trigger: ".o_kanban_record:contains(Tour of greetings)", run: "click" },
        { content: "see who is meant", trigger: "button[name=action_preview]", run: "click" },
        { content: "somebody is left out", trigger: ".o_group_header:contains(Left out)", run: "click" },
        { content: "with the reason", trigger: ".o_data_row:contains(Reluctant Ltd):contains(Wants no care)" },
        { content: "back", trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a:contains(Tour of greetings)", run: "click" },
        { content: "start", trigger: "button[name=action_start]", run: "click" },
        { trigger: ".o_arrow_button_current[data-value=running]" },
        { content: "the dates", trigger: ".nav-link[name=occasion]", run: "click" },
        { content: "open the next date", trigger: ".o_field_widget[name=run_ids] .o_data_row:first .o_data_cell", run: "click" },
        { content: "release it", trigger: ".modal button[name=action_release]", run: "click" },
        { content: "it goes out", trigger: ".o_field_widget[name=run_ids] .badge:contains(Going out)" },
    ],
});
