import {Component, onWillStart, useState} from "@odoo/owl";
import {Divide} from "./divide.esm";
import {Layout} from "@web/search/layout";
import {MoreInfo} from "./more_info.esm";
import {SOURCES, TABS} from "./receipts.esm";
import {_t} from "@web/core/l10n/translation";
import {formatDate} from "@web/core/l10n/dates";
import {formatMonetary} from "@web/views/fields/formatters";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useBoard} from "./use_board.esm";
import {useBoardKeys} from "./board_keys.esm";
import {useService} from "@web/core/utils/hooks";

/**
 * Payments on one screen: receipts left, candidates with their evidence right.
 *
 * Everything goes through the models' own actions, as the user who is signed in.
 */
export class MatchingBoard extends Component {
    static template = "moneybird_reconcile.MatchingBoard";
    static components = {Divide, Layout, MoreInfo};
    static props = {...standardActionServiceProps};

    setup() {
        this.tabs = TABS;
        this.sources = SOURCES;
        this.display = {controlPanel: {}};
        this.action = useService("action");
        this.panel = useState({mode: "candidates", onPhone: false});
        this.board = useBoard();
        this.state = this.board.state;
        useBoardKeys(this);
        const wanted = this.props.action.context?.default_tab;
        onWillStart(() => this.board.open(wanted || "open"));
    }

    get receipt() {
        return this.state.detail;
    }

    money(value) {
        return formatMonetary(value, {currencyId: this.receipt?.currency_id?.id});
    }

    amountOf(row) {
        return formatMonetary(row.amount, {currencyId: row.currency_id?.id});
    }

    dateOf(value) {
        return value ? formatDate(luxon.DateTime.fromISO(value)) : "";
    }

    get isPending() {
        return ["open", "error", "ignored"].includes(this.receipt?.state);
    }

    get canUndo() {
        return (
            this.receipt?.booking_ids.some((row) => row.is_live) &&
            !this.receipt.transaction_id
        );
    }

    show(mode) {
        this.panel.mode = this.panel.mode === mode ? "candidates" : mode;
    }

    openTab(tab) {
        this.panel.mode = "candidates";
        this.panel.onPhone = false;
        return this.board.open(tab);
    }

    async select(row) {
        this.panel.mode = "candidates";
        this.panel.onPhone = true;
        await this.board.select(row.id);
    }

    async accept(number) {
        const proposal = this.receipt?.proposal_ids[number];
        if (proposal && this.isPending) {
            await this.board.settle("matching.proposal", "action_accept", [
                [proposal.id],
            ]);
        }
    }

    async divide(lines) {
        await this.board.settle("matching.receipt", "action_match", [
            [this.receipt.id],
            lines,
        ]);
        this.panel.mode = "candidates";
    }

    async act(name) {
        if (this.receipt) {
            await this.board.settle("matching.receipt", name, [[this.receipt.id]]);
        }
    }

    async undo() {
        const id = this.canUndo ? this.receipt.id : this.state.lastDone;
        if (id) {
            await this.board.settle("matching.receipt", "action_undo", [[id]]);
        } else {
            this.board.say(_t("There is nothing to undo."), "warning");
        }
    }

    async takeOver() {
        if (this.receipt) {
            await this.board.takeOver();
        }
    }

    async reportProblem() {
        if (this.receipt) {
            await this.action.doAction("moneybird_reconcile.matching_problem_action", {
                additionalContext: {default_receipt_id: this.receipt.id},
            });
        }
    }

    openChecks() {
        return this.action.doAction("moneybird_reconcile.matching_check_action", {
            additionalContext: {search_default_to_do: Boolean(this.state.counts.checks)},
        });
    }

    openForm() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "matching.receipt",
            res_id: this.receipt.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("moneybird_reconcile.board", MatchingBoard);
