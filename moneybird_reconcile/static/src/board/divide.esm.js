import {Component, onMounted, onWillUpdateProps, useRef, useState} from "@odoo/owl";
import {formatFloat, formatMonetary} from "@web/views/fields/formatters";
import {KeepLast} from "@web/core/utils/concurrency";
import {parseFloat as parseNumber} from "@web/views/fields/parsers";
import {useService} from "@web/core/utils/hooks";

/** In Odoo, and at Moneybird. */
const ACCOUNTS = ["account", "moneybird_account"];

function isWriteOff(line) {
    return ACCOUNTS.includes(line.ledger);
}

/** A write-off needs its reason. */
function isNamed(line) {
    return !isWriteOff(line) || line.label.trim();
}

/** Divide one receipt over items and write-offs; one box finds both. */
export class Divide extends Component {
    static template = "moneybird_reconcile.Divide";
    static props = {receipt: Object, onDone: Function, onCancel: Function};

    isWriteOff = isWriteOff;

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.search = useRef("search");
        this.state = useState({text: "", found: [], place: 0, lines: []});
        onMounted(() => {
            this.search.el.focus();
            this.find();
        });
        onWillUpdateProps((next) => {
            if (next.receipt.id !== this.props.receipt.id) {
                this.state.lines = [];
            }
        });
    }

    money(value) {
        return formatMonetary(value, {currencyId: this.props.receipt.currency_id?.id});
    }

    amountOf(line) {
        try {
            return parseNumber(line.amount);
        } catch {
            return NaN;
        }
    }

    get left() {
        const parts = this.state.lines.map((line) => this.amountOf(line));
        const used = parts.reduce((sum, part) => sum + part, 0);
        return Math.round((this.props.receipt.amount_left - used) * 100) / 100;
    }

    get isReady() {
        const {lines} = this.state;
        const sign = Math.sign(this.props.receipt.amount_left);
        return lines.length && lines.every(isNamed) && this.left * sign >= 0;
    }

    async find() {
        const id = this.props.receipt.id;
        this.state.found = await this.keepLast.add(
            this.orm.call("matching.receipt", "action_find_items", [
                [id],
                this.state.text,
                // All parts are in one ledger: the first one says in which.
                this.state.lines[0]?.ledger || false,
            ])
        );
        this.state.place = 0;
    }

    pick(row) {
        const left = this.left;
        const isAll = isWriteOff(row) || Math.abs(row.amount_open) > Math.abs(left);
        const amount = isAll ? left : row.amount_open;
        const shown = formatFloat(amount, {digits: [16, 2], thousandsSep: ""});
        this.state.lines.push({...row, amount: shown, label: ""});
        this.state.text = "";
        this.state.found = [];
        this.search.el.focus();
    }

    onSearchKey(ev) {
        const step = {ArrowDown: 1, ArrowUp: -1}[ev.key];
        if (step) {
            const last = this.state.found.length - 1;
            this.state.place = Math.min(last, Math.max(0, this.state.place + step));
        } else if (ev.key === "Enter") {
            const row = this.state.found[this.state.place];
            if (row) {
                this.pick(row);
            }
        } else {
            return;
        }
        ev.preventDefault();
    }

    remove(place) {
        this.state.lines.splice(place, 1);
        this.search.el.focus();
    }

    /**
     * Book only shows that it is not ready and is never disabled: the screen follows a
     * frame later, and the browser drops an Enter while the button is disabled.
     */
    async book() {
        if (this.isReady) {
            await this.props.onDone(
                this.state.lines.map((line) => ({
                    ledger: line.ledger,
                    id: line.id,
                    amount: this.amountOf(line),
                    label: line.label,
                }))
            );
        }
    }
}
