import { registry } from "@web/core/registry";

// A salesperson finds the card of tomorrow's visit on the list, reads it, and prints several cards in card size.
registry.category("web_tour.tours").add("crm_relationship_card_print", {
    steps: () => [
        {
            content: "the card of the visit is to be read",
            trigger: ".o_data_row:contains(Quixotic Zebra) button[name=action_read]",
            run: "click",
        },
        {
            content: "the card asks for what is missing",
            trigger: ".o_form_view .o_field_widget[name=card_questions]:contains(Which phone number reaches you?)",
        },
        { trigger: ".o_field_widget[name=phone] input", run: "edit +32 2 290 34 90" },
        { trigger: ".o_form_button_save", run: "click" },
        { content: "the salesperson goes back", trigger: ".o_form_saved .o_field_widget[name=phone] input" },
        { trigger: ".o_back_button", run: "click" },
        { content: "nothing is left to be read", trigger: ".o_view_nocontent" },
        { trigger: ".o_menu_sections [data-menu-xmlid='crm_relationship.menu_relationship_customers']", run: "click" },
        {
            trigger: ".o-dropdown--menu [data-menu-xmlid='crm_relationship.menu_relationship_customer_list']",
            run: "click",
        },
        { content: "the customers by stage", trigger: ".o_kanban_view .o_kanban_group" },
        { trigger: ".o_cp_switch_buttons .o_list", run: "click" },
        { trigger: ".o_data_row:contains(Quixotic Zebra) .o_list_record_selector input", run: "click" },
        { trigger: ".o_data_row:contains(Yonder Walrus) .o_list_record_selector input", run: "click" },
        { content: "both are chosen", trigger: ".o_selection_box:contains(2)" },
        { trigger: "button[name=action_print_card]", run: "click" },
        { trigger: ".modal .o_field_widget[name=layout] input[data-value=a6]", run: "click" },
        { trigger: ".modal .o_field_widget[name=language] input[data-value=user]", run: "click" },
        { content: "so many go to the background", trigger: ".modal .alert:contains(in the background)" },
        { trigger: ".modal footer button[name=action_print]", run: "click" },
        { content: "which is said", trigger: ".o_notification:contains(printed in the background)" },
    ],
});
