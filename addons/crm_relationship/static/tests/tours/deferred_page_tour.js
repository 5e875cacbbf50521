import { registry } from "@web/core/registry";

const BUSINESS = ".o_field_widget[name=main_business] input";
const CARD = ".nav-link[name=relationship_card]";

function name(value) {
    return { content: `customer ${value}`, trigger: `.o_form_view h1 .o_field_widget[name=name] :value(${value})` };
}

function change(trigger, value) {
    return { content: `fill in ${value}`, trigger, run: `edit ${value}` };
}

// Pages that are read when they are opened: nothing typed before is lost, one save writes all, and paging goes on with them.
registry.category("web_tour.tours").add("crm_relationship_deferred_page", {
    steps: () => [
        { trigger: ".o_data_row:first .o_data_cell:first", run: "click" },
        name("Deferred One"),
        {
            content: "what needs attention is read right after it",
            trigger: ".o_form_view .alert:contains(promise overdue)",
        },
        change(".o_field_widget[name=website] input", "http://one.example.com"),
        { trigger: CARD, run: "click" },
        { content: "the page shows what it has", trigger: `${BUSINESS}:value(Pumps)` },
        {
            content: "what was typed before is still there",
            trigger: ".o_field_widget[name=website] input:value(http://one.example.com)",
        },
        change(BUSINESS, "Pumps and valves"),
        { trigger: ".o_pager_next", run: "click" },
        name("Deferred Two"),
        { content: "the page is filled with this customer's facts", trigger: `${BUSINESS}:value(Bearings)` },
        { trigger: ".nav-link[name=contact_addresses]", run: "click" },
        { trigger: ".o_pager_previous", run: "click" },
        name("Deferred One"),
        { trigger: CARD, run: "click" },
        { content: "both were saved by going on", trigger: `${BUSINESS}:value(Pumps and valves)` },
        { trigger: ".o_form_button_create", run: "click" },
        { content: "a new one has nothing to read", trigger: ".o_form_view .o_field_widget[name=name] .o_input:empty" },
    ],
});
