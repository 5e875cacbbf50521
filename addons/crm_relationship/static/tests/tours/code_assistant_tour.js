import { registry } from "@web/core/registry";

// A sales manager finds customers without a code and a shared code, decides, and assigns.
registry.category("web_tour.tours").add("crm_relationship_code_assistant", {
    steps: () => [
        { trigger: ".o_list_view button[name=action_check], .o_control_panel button[name=action_check]", run: "click" },
        {
            content: "the shared code is there, the first customer is proposed to keep it",
            trigger: ".o_field_widget[name=shared_line_ids] .o_data_row:contains(Alpha Dup):contains(Keep)",
        },
        {
            trigger: ".o_field_widget[name=shared_line_ids] .o_data_row:contains(Alpha Dup) td[name=decision]",
            run: "click",
        },
        {
            content: "the other one shall keep it",
            trigger: ".o_field_widget[name=shared_line_ids] .o_selected_row .o_field_widget[name=decision] :is(input, select)",
            run: "click",
        },
        { trigger: ".o_select_menu_item:contains(New code), .o-dropdown-item:contains(New code)", run: "click" },
        {
            trigger: ".o_field_widget[name=shared_line_ids] .o_data_row:contains(Beta Dup) td[name=decision]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=shared_line_ids] .o_selected_row:contains(DUP-1) .o_field_widget[name=decision] input:value(New code)",
            run: "click",
        },
        { trigger: ".o_select_menu_item:contains(Keep), .o-dropdown-item:contains(Keep)", run: "click" },
        { trigger: ".nav-link[name=blank]", run: "click" },
        {
            trigger: ".o_field_widget[name=other_line_ids] .o_data_row:contains(Quixotic) td[name=proposed_code]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=other_line_ids] .o_selected_row .o_field_widget[name=proposed_code] input",
            run: "edit ZEBRA",
        },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved button[name=action_assign]", run: "click" },
        {
            content: "done",
            trigger: ".o_field_widget[name=state] .o_arrow_button_current:contains(Done)",
        },
        { trigger: ".nav-link[name=shared]", run: "click" },
        { trigger: ".o_field_widget[name=shared_line_ids] .o_data_row:contains(Alpha Dup):contains(Done)" },
    ],
});
