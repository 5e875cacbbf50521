import { registry } from "@web/core/registry";

// A salesperson enters a new customer: code, type and card are there at once; fills the card; verifies it.
registry.category("web_tour.tours").add("crm_relationship_customer", {
    steps: () => [
        {
            content: "the app opens on the customers by stage",
            trigger: ".o_kanban_view .o_kanban_group:first .o_column_title:contains(Potential)",
        },
        { trigger: ".o-kanban-button-new", run: "click" },
        {
            content: "a company is offered",
            trigger: ".o_form_view .o_field_widget[name=company_type] input[data-value=company]:checked",
        },
        {
            trigger: ".o_form_view h1 .o_field_widget[name=name] :is(textarea, input)",
            run: "edit Quixotic Zebra Trading Ltd",
        },
        { trigger: ".nav-link[name=relationship_card]", run: "click" },
        { trigger: ".o_field_widget[name=main_business] input", run: "edit Zebra crossings" },
        { trigger: ".o_form_button_save", run: "click" },
        {
            content: "the customer got a code",
            trigger: ".o_form_saved .o_field_widget[name=ref] input:value(QZT)",
        },
        {
            content: "and a type",
            trigger: ".o_field_widget[name=customer_type] :value(Intermediary), .o_field_widget[name=customer_type] select:contains(Intermediary)",
        },
        {
            content: "the card knows what is missing",
            trigger: ".o_field_widget[name=card_missing_item_ids] .o_tag:contains(Trading habits)",
        },
        { trigger: ".o_field_widget[name=trading_habits] textarea", run: "edit Orders on Mondays" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved button[name=action_verify_card]", run: "click" },
        { trigger: ".o_field_widget[name=card_verified_by_id]:contains(Sally Seller)" },
        {
            content: "back on the board the customer stands among the potential ones",
            trigger: ".o_back_button",
            run: "click",
        },
        { trigger: ".o_kanban_group:first .o_kanban_record:contains(QZT):contains(Quixotic Zebra)" },
    ],
});
