/**
 * Forms that open as fast without what isn't looked at yet: ``loading="deferred"`` in a form's arch.
 *
 * - On a ``page``: the fields that only this page shows are read when the page is first opened, and from then on with
 *   the record.
 * - On a ``field`` (read-only, hidden while it is empty): it is read right after the form is first shown, and with the
 *   record when that is read again or another one is gone to.
 *
 * Everything else is as in any form: one record, one save. A new record reads nothing and defers nothing.
 */
import { Component, markRaw, onWillStart, onWillUpdateProps, toRaw, xml } from "@odoo/owl";
import { createElement, append } from "@web/core/utils/xml";
import { omit, pick } from "@web/core/utils/objects";
import { patch } from "@web/core/utils/patch";
import { Record } from "@web/model/relational_model/record";
import { FormCompiler } from "@web/views/form/form_compiler";
import { FormController } from "@web/views/form/form_controller";
import { FormRenderer } from "@web/views/form/form_renderer";
import { toStringExpression } from "@web/views/utils";

const DEFERRED_PAGE = "page[loading='deferred']";
const DEFERRED_FIELD = "field[loading='deferred']";
const EXPRESSIONS = ["column_invisible", "context", "domain", "invisible", "options", "readonly", "required"];

/** What a form reads later: ``pages`` by name, each a list of fields, and the ``late`` fields outside of them. */
export function parseDeferred(xmlDoc) {
    const pages = {};
    const late = new Set();
    const kept = new Set();
    const words = {}; // of a field's nodes on these pages: the model joins the expressions of all nodes of a field
    for (const node of xmlDoc.querySelectorAll("*")) {
        if (node.parentElement?.closest("field")) {
            continue; // of a list or form inside
        }
        const page = node.parentElement?.closest(DEFERRED_PAGE);
        const name = node.tagName === "field" && node.getAttribute("name");
        const named = EXPRESSIONS.flatMap((attribute) => (node.getAttribute(attribute) || "").match(/\w+/g) || []);
        if (page) {
            const fields = (pages[page.getAttribute("name")] ||= new Set());
            if (name) {
                fields.add(name);
                (words[name] ||= []).push(...named);
            }
            continue;
        }
        if (name) {
            (node.matches(DEFERRED_FIELD) ? late : kept).add(name);
        }
        named.forEach((word) => kept.add(word));
    }
    for (const name of [...kept, ...late]) {
        (words[name] || []).forEach((word) => kept.add(word));
    }
    for (const name of kept) {
        (words[name] || []).forEach((word) => kept.add(word)); // a set goes on with what is added meanwhile
    }
    return {
        late: [...late],
        pages: Object.fromEntries(
            Object.entries(pages).map(([page, names]) => [
                page,
                [...names].filter((name) => !kept.has(name) && !late.has(name)),
            ])
        ),
    };
}

/** Keeps for one form's model what of it was read; see the head of the file. */
class Deferral {
    constructor({ late, pages }) {
        this.late = late;
        this.pages = pages;
        this.opened = new Set();
    }

    install(model) {
        const deferral = this;
        const { _getNextConfig, _loadRecords } = model;
        const { onRootLoaded } = model.hooks;
        model.deferral = this;
        model._getNextConfig = function () {
            return deferral.restrict(_getNextConfig.apply(this, arguments));
        };
        model._loadRecords = function (config, ...others) {
            deferral.isFirst = !this.root;
            if (config.isRoot && config.resId && deferral.isFirst) {
                config = { ...config, activeFields: omit(config.activeFields, ...deferral.late) };
            }
            return _loadRecords.call(this, config, ...others);
        };
        model.hooks.onRootLoaded = async (root) => {
            await onRootLoaded(root);
            if (deferral.isFirst) {
                this.readLate(root, _loadRecords);
            }
        };
    }

