import { registry } from "@web/core/registry";

const choose = (field, name) => [
    { content: `choose ${name}`, trigger: `.o_field_widget[name=${field}] input`, run: `edit ${name}` },
    { trigger: `.o-autocomplete--dropdown-item:contains(${name})`, run: "click" },
];

// A sales manager hands a leaving salesperson's customers to a successor, after seeing what there is.
registry.category("web_tour.tours").add("crm_relationship_handover", {
    steps: () => [
        { content: "a new handover", trigger: ".o_list_button_add", run: "click" },
        ...choose("from_user_id", "Sally Seller"),
        { content: "the counts appear at once", trigger: ".o_field_widget[name=part_ids] .o_data_row:contains(Customers)" },
        ...choose("to_user_id", "Oscar Other"),
        { trigger: ".o_form_button_save", run: "click" },
        { content: "hand over", trigger: ".o_form_saved button[name=action_hand_over]", run: "click" },
        { trigger: ".modal footer .btn-primary", run: "click" },
        { content: "done", trigger: ".o_arrow_button_current[data-value=done]" },
        { content: "look at what passed over", trigger: "button[name=action_open_lines]", run: "click" },
        { trigger: ".o_group_header:contains(Customers)" },
    ],
});

// The successor finds the handover among the activities' documents, reads it and acknowledges.
registry.category("web_tour.tours").add("crm_relationship_handover_acknowledge", {
    steps: () => [
        { trigger: ".o_data_row:contains(Sally Seller) .o_data_cell[name=from_user_id]", run: "click" },
        { trigger: "button[name=action_acknowledge]", run: "click" },
        { trigger: ".o_arrow_button_current[data-value=acknowledged]" },
    ],
});
