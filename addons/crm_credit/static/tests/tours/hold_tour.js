import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// The salesperson confirms an order over the limit and reads why it waits.
registry.category("web_tour.tours").add("crm_credit_hold_salesperson", {
    steps: () => [
        {
            content: "the quotation warns before it is confirmed",
            trigger: "[name=credit_hold_banner]:contains('will need a credit release')",
        },
        {
            content: "confirm",
            trigger: ".o_statusbar_buttons button[name=action_confirm]:visible",
            run: "click",
        },
        {
            content: "the user is told in words",
            trigger: ".o_notification:contains('is on credit hold'):contains('Ways out')",
        },
        {
            content: "the order waits, visibly",
            trigger: "[name=credit_hold_banner]:contains('On credit hold')",
        },
        {
            content: "open the hold",
            trigger: "[name=credit_hold_banner] button[name=action_view_credit_holds]",
            run: "click",
        },
        {
            content: "figures, reasons and ways out",
            trigger: ".o_form_view [name=reasons_text]:contains('Credit limit exceeded')",
        },
        {
            content: "a salesperson can't release",
            trigger: ".o_form_view:not(:has(button[name=action_open_release]:visible))",
        },
    ],
});

// The credit manager opens the app, finds the order waiting, and releases it with a reason.
registry.category("web_tour.tours").add("crm_credit_hold_manager", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "open the app",
            trigger: ".o_app[data-menu-xmlid='crm_credit.menu_credit_root']",
            run: "click",
        },
        {
            content: "holds",
            trigger: "[data-menu-xmlid='crm_credit.menu_credit_holds']",
            run: "click",
        },
        {
            content: "the waiting order",
            trigger: ".o_kanban_group:contains('Waiting') .o_kanban_record:contains('Steady Stores')",
            run: "click",
        },
        {
            content: "release",
            trigger: "button[name=action_open_release]",
            run: "click",
        },
        {
            content: "the reason",
            trigger: ".modal [name=reason] textarea",
            run: "edit Paid by bank transfer, slip seen",
        },
        {
            content: "apply",
            trigger: ".modal button[name=action_apply]:visible",
            run: "click",
        },
        {
            content: "released",
            trigger: ".o_form_view [name=decision_reason]:contains('slip seen')",
        },
    ],
});

// A confirmed order reads no figures when it is opened; its page “Credit” fetches them.
registry.category("web_tour.tours").add("crm_credit_order_panel", {
    steps: () => [
        { trigger: ".o_arrow_button_current[data-value=sale]" },
        { trigger: ".o_form_view .nav-link[name=credit]", run: "click" },
        {
            content: "the figures of now",
            trigger: ".tab-pane.active .o_credit_panel [data-part=uninvoiced]:contains('50.00')",
        },
    ],
});

// The salesperson's page of a held order fetches light, available credit and utilisation, and nothing else.
registry.category("web_tour.tours").add("crm_credit_order_summary", {
    steps: () => [
        { trigger: "[name=credit_hold_banner]:contains('On credit hold')" },
        { trigger: ".o_form_view .nav-link[name=credit_now]", run: "click" },
        {
            content: "what may still be ordered",
            trigger: ".tab-pane.active .o_credit_summary_now:contains('200.00'):contains('80% used')",
        },
        { trigger: ".o_form_view:not(:has(.o_credit_panel))" },
    ],
});
