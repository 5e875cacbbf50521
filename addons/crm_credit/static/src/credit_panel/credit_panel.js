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

/**
 * The figures of a field; those of a held or confirmed order, which its form doesn't read, asked for when they are shown.
 *
 * @param {Object} props of the field
 * @param {string} method of the order that returns them
 */
function useFigures(props, method) {
    const orm = useService("orm");
    const state = useState({ figures: false, ready: false });
    useRecordObserver(async (record) => {
        // what makes the figures other ones has to be read here, to be told of its changes
        const figures = record.data[props.name];
        const { state: orderState, amount_total } = record.data;
        const settled =
            !figures && record.resModel === "sale.order" && record.resId && orderState && amount_total !== null;
        state.figures = settled ? await orm.call("sale.order", method, [[record.resId]]) : figures;
        state.ready = true;
    });
    return state;
}

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

/** The same on a page of its own, which has it for held and confirmed orders too. */
export class CreditSummaryNow extends CreditSummary {
    static template = "crm_credit.CreditSummaryNow";

    setup() {
        this.state = useFigures(this.props, "get_credit_summary");
    }

    get summary() {
        return this.state.figures;
    }

    get barWidth() {
        return Math.min(Math.max(this.summary.used, 0), 100);
    }
}

/** Terms, exposure and receivable by age of the debtor; the amounts lead to the documents. */
export class CreditPanel extends Component {
    static template = "crm_credit.CreditPanel";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useFigures(this.props, "get_credit_panel");
    }

    get panel() {
        return this.state.figures;
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
registry.category("fields").add("credit_summary_now", {
    component: CreditSummaryNow,
    displayName: _t("Credit summary"),
    supportedTypes: ["json"],
});
registry.category("fields").add("credit_panel", {
    component: CreditPanel,
    displayName: _t("Credit panel"),
    supportedTypes: ["json"],
});
