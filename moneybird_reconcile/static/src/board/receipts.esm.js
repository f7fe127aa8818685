import {_t} from "@web/core/l10n/translation";

export const PAGE = 100;

export const TABS = [
    {
        id: "open",
        name: _t("Open"),
        domain: [["state", "in", ["waiting", "open"]]],
        order: "date, id",
    },
    {
        id: "report",
        name: _t("Report"),
        domain: [["state", "=", "matched"]],
        order: "date_done desc, id desc",
    },
    {
        id: "error",
        name: _t("Errors"),
        domain: [["state", "=", "error"]],
        order: "date, id",
    },
];

/** Daily checks that a person has to look at. */
export const CHECKS_TO_DO = [["state", "in", ["differs", "failed"]]];

/** What a service calls itself. */
export const SOURCES = {ccv: "CCV", mollie: "Mollie", bank: _t("Bank file")};

export const ROW = {
    name: {},
    date: {},
    amount: {},
    currency_id: {fields: {display_name: {}}},
    payer_name: {},
    reason: {},
    source: {},
    age: {},
    state: {},
    user_id: {fields: {display_name: {}}},
    best_score: {},
};

export const DETAIL = {
    ...ROW,
    amount_left: {},
    method: {},
    provider_status: {},
    payer_iban: {},
    description: {},
    order_reference: {},
    external_id: {},
    transaction_id: {fields: {display_name: {}}},
    proposal_ids: {
        fields: {
            name: {},
            partner_name: {},
            score: {},
            amount: {},
            is_automatic: {},
            evidence_text: {},
            against_text: {},
            line_ids: {fields: {name: {}, amount: {}, amount_open: {}}},
        },
    },
    booking_ids: {
        fields: {
            item_name: {},
            amount: {},
            amount_written_off: {},
            ledger_account_id: {fields: {display_name: {}}},
            state: {},
            is_live: {},
            label: {},
            reason: {},
            evidence_text: {},
            user_id: {fields: {display_name: {}}},
        },
    },
};
