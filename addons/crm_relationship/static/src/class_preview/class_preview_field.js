import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor, getCustomColor, hexToRGBA } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/core/utils/numbers";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Cumulative sales of the customers, largest first, cut into value classes; customers per class and stage before and after. */
export class ClassPreviewField extends Component {
    static template = "crm_relationship.ClassPreviewField";
    static props = { ...standardFieldProps };

    setup() {
        this.canvasRef = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                if (!this.hasCurve) {
                    return;
                }
                const chart = new Chart(this.canvasRef.el, this.chartConfig());
                return () => chart.destroy();
            },
            () => [JSON.stringify(this.preview)]
        );
    }

    get preview() {
        return this.props.record.data[this.props.name] || {};
    }

    get hasCurve() {
        return Boolean(this.preview.points?.length);
    }

    get summary() {
        return _t("%(moved)s customers would change their class. Customers with a class set by hand: %(overrides)s.", {
            moved: this.preview.moved,
            overrides: this.preview.overrides,
        });
    }

    percent(value) {
        return formatFloat(value, { digits: [16, 1], trailingZeros: false });
    }

    change(row) {
        const difference = row.after - row.before;
        return difference > 0 ? `+${difference}` : difference < 0 ? `−${-difference}` : "–";
    }

    chartConfig() {
        const scheme = cookie.get("color_scheme");
        const text = getCustomColor(scheme, "#111827", "#E4E4E4");
        const { classes, points } = this.preview;
        const datasets = classes.map((row, index) => {
            const from = index ? classes[index - 1].up_to : 0;
            const color = getColor(index, scheme, "sm");
            // The customer that crosses a limit still belongs above it.
            const inside = points.filter((point, place) => {
                const before = place ? points[place - 1][1] : 0;
                return point[1] >= from && before < row.up_to;
            });
            return {
                label: `${row.label} (${row.after})`,
                data: inside.map(([x, y]) => ({ x, y })),
                borderColor: color,
                backgroundColor: hexToRGBA(color, 0.25),
                fill: "origin",
                pointRadius: points.length > 30 ? 0 : 3,
                borderWidth: 2,
            };
        });
        for (const row of classes.slice(0, -1)) {
            datasets.push({
                label: row.label,
                data: [
                    { x: 0, y: row.up_to },
                    { x: 100, y: row.up_to },
                ],
                borderColor: text,
                borderDash: [6, 4],
                borderWidth: 1,
                pointRadius: 0,
                isLimit: true,
            });
        }
        const axis = (title) => ({
            type: "linear",
            min: 0,
            max: 100,
            ticks: { color: text, callback: (value) => `${value} %` },
            title: { display: true, text: title, color: text },
        });
        return {
            type: "line",
            data: { datasets },
            options: {
                animation: false,
                maintainAspectRatio: false,
                scales: {
                    x: axis(_t("Customers with sales, largest first")),
                    y: axis(_t("Share of the sales of twelve months")),
                },
                plugins: {
                    legend: {
                        labels: { color: text, filter: (item, data) => !data.datasets[item.datasetIndex].isLimit },
                    },
                    tooltip: {
                        filter: (item) => !item.dataset.isLimit,
                        callbacks: {
                            title: () => "",
                            label: (item) =>
                                _t("The largest %(customers)s of the customers make up %(sales)s of the sales", {
                                    customers: `${this.percent(item.parsed.x)} %`,
                                    sales: `${this.percent(item.parsed.y)} %`,
                                }),
                        },
                    },
                },
            },
        };
    }
}

registry.category("fields").add("class_preview", {
    component: ClassPreviewField,
    supportedTypes: ["json"],
});
