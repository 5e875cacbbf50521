import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const WIDTH = 600;
const HEIGHT = 180;
const LEFT = 10;
const TOP = 12;
const BOTTOM = 24;

/** Altman Z″ over the years as a line through the three zones, and the ratios of each year below it. */
export class CreditTrend extends Component {
    static template = "crm_credit.CreditTrend";
    static props = { ...standardFieldProps };

    get trend() {
        return this.props.record.data[this.props.name];
    }

    get size() {
        return { width: WIDTH, height: HEIGHT, left: LEFT, bottom: HEIGHT - BOTTOM };
    }

    get rated() {
        return this.trend.years.filter((year) => year.z !== null);
    }

    /** Lowest and highest score of the drawing: the zones always show. */
    get range() {
        const scores = this.rated.map((year) => year.z);
        return {
            low: Math.min(0, ...scores) - 0.2,
            high: Math.max(this.trend.safe + 1, ...scores) + 0.4,
        };
    }

    y(score) {
        const { low, high } = this.range;
        return TOP + ((high - score) / (high - low)) * (HEIGHT - TOP - BOTTOM);
    }

    get points() {
        const years = this.trend.years;
        const step = (WIDTH - 2 * LEFT) / years.length;
        return years
            .map((year, index) => ({ ...year, x: LEFT + step * (index + 0.5) }))
            .filter((year) => year.z !== null)
            .map((year) => ({ ...year, y: this.y(year.z) }));
    }

    get line() {
        return this.points.map((point) => `${point.x},${point.y}`).join(" ");
    }

    get zones() {
        const { low, high } = this.range;
        const { safe, distress, zones } = this.trend;
        return [
            { key: "safe", label: zones.safe, from: high, to: safe, fill: "var(--success, #28a745)" },
            { key: "grey", label: zones.grey, from: safe, to: distress, fill: "var(--secondary, #6c757d)" },
            { key: "distress", label: zones.distress, from: distress, to: low, fill: "var(--danger, #dc3545)" },
        ].map((zone) => ({ ...zone, y: this.y(zone.from), height: this.y(zone.to) - this.y(zone.from) }));
    }

    get title() {
        // "A, B, C" or 「A、B、C」: the narrow list of the language, which has no "and" in English
        const listing = new Intl.ListFormat(user.lang, { type: "conjunction", style: "narrow" });
        return _t("Altman Z″ by year: %s", listing.format(this.rated.map((year) => `${year.label} ${year.z_text}`)));
    }

    get rows() {
        return [
            { key: "z_text", label: _t("Altman Z″") },
            { key: "zone_text", label: _t("Zone") },
            { key: "equity_ratio", label: _t("Equity ratio (%)") },
            { key: "current_ratio", label: _t("Current ratio") },
            { key: "equity", label: _t("Equity") },
            { key: "revenue", label: _t("Revenue") },
            { key: "ebit", label: _t("Profit before interest and tax") },
        ];
    }
}

registry.category("fields").add("credit_trend", {
    component: CreditTrend,
    displayName: _t("Trend of financial statements"),
    supportedTypes: ["json"],
});
