import { Component, reactive, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

// A finished bar is seen for a moment; one of which nothing more is heard doesn't stay for ever.
const FULL_SECONDS = 1.5;
const SILENT_SECONDS = 300;

/** Bars of the long work that the user waits for: handover, card print, code assignment. */
export class JobProgress extends Component {
    static template = "crm_relationship.JobProgress";
    static props = { jobs: Object };

    setup() {
        this.jobs = useState(this.props.jobs);
    }

    get shown() {
        return Object.values(this.jobs).filter((job) => !job.inForm);
    }

    percent(job) {
        return Math.min(100, Math.round((100 * job.done) / job.total));
    }
}

export const jobProgressService = {
    dependencies: ["bus_service"],
    start(env, { bus_service }) {
        const jobs = reactive({});
        const timers = {};
        const inForms = new Set();

        function remove(key) {
            browser.clearTimeout(timers[key]);
            delete timers[key];
            delete jobs[key];
        }

        /** Show or move the bar of one job: `{key, title, done, total}`; a total of 0 takes it away. */
        function show({ key, title, done, total }) {
            remove(key);
            if (total) {
                jobs[key] = { key, title, done, total, inForm: inForms.has(key) };
                timers[key] = browser.setTimeout(
                    () => remove(key),
                    1000 * (done >= total ? FULL_SECONDS : SILENT_SECONDS)
                );
            }
        }

        /** A form shows the bar of this job itself, until the returned function is called. */
        function shownInForm(key) {
            const mark = (inForm) => {
                inForms[inForm ? "add" : "delete"](key);
                if (jobs[key]) {
                    jobs[key].inForm = inForm;
                }
            };
            mark(true);
            return () => mark(false);
        }

        bus_service.subscribe("crm_relationship.progress", show);
        registry.category("main_components").add("crm_relationship.JobProgress", {
            Component: JobProgress,
            props: { jobs },
        });
        return { show, shownInForm };
    },
};

registry.category("services").add("crm_relationship.job_progress", jobProgressService);
