import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("crm_feedback_complaint_tour", {
    steps: () => [
        {
            content: "Find the customer's order",
            trigger: ".o_data_row .o_data_cell:contains('Tour Customer')",
            run: "click",
        },
        {
            content: "Register a complaint about it",
            trigger: "button[name=action_register_complaint]",
            run: "click",
        },
        {
            content: "The customer is filled in",
            trigger: ".o_field_widget[name=partner_id] input:value('Tour Customer')",
        },
        {
            trigger: ".o_field_widget[name=sale_order_id] input:value(/^S/)",
        },
        {
            trigger: ".o_field_widget[name=product_id] input:value('Tour Desk')",
        },
        {
            content: "Say what it is about",
            trigger: ".o_field_widget[name=subject] input, .o_field_widget[name=subject] textarea",
            run: "edit Desk arrived scratched",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Team, person and deadlines are set",
            trigger: ".o_field_widget[name=sla_state]:contains('In time')",
        },
        {
            trigger: ".o_field_widget[name=user_id]:contains(/./), .o_field_widget[name=user_id] input:value('Tour Agent')",
        },
        {
            trigger: ".o_field_widget[name=dispatch_note]:contains('Service level')",
        },
        {
            trigger: "button[name=action_start]",
            run: "click",
        },
        {
            trigger: "button[name=action_open_resolve].btn-primary",
            run: "click",
        },
        {
            content: "Verdict, cause and resolution",
            trigger: ".modal .o_field_widget[name=verdict] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains('Justified')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=cause_id] input",
            run: "edit Damaged",
        },
        {
            trigger: ".ui-menu-item a:contains('Damaged in transport')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=resolution] textarea",
            run: "edit A new desk was sent",
        },
        {
            trigger: ".modal button[name=action_resolve]",
            run: "click",
        },
        {
            content: "The customer confirms",
            trigger: "body:not(:has(.modal)) button[name=action_close]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=closed_at]",
        },
    ],
});
