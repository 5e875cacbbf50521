import { onWillUnmount, useEffect } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ProgressBarField, progressBarField } from "@web/views/fields/progress_bar/progress_bar_field";

const SECONDS = 2;

/** Progress of work done by the server in the background: the record is read again until it isn't "running" any more. */
export class JobProgressField extends ProgressBarField {
    setup() {
        super.setup();
        const progress = useService("crm_relationship.job_progress");
        useEffect(
            (model, id) => (id ? progress.shownInForm(`${model},${id}`) : undefined),
            () => [this.props.record.resModel, this.props.record.resId]
        );
        let timer;
        const stop = () => browser.clearTimeout(timer);
        useEffect(
            (running) => {
                stop();
                if (running) {
                    const again = async () => {
                        if (!(await this.props.record.isDirty())) {
                            await this.props.record.load();
                        }
                        if (this.props.record.data.state === "running") {
                            timer = browser.setTimeout(again, SECONDS * 1000);
                        }
                    };
                    timer = browser.setTimeout(again, SECONDS * 1000);
                }
                return stop;
            },
            () => [this.props.record.data.state === "running"]
        );
        onWillUnmount(stop);
    }
}

registry.category("fields").add("job_progressbar", {
    ...progressBarField,
    component: JobProgressField,
    fieldDependencies: [{ name: "state", type: "selection" }],
});
