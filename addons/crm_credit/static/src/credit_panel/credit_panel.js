import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

// Colour and icon: a light must not be told by its colour alone.
const LIGHTS = {
    green: { badge: "text-bg-success", icon: "fa-check" },
    amber: { badge: "text-bg-warning", icon: "fa-exclamation-triangle" },
    red: { badge: "text-bg-danger", icon: "fa-hand-paper-o" },
};

/** Traffic light, available credit and utilisation in one line. */
export class CreditSummary extends Component {
    static template = "crm_credit.CreditSummary";
    static props = { ...standardFieldProps };

    get summary() {
        return this.props.record.data[this.props.name];
    }

    get light() {
        return LIGHTS[this.summary.light];
    }
}

/** Terms, exposure and receivable by age of the debtor; the amounts lead to the documents. */
export class CreditPanel extends Component {
    static template = "crm_credit.CreditPanel";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ panel: false });
        useRecordObserver(async (record) => {
            // what makes the figures other ones has to be read here, to be told of its changes
            const panel = record.data[this.props.name];
            const { state, amount_total } = record.data;
            const settled = !panel && record.resModel === "sale.order" && record.resId && state && amount_total !== null;
            this.state.panel = settled
                ? await this.orm.call("sale.order", "get_credit_panel", [[record.resId]])
                : panel;
        });
    }

    get panel() {
        return this.state.panel;
    }

    get light() {
        return LIGHTS[this.panel.summary.light];
    }

    get barWidth() {
        return Math.min(Math.max(this.panel.summary.used, 0), 100);
    }

    openTitle(label) {
        return _t("Open the documents: %s", label);
    }

    async open(part) {
        const partner = this.panel.partner_id || this.props.record.resId;
        this.action.doAction(
            await this.orm.call("res.partner", "action_open_credit_part", [
                [partner],
                part,
                this.panel.company_id || null,
            ])
        );
    }
}

registry.category("fields").add("credit_summary", {
    component: CreditSummary,
    displayName: _t("Credit summary"),
    supportedTypes: ["json"],
});
registry.category("fields").add("credit_panel", {
    component: CreditPanel,
    displayName: _t("Credit panel"),
    supportedTypes: ["json"],
});
