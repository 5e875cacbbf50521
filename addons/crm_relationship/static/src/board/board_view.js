import { onWillStart, useSubEnv } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { RelationalModel } from "@web/model/relational_model/relational_model";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { KanbanHeader } from "@web/views/kanban/kanban_header";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";

const BOARD_FIELDS = ["board_week", "board_month"];

function formatDay(isoDate) {
    return luxon.DateTime.fromISO(isoDate).toLocaleString({ weekday: "short", day: "numeric", month: "short" });
}

/**
 * Cards of a board. A meeting opens instead of being moved; after a move, or a quick create with a date of its own, the
 * card stands in the column that its date really has.
 */
class BoardGroupList extends RelationalModel.DynamicGroupList {
    async moveRecord(dataRecordId, dataGroupId, refId, targetGroupId) {
        const fieldName = this.groupByField.name;
        if (dataGroupId === targetGroupId || !BOARD_FIELDS.includes(fieldName)) {
            return super.moveRecord(...arguments);
        }
        const group = this.groups.find((g) => g.id === dataGroupId);
        const record = group.list.records.find((r) => r.id === dataRecordId);
        const meeting = record.data.calendar_event_id;
        if (meeting) {
            this.model.notification.add(
                _t("“%s” is a meeting: moving the card would write to the guests. Set its new time here.", meeting.display_name),
                { type: "info" }
            );
            return this.model.action.doAction({
                type: "ir.actions.act_window",
                res_model: "calendar.event",
                res_id: meeting.id,
                views: [[false, "form"]],
            });
        }
        await super.moveRecord(...arguments);
        const target = this.groups.find((g) => g.id === targetGroupId);
        await this.settle(record, target);
        this.model.loadOverview(); // the card needn't wait for it
    }

    /** Reload when a card isn't in the column of its date, and say where it went. */
    async settle(record, group) {
        const fieldName = this.groupByField.name;
        const bucket = record.data[fieldName];
        if (!BOARD_FIELDS.includes(fieldName) || bucket === group.value) {
            return;
        }
        const label = this.fields[fieldName].selection.find(([value]) => value === bucket)?.[1];
        this.model.notification.add(
            _t("Moved to %(date)s, which stands in “%(column)s”.", {
                date: record.data.date_deadline.toLocaleString({ weekday: "long", day: "numeric", month: "long" }),
                column: label,
            }),
            { type: "info" }
        );
        await this.model.load();
    }
}

/** Besides the cards: tasks over several columns, and on the month board what the month is to bring. */
class BoardModel extends RelationalModel {
    static DynamicGroupList = BoardGroupList;
    static services = [...new Set([...RelationalModel.services, "action", "notification"])];

    async load() {
        await super.load(...arguments);
        await this.loadOverview();
    }

    async loadOverview() {
        const fieldName = this.root.groupByField?.name;
        if (!BOARD_FIELDS.includes(fieldName)) {
            this.overview = undefined;
            return;
        }
        const overview = await this.orm.silent.call("mail.activity", "get_board_overview", [this.root.domain, fieldName]);
        if (JSON.stringify(overview) !== JSON.stringify(this.overview)) {
            this.overview = overview;
            this.bus.trigger("update");
        }
    }

    /** Open a record in a dialog; what was changed there shows on the board. */
    openDialog(action) {
        return this.action.doAction({ ...action, target: "new" }, { onClose: () => this.load() });
    }
}

class BoardController extends KanbanController {
    static template = "crm_relationship.BoardView";

    setup() {
        super.setup();
        const orm = useService("orm");
        this.boardColumns = {};
        useSubEnv({ boardColumns: this.boardColumns });
        onWillStart(async () => {
            Object.assign(this.boardColumns, await orm.call("mail.activity", "get_board_columns", []));
        });
    }

    get arrangements() {
        return this.model.root.groupByField?.name === "board_month" && this.model.overview?.arrangements;
    }

    openArrangement(id) {
        return this.model.openDialog({
            type: "ir.actions.act_window",
            name: _t("Month Arrangement"),
            res_model: "crm.month.arrangement",
            res_id: id,
            views: [[false, "form"]],
        });
    }

    /** Plan new work from today on, never in a column of the past. */
    async createRecord() {
        const { root } = this.model;
        const columns = this.boardColumns[root.groupByField?.name];
        const group = columns && root.groups.find((g) => columns[g.value]?.target);
        if (!group || !this.canQuickCreate) {
            return super.createRecord();
        }
        if (group.isFolded) {
            await group.toggle();
        }
        this.quickCreateState.groupId = group.id;
    }
}

/** Column title with the days that stand in it: the week of a month, or the day that a dropped card gets. */
class BoardHeader extends KanbanHeader {
    static template = "crm_relationship.BoardHeader";

    get boardColumns() {
        return this.env.boardColumns?.[this.group.groupByField.name];
    }

    get boardColumn() {
        return this.boardColumns?.[this.group.value] || {};
    }

    get boardDays() {
        const { first, last, target, over } = this.boardColumn;
        if (this.group.groupByField.name === "board_month") {
            return first && last ? `${formatDay(first)} – ${formatDay(last)}` : "";
        }
        if (!target && over === false) {
            return _t("no workday left");
        }
        return target ? formatDay(target) : "";
    }

    get boardSpanning() {
        return (!this.group.isFolded && this.props.list.model.overview?.spanning[this.group.value]) || [];
    }

    async openTask(id) {
        const { model } = this.props.list;
        model.openDialog(await this.orm.call("mail.activity", "action_board_edit", [[id]]));
    }

    get boardHint() {
        const { target, over } = this.boardColumn;
        if (!target && over === false) {
            return _t("Nothing can be planned here: no workday is left");
        }
        return target ? _t("A card dropped here is planned for %s", formatDay(target)) : _t("Nothing can be planned here");
    }

    canQuickCreate() {
        return super.canQuickCreate() && (!this.boardColumns || Boolean(this.boardColumn.target));
    }
}

class BoardRenderer extends KanbanRenderer {
    static components = { ...KanbanRenderer.components, KanbanHeader: BoardHeader };

    async validateQuickCreate(recordId, mode, group) {
        await super.validateQuickCreate(...arguments);
        const record = group.list.records.find((r) => r.resId === recordId);
        if (record && mode !== "edit") {
            await this.props.list.settle(record, group);
        }
    }
}

export const relationshipBoardView = {
    ...kanbanView,
    Model: BoardModel,
    Controller: BoardController,
    Renderer: BoardRenderer,
};

registry.category("views").add("relationship_board", relationshipBoardView);
