import {TABS} from "./receipts.esm";
import {_t} from "@web/core/l10n/translation";
import {useEffect} from "@odoo/owl";
import {useHotkey} from "@web/core/hotkeys/hotkey_hook";

export const KEYS = [
    ["↑ ↓", _t("another line")],
    ["← →", _t("another tab")],
    ["1 2 3", _t("accept")],
    ["S", _t("split or write off")],
    ["P", _t("process")],
    ["I", _t("more info")],
    ["R", _t("report problem")],
    ["L", _t("leave out")],
    ["U", _t("undo")],
    ["O", _t("take over")],
    ["D", _t("daily checks")],
    ["F", _t("search")],
];

/**
 * A hundred lines without a mouse.
 *
 * @param {MatchingBoard} board the component that the keys belong to
 */
export function useBoardKeys(board) {
    const turn = (step) => {
        const place = TABS.findIndex((tab) => tab.id === board.state.tab);
        return board.openTab(TABS[(place + step + TABS.length) % TABS.length].id);
    };
    useHotkey("arrowdown", () => board.board.move(1), {allowRepeat: true});
    useHotkey("arrowup", () => board.board.move(-1), {allowRepeat: true});
    useHotkey("arrowright", () => turn(1));
    useHotkey("arrowleft", () => turn(-1));
    useHotkey("1", () => board.accept(0));
    useHotkey("2", () => board.accept(1));
    useHotkey("3", () => board.accept(2));
    useHotkey("s", () => board.isPending && board.show("divide"));
    useHotkey("p", () => board.act("action_process"));
    useHotkey("shift+p", () => board.board.processAll());
    useHotkey("i", () => board.receipt && board.show("info"));
    useHotkey("r", () => board.reportProblem());
    useHotkey("l", () => board.act("action_ignore"));
    useHotkey("u", () => board.undo());
    useHotkey("o", () => board.takeOver());
    useHotkey("d", () => board.openChecks());
    useHotkey("f", () => document.querySelector(".o_matching_search")?.focus());
    useHotkey("escape", () => {
        document.activeElement?.blur();
        board.panel.mode = "candidates";
        board.panel.onPhone = false;
    });
    board.keys = KEYS;
    useEffect(
        () => {
            document
                .querySelector(".o_matching_row.active")
                ?.scrollIntoView({block: "nearest"});
        },
        () => [board.state.detail?.id]
    );
}
