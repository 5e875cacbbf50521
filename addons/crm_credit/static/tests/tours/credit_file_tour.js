import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const pick = (field, text) => [
    { trigger: `.o_form_view .o_field_widget[name=${field}] input`, run: `edit ${text}` },
    { trigger: `.o-autocomplete--dropdown-item:contains(${text})`, run: "click" },
];

// The controller files a report and a year's statement, and sees both on the assessment.
registry.category("web_tour.tours").add("crm_credit_investigate", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        { trigger: ".o_app[data-menu-xmlid='crm_credit.menu_credit_root']", run: "click" },
        { trigger: "[data-menu-xmlid='crm_credit.menu_credit_assessments']", run: "click" },
        { trigger: "[data-menu-xmlid='crm_credit.menu_credit_investigation']", run: "click" },
        {
            content: "the empty state says what to do",
            trigger: ".o_view_nocontent:contains('No investigation yet')",
        },
        { trigger: ".o_list_button_add", run: "click" },
        ...pick("partner_id", "Steady Stores"),
        { trigger: ".o_field_widget[name=rating] input", run: "edit Good for usual business" },
        { trigger: ".o_field_widget[name=payment] textarea", run: "edit Pays suppliers on the day" },
        { trigger: ".o_field_widget[name=bank_reference] textarea", run: "edit No complaint" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved" },
        { trigger: "button[name=action_open_statements]", run: "click" },
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: ".o_field_widget[name=date_end] input, .o_field_widget[name=date_end] button", run: "click" },
        { trigger: ".o_field_widget[name=date_end] input", run: "edit 12/31/2025 && press Tab" },
        ...[
            ["current_assets", "500"],
            ["total_assets", "1000"],
            ["current_liabilities", "200"],
            ["total_liabilities", "400"],
            ["retained_earnings", "200"],
            ["equity", "600"],
            ["ebit", "120"],
        ].map(([name, value]) => ({ trigger: `.o_field_widget[name=${name}] input`, run: `edit ${value}` })),
        { trigger: ".o_form_button_save", run: "click" },
        {
            content: "ratios and zone are there",
            trigger: ".o_form_saved .o_field_widget[name=z_zone]:contains(Safe)",
        },
        { trigger: ".breadcrumb-item:contains('Steady Stores GmbH:') a, .o_back_button", run: "click" },
        {
            content: "the year stands on the investigation",
            trigger: ".o_form_view .o_credit_trend:contains(2025):contains(5.)",
        },
        { trigger: "button[name=action_open_assessment]", run: "click" },
        {
            content: "and what the report says stands beside what is scored by hand",
            trigger: ".o_form_view button[name=action_open_investigations]:contains(1)",
        },
        { trigger: ".nav-link[name=statements]", run: "click" },
        { trigger: ".tab-pane.active .o_credit_trend:contains(Safe)" },
    ],
});

// The controller reads a customer's archive and opens what an event is about.
registry.category("web_tour.tours").add("crm_credit_archive", {
    steps: () => [
        { trigger: ".o_form_view .nav-link[name=credit]", run: "click" },
        { trigger: "button[name=action_open_credit_archive]", run: "click" },
        { trigger: ".o_last_breadcrumb_item:contains('Credit archive of Steady Stores')" },
        {
            content: "who and why",
            trigger: ".o_data_row:contains('Order released'):contains('Carl Manager'):contains('slip seen')",
        },
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        { trigger: ".o_filter_menu .o_menu_item:contains(Decisions)", run: "click" },
        { trigger: ".o_facet_value:contains(Decisions)" },
        { trigger: ".o_list_view:not(:has(.o_data_row:contains('Order held')))" },
        { trigger: ".o_data_row:contains('Order released') button[name=action_open]", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=decision_reason]:contains('slip seen')" },
    ],
});

// The manager sees what releases by people cost later.
registry.category("web_tour.tours").add("crm_credit_overrides", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        { trigger: ".o_app[data-menu-xmlid='crm_credit.menu_credit_root']", run: "click" },
        { trigger: "[data-menu-xmlid='crm_credit.menu_credit_analysis']", run: "click" },
        { trigger: "[data-menu-xmlid='crm_credit.menu_credit_overrides']", run: "click" },
        { trigger: ".o_group_header:contains('Carl Manager')" },
        {
            content: "reason, and what is unpaid and late now",
            trigger:
                ".o_data_row:contains('slip seen') td[name=later_overdue]:contains('500.00'), .o_data_row:contains('slip seen'):contains('500.00')",
        },
        { trigger: ".o_data_row:contains('slip seen') td[name=later_days_late]:contains(10)" },
        { trigger: ".o_data_row:contains('slip seen') td[name=decision_reason]", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=later_overdue]:contains('500.00')" },
    ],
});

// The accountant registers the payment of an open invoice; that alone lets the waiting order go.
registry.category("web_tour.tours").add("crm_credit_pay", {
    steps: () => [
        { trigger: ".o_form_view .nav-link[name=credit]", run: "click" },
        { trigger: ".tab-pane.active .o_credit_panel:contains('800.00')" },
        { trigger: ".o_statusbar_buttons button[name=action_register_payment]:visible", run: "click" },
        { trigger: ".modal button[name=action_create_payments]:visible", run: "click" },
        { trigger: ".o_form_view:not(:has(.modal)) .ribbon:contains(Paid), .o_form_view .ribbon:contains('In Payment')" },
    ],
});

// The salesperson finds the order confirmed.
registry.category("web_tour.tours").add("crm_credit_order_let_go", {
    steps: () => [
        { trigger: ".o_arrow_button_current[data-value=sale]" },
        { trigger: "button[name=action_view_credit_holds]:contains(Released)", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=decision_reason]:contains('The cause is gone')" },
        { trigger: ".o_form_view .o_field_widget[name=automatic] input:checked, .o_form_view .o_field_widget[name=automatic]" },
    ],
});