    /** Leave out of a configuration what pages show that nobody has opened. */
    restrict(config) {
        if (!config.isMonoRecord) {
            return config;
        }
        this.all ||= config.activeFields;
        if (!config.resId) {
            Object.keys(this.pages).forEach((page) => this.opened.add(page));
            config.activeFields = { ...this.all, ...config.activeFields };
            return config;
        }
        const read = new Set([...this.opened].flatMap((page) => this.pages[page]));
        const unread = Object.values(this.pages).flat().filter((name) => !read.has(name));
        config.activeFields = omit({ ...pick(this.all, ...read), ...config.activeFields }, ...unread);
        return config;
    }

    /** Read what a page shows, before it is shown. */
    async open(record, page) {
        this.opened.add(page);
        const names = (this.pages[page] || []).filter((name) => !(name in record.activeFields));
        if (!names.length || !record.resId) {
            return;
        }
        const activeFields = pick(this.all, ...names);
        const [values] = await record.model._loadRecords({ ...record.config, activeFields });
        record.config.activeFields = markRaw({ ...record.activeFields, ...activeFields });
        record._applyValues(values);
    }

    async readLate(root, loadRecords) {
        const activeFields = pick(root.activeFields, ...this.late);
        if (root.resId && Object.keys(activeFields).length) {
            const [values] = await loadRecords.call(root.model, { ...root.config, activeFields });
            root._applyValues(values);
        }
    }
}

/** Content of a page, as soon as its fields were read. */
export class DeferredPage extends Component {
    static template = xml`<t t-slot="default"/>`;
    static props = { name: String, record: Object, slots: Object };

    setup() {
        onWillStart(() => this.open(this.props));
        onWillUpdateProps((nextProps) => this.open(nextProps));
    }

    open({ name, record }) {
        return record.model.deferral?.open(record, name);
    }
}

patch(FormController.prototype, {
    setup() {
        super.setup(...arguments);
        const { xmlDoc } = this.archInfo;
        if (xmlDoc.querySelector(`${DEFERRED_PAGE}, ${DEFERRED_FIELD}`)) {
            new Deferral(parseDeferred(xmlDoc)).install(toRaw(this.model));
        }
    },
});

patch(FormCompiler.prototype, {
    setup() {
        super.setup();
        this.compilers.push({ selector: "deferred_page", fn: this.compileDeferredPage });
    },
    compileNotebook(el) {
        for (const page of el.children) {
            if (page.matches(DEFERRED_PAGE)) {
                const deferred = createElement("deferred_page", { name: page.getAttribute("name") });
                deferred.append(...page.childNodes);
                page.append(deferred);
            }
        }
        return super.compileNotebook(...arguments);
    },
    compileDeferredPage(el, params) {
        const page = createElement("DeferredPage", {
            name: toStringExpression(el.getAttribute("name")),
            record: "__comp__.props.record",
        });
        const slot = createElement("t", { "t-set-slot": "default" });
        append(page, slot);
        for (const child of el.children) {
            append(slot, this.compileNode(child, { ...params, currentSlot: slot }));
        }
        return page;
    },
});

FormRenderer.components = { ...FormRenderer.components, DeferredPage };

patch(Record.prototype, {
    /** An answer may hold less than was read since: it leaves the rest as it is. */
    _setData(data) {
        const names =
            this._values && this.config.isRoot && this.model.deferral && this.resId
                ? this.fieldNames.filter((name) => !(name in data))
                : [];
        if (!names.length) {
            return super._setData(...arguments);
        }
        const [values, texts] = [pick(this._values, ...names), pick(this._textValues, ...names)];
        const [, ...options] = arguments;
        super._setData({ ...this._getDefaultValues(names), ...data }, ...options);
        Object.assign(this._values, values);
        Object.assign(this.data, values, pick(this._changes, ...names));
        Object.assign(this._textValues, texts);
        this._initialTextValues = { ...this._textValues };
        this._setEvalContext();
    },
});
