import { registry } from "@web/core/registry";

// The controller assesses a customer from its Credit page and submits.
registry.category("web_tour.tours").add("crm_credit_assess", {
    steps: () => [
        { trigger: ".o_form_view .nav-link[name=credit]", run: "click" },
        { trigger: "button[name=action_new_credit_assessment]", run: "click" },
        {
            content: "the ledger has filled what it knows",
            trigger: ".o_data_row:contains(Payment behaviour) td[name=evidence]:contains(3 settled invoices)",
        },
        { trigger: ".o_data_row:contains(Trade and outlook) td[name=basis]", run: "click" },
        { trigger: ".o_selected_row td[name=basis] textarea", run: "edit Visited in May" },
        { trigger: ".o_selected_row td[name=score] input", run: "edit 85" },
        { trigger: ".o_data_row:contains(Insurance) td[name=basis]", run: "click" },
        { trigger: ".o_selected_row:contains(Insurance) td[name=basis] textarea", run: "edit Policy seen" },
        { trigger: ".o_selected_row td[name=score] input", run: "edit 80" },
        { trigger: ".nav-link[name=figures]", run: "click" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved .o_field_widget[name=grade_id]:contains(A)" },
        { trigger: "button[name=action_submit]", run: "click" },
        { trigger: ".o_arrow_button_current[data-value=submitted]" },
    ],
});

// The manager approves; grade, limit and payment term stand on the customer.
registry.category("web_tour.tours").add("crm_credit_approve", {
    steps: () => [
        { trigger: "button[name=action_approve]", run: "click" },
        { trigger: ".o_arrow_button_current[data-value=approved]" },
        { trigger: "button[name=action_open_customer]", run: "click" },
        { trigger: ".o_form_view .nav-link[name=credit]", run: "click" },
        { trigger: ".o_field_widget[name=credit_grade_id]:contains(A)" },
        { trigger: ".tab-pane .o_field_widget[name=credit_limit] input:value(6,000)" },
        { trigger: ".tab-pane.active .o_field_widget[name=property_payment_term_id]:contains(30 Days)" },
    ],
});

// The accountant opens the Credit app on customers by exposure, sorts, groups, and goes to the invoices.
registry.category("web_tour.tours").add("crm_credit_exposure", {
    steps: () => [
        {
            content: "who needs attention comes first, as of a stated time",
            trigger: ".o_breadcrumb:contains(as of), .o_last_breadcrumb_item:contains(as of)",
        },
        { trigger: ".o_data_row:contains(Steady Stores) td[name=credit_limit]:contains(1,000.00)" },
        { trigger: ".o_data_row:contains(Steady Stores) td[name=credit_used_percent]:contains(150)" },
        { trigger: ".o_data_row:contains(Steady Stores) td[name=overdue_31_60]:contains(1,500.00)" },
        { trigger: "th[data-name=credit_exposure]", run: "click" },
        { trigger: "th[data-name=credit_exposure] i.fa:not(.opacity-0)" },
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        { trigger: ".o_group_by_menu .o_menu_item:contains(Salesperson)", run: "click" },
        { trigger: ".o_group_header:contains(Sally Seller)", run: "click" },
        { trigger: ".o_data_row:contains(Steady Stores) td[name=partner_id]", run: "click" },
        { trigger: ".o_last_breadcrumb_item:contains(Open invoices of Steady Stores)" },
        { trigger: ".o_data_row:contains(INV)" },
    ],
});
