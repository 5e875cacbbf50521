import { registry } from "@web/core/registry";

const row = (name) => `.o_field_widget[name=line_ids] .o_data_row:has(.o_data_cell[name=name]:contains(${name}))`;

function fillByHand(name, score, basis) {
    return [
        { content: `score ${name}`, trigger: `${row(name)} .o_data_cell[name=score]`, run: "click" },
        { trigger: `${row(name)}.o_selected_row .o_field_widget[name=score] input`, run: `edit ${score}` },
        { trigger: `${row(name)}.o_selected_row .o_field_widget[name=basis] textarea`, run: `edit ${basis}` },
    ];
}

// A sales manager evaluates a customer: figures are filled in, the rest by hand with its basis; closing grades the customer.
registry.category("web_tour.tours").add("crm_relationship_evaluation", {
    steps: () => [
        { content: "a new evaluation", trigger: ".o-kanban-button-new", run: "click" },
        { trigger: ".o_field_widget[name=partner_id] input", run: "edit Evaluated Zebra" },
        { trigger: ".o-autocomplete--dropdown-item:contains(Evaluated Zebra)", run: "click" },
        { content: "the indicators appear with the number", trigger: ".o_form_button_save", run: "click" },
        { trigger: `.o_form_saved ${row("Enthusiasm")}` },
        { content: "figures are filled", trigger: "button[name=action_fill]", run: "click" },
        { trigger: `${row("Sales")} .o_data_cell[name=basis]:contains(as of)` },
        ...fillByHand("Enthusiasm", 90, "Answers the same day"),
        ...fillByHand("Operating ability", 80, "Two new branches this year"),
        ...fillByHand("Reputation", 80, "Trade press and bank"),
        ...fillByHand("Social relations", 70, "Chairs the trade association"),
        {
            content: "the total follows before anything is saved",
            trigger: ".o_form_dirty .o_field_widget[name=suggested_decision]:contains(Maintain)",
        },
        { content: "hand it in", trigger: "button[name=action_submit]", run: "click" },
        { content: "handed in", trigger: ".o_arrow_button_current[data-value=submitted]" },
        { content: "decide", trigger: "button[name=action_close]", run: "click" },
        { trigger: ".modal footer .btn-primary:contains(Close Evaluation)", run: "click" },
        { content: "closed, and nothing can be edited", trigger: ".o_arrow_button_current[data-value=closed]" },
        { trigger: "h1 .o_field_widget[name=partner_id] a.o_form_uri", run: "click" },
        { content: "the customer has its grade", trigger: "div[name=customer_line] .o_field_widget[name=customer_grade_id]:contains(Excellent)" },
    ],
});
