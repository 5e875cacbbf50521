import { registry } from "@web/core/registry";

// The warehouse validates a delivery that may leave.
registry.category("web_tour.tours").add("crm_credit_stock_deliver", {
    steps: () => [
        { trigger: ".o_statusbar_buttons button[name=button_validate]:visible", run: "click" },
        { trigger: ".o_arrow_button_current[data-value=done]" },
    ],
});

// The warehouse is told why a delivery waits and whom to ask, and can't release it.
registry.category("web_tour.tours").add("crm_credit_stock_wait", {
    steps: () => [
        { trigger: ".o_statusbar_buttons button[name=button_validate]:visible", run: "click" },
        { trigger: ".o_notification:contains('Ask: Carl Manager'):contains('Credit limit exceeded')" },
        { trigger: "[name=credit_hold_banner]:contains('waits for a credit release'):contains('Ask: Carl Manager')" },
        { trigger: "[name=credit_hold_banner]:not(:has(button[name=action_credit_release]:visible))" },
        { trigger: ".o_arrow_button_current[data-value=assigned]" },
    ],
});
