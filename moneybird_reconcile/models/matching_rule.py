from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.learned import Past, back_test
from ..engine.names import normalise_name

LOOK_BACK = "-24m"


class MatchingRule(models.Model):
    """What matches by hand teach: who pays for whom, and what goes on which account.

    A rule is only suggested until a person switches it on; the back-test shows how
    often it would have been right and wrong on receipts that are done. One that was
    wrong cannot be switched on.
    """

    _name = "matching.rule"
    _description = "Learned rule"
    _order = "state, count_taught desc, id"
    _rec_name = "payer"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    payer = fields.Char("Payments of", required=True, readonly=True)
    payer_key = fields.Char(required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Are for", readonly=True, index="btree_not_null"
    )
    account_id = fields.Many2one(
        "account.account", "Go on account", readonly=True, check_company=True
    )
    label = fields.Char("Reason of the write-off", readonly=True)
    count_taught = fields.Integer("Taught", readonly=True, default=1)
    count_right = fields.Integer("Would have been right", readonly=True)
    count_wrong = fields.Integer("Would have been wrong", readonly=True)
    date_tested = fields.Datetime("Tested on", readonly=True)
    state = fields.Selection(
        [("suggested", "Suggested"), ("on", "On"), ("off", "Off")],
        required=True,
        default="suggested",
        readonly=True,
        index=True,
    )
    user_id = fields.Many2one("res.users", "Switched by", readonly=True)

    _rule_uniq = models.UniqueIndex(
        "(company_id, payer_key, COALESCE(partner_id, 0), COALESCE(account_id, 0))",
        "This rule is here already.",
    )

    # === Learning ==================================================================

    def _learn(self, company, payer, partner, account, label=""):
        """Note one example that a person gave; the first makes a suggestion.

        :param payer: name of the payer as the receipt tells it
        :param partner: customer whose items were paid (empty for a write-off)
        :param account: account of a write-off (empty for a customer)
        """
        key = normalise_name(payer or "")
        is_known = partner and normalise_name(partner.name or "") == key
        if not key or is_known or bool(partner) == bool(account):
            return self.browse()
        rule = self.search(
            [
                ("company_id", "=", company.id),
                ("payer_key", "=", key),
                ("partner_id", "=", partner.id),
                ("account_id", "=", account.id),
            ]
        )
        if rule:
            rule.count_taught += 1
        else:
            rule = self.create(
                {
                    "company_id": company.id,
                    "payer": payer,
                    "payer_key": key,
                    "partner_id": partner.id,
                    "account_id": account.id,
                    "label": label,
                }
            )
        rule._test()
        return rule

    # === Back-test =================================================================

    def _test(self):
        """Play the rules over the receipts of two years that are done."""
        for company, rules in self.grouped("company_id").items():
            past = self._get_past(company, set(rules.mapped("payer_key")))
            for rule in rules:
                target = self._to_target(rule.partner_id, rule.account_id)
                result = back_test(rule.payer, target, past)
                rule.write(
                    {
                        "count_right": result.right,
                        "count_wrong": result.wrong,
                        "date_tested": fields.Datetime.now(),
                    }
                )

    @api.model
    def _get_past(self, company, keys):
        """What became of receipts of these payers.

        :param keys: names as rules compare them
        """
        domain = [
            ("company_id", "=", company.id),
            ("state", "=", "matched"),
            ("payer_name", "!=", False),
            ("date", ">=", LOOK_BACK),
            ("booking_ids.is_live", "=", True),
        ]
        receipts = self.env["matching.receipt"]
        # Names are few and receipts many: only theirs are read.
        spelled = [
            name
            for (name,) in receipts._read_group(domain, ["payer_name"])
            if normalise_name(name) in keys
        ]
        receipts = receipts.search([*domain, ("payer_name", "in", spelled)])
        past = []
        for receipt in receipts:
            live = receipt.booking_ids.filtered("is_live")
            customers = live.move_line_id.partner_id.commercial_partner_id
            accounts = live.account_id if not customers else live.account_id.browse()
            if len(customers or accounts) == 1:
                target = self._to_target(customers, accounts)
                past.append(Past(receipt.payer_name, target))
            elif customers or accounts:
                past.append(Past(receipt.payer_name, "several"))
        return past

    @staticmethod
    def _to_target(partner, account):
        if partner:
            return f"customer:{partner.commercial_partner_id.id}"
        return f"account:{account.id}"

    # === Switching =================================================================

    def action_test(self):
        """Run the back-test again."""
        self.check_access("read")
        # The figures are our own work; looking is everybody's who sees the rules.
        self.sudo()._test()
        return True

    def action_switch_on(self):
        """Let rules help from now on.

        :raises UserError: one of them would have been wrong
        """
        self.check_access("write")
        self.sudo()._test()
        for rule in self:
            if rule.count_wrong or not rule.count_right:
                raise UserError(
                    self.env._(
                        "The rule for “%(payer)s” would have been right %(right)s and "
                        "wrong %(wrong)s times. It cannot be switched on.",
                        payer=rule.payer,
                        right=rule.count_right,
                        wrong=rule.count_wrong,
                    )
                )
        self.write({"state": "on", "user_id": self.env.uid})
        return True

    def action_switch_off(self):
        """Do not use rules any more, nor suggest them again."""
        self.check_access("write")
        self.write({"state": "off", "user_id": self.env.uid})
        return True

    @api.model
    def _get_active(self, company):
        """Rules that are on, by the payer's name as rules compare it.

        :return: dict payer key → rule
        """
        rules = self.search([("company_id", "=", company.id), ("state", "=", "on")])
        return {rule.payer_key: rule for rule in rules}
