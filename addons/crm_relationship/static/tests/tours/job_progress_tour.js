import { registry } from "@web/core/registry";

const show = (job) =>
    odoo.__WOWL_DEBUG__.root.env.services["crm_relationship.job_progress"].show({
        key: "crm.handover,1",
        title: "Handover: Sally → Oscar",
        ...job,
    });

registry.category("web_tour.tours").add("crm_relationship_job_progress", {
    steps: () => [
        { trigger: ".o_home_menu, .o_main_navbar", run: () => show({ done: 250, total: 1000 }) },
        {
            trigger: ".o_relationship_job_progress:contains('250 / 1000') .progress[aria-valuenow='25']",
            run: () => show({ done: 500, total: 1000 }),
        },
        {
            trigger: ".o_relationship_job_progress:contains('500 / 1000') .progress[aria-valuenow='50']",
            run: () => show({ done: 1000, total: 1000 }),
        },
        { trigger: ".o_relationship_job_progress .progress[aria-valuenow='100']" },
        { trigger: "body:not(:has(.o_relationship_job_progress))", run: () => show({ done: 1, total: 1000 }) },
        { trigger: ".o_relationship_job_progress", run: () => show({ done: 0, total: 0 }) },
        { trigger: "body:not(:has(.o_relationship_job_progress))" },
    ],
});
