import {CHECKS_TO_DO, DETAIL, PAGE, ROW, TABS} from "./receipts.esm";
import {_t} from "@web/core/l10n/translation";
import {useService} from "@web/core/utils/hooks";
import {useState} from "@odoo/owl";
import {user} from "@web/core/user";

const MODEL = "matching.receipt";

/**
 * The receipts on the board and what is done to them; no looks in here.
 *
 * @returns {Object} state and the steps on it
 */
export function useBoard() {
    const orm = useService("orm");
    const notification = useService("notification");
    const state = useState({
        tab: "open",
        search: "",
        counts: {},
        rows: [],
        total: 0,
        detail: null,
        lastDone: null,
        busy: false,
    });

    function say(text, type = "success") {
        notification.add(text, {type});
    }

    function domainOf(tab) {
        const typed = state.search.trim();
        if (!typed) {
            return tab.domain;
        }
        const names = ["name", "payer_name", "description", "external_id"];
        const parts = names.map((name) => [name, "ilike", typed]);
        return [...tab.domain, "|", "|", "|", ...parts];
    }

    async function count() {
        const [states, checks, made] = await Promise.all([
            orm.formattedReadGroup(
                MODEL,
                [["state", "in", ["waiting", "open", "matched", "error"]]],
                ["state"],
                ["__count"]
            ),
            orm.searchCount("matching.check", CHECKS_TO_DO),
            orm.searchCount("matching.check", [], {limit: 1}),
        ]);
        const found = Object.fromEntries(states.map((row) => [row.state, row.__count]));
        state.counts = {
            open: (found.waiting || 0) + (found.open || 0),
            report: found.matched || 0,
            error: found.error || 0,
            checks,
            isChecked: Boolean(made),
        };
    }

    async function load() {
        const tab = TABS.find((one) => one.id === state.tab) || TABS[0];
        const [page] = await Promise.all([
            orm.webSearchRead(MODEL, domainOf(tab), {
                specification: ROW,
                limit: PAGE,
                order: tab.order,
            }),
            count(),
        ]);
        state.rows = page.records;
        state.total = page.length;
    }

    async function select(id) {
        const [detail] = id
            ? await orm.webRead(MODEL, [id], {specification: DETAIL})
            : [null];
        state.detail = detail || null;
    }

    async function open(tab) {
        state.tab = tab;
        await load();
        await select(state.rows[0]?.id);
    }

    /** Do something, then go on with the line that took the place of this one. */
    async function settle(model, method, args) {
        if (state.busy) {
            return;
        }
        state.busy = true;
        const id = state.detail?.id;
        const place = Math.max(0, state.rows.findIndex((row) => row.id === id));
        try {
            await orm.call(model, method, args);
            state.lastDone = method === "action_undo" ? null : id;
        } finally {
            await load();
            const still = state.rows.find((row) => row.id === id);
            const next = still || state.rows[Math.min(place, state.rows.length - 1)];
            await select(next?.id);
            state.busy = false;
        }
    }

    async function processAll() {
        const ids = state.rows.map((row) => row.id);
        if (ids.length) {
            await settle(MODEL, "action_process", [ids]);
            say(_t("%s receipts were looked at again.", ids.length));
        }
    }

    async function move(step) {
        const place = state.rows.findIndex((row) => row.id === state.detail?.id);
        const next = state.rows[place + step];
        if (next) {
            await select(next.id);
        }
    }

    async function takeOver() {
        await orm.write(MODEL, [state.detail.id], {user_id: user.userId});
        await load();
        await select(state.detail.id);
    }

    return {state, say, load, open, select, settle, processAll, move, takeOver};
}
