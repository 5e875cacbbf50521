import { registry } from "@web/core/registry";

const line = (product) => `.modal .o_field_widget[name=line_ids] .o_data_row:has(.o_data_cell[name=product_id]:contains(${product}))`;

// A salesperson activates a contract, calls a part of it off, and comes back to see it on the contract.
registry.category("web_tour.tours").add("crm_relationship_contract_call_off", {
    steps: () => [
        { content: "the draft comes into force", trigger: "button[name=action_activate]", run: "click" },
        { trigger: ".o_arrow_button_current[data-value=active]" },
        { content: "call off", trigger: "button[name=action_call_off]", run: "click" },
        { trigger: `${line("Tour Chair")} .o_data_cell[name=quantity]`, run: "click" },
        { trigger: `${line("Tour Chair")} .o_field_widget[name=quantity] input`, run: "edit 120 && press Tab" },
        { content: "too much is said at once", trigger: ".modal .alert-warning:contains(more than the contract)" },
        { trigger: `${line("Tour Chair")} .o_data_cell[name=quantity]`, run: "click" },
        { trigger: `${line("Tour Chair")} .o_field_widget[name=quantity] input`, run: "edit 30 && press Tab" },
        { trigger: ".modal:not(:has(.alert-warning:visible)) .o_field_widget[name=amount]:contains(2,400.00)" },
        { trigger: ".modal button[name=action_create_order]", run: "click" },
        {
            content: "a quotation at the agreed price",
            trigger: ".o_field_widget[name=order_line] .o_data_row:contains(Tour Chair) .o_data_cell[name=price_unit]:contains(80.00)",
        },
        { content: "back to the contract", trigger: "button[name=action_view_contract]", run: "click" },
        { trigger: "button[name=action_view_orders]:contains(1)" },
    ],
});
