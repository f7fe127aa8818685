from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import format_date

from ..engine import fees, guards, interest, law

#: channels that leave no proof of what was said
UNPROVEN = ("manual", "sms")


class DunningCase(models.Model):
    """Costs and interest of a case: ask the law, keep its answer, book it."""

    _inherit = "dunning.case"

    charge_ids = fields.One2many(
        "dunning.charge", "case_id", string="Costs and Interest", readonly=True
    )
    amount_charged = fields.Monetary(
        string="Costs and Interest Booked", compute="_compute_amount_charged"
    )
    fee_note = fields.Char(compute="_compute_fee_note", string="Costs")

    @api.depends("charge_ids.amount", "charge_ids.state")
    def _compute_amount_charged(self):
        for case in self:
            booked = case.charge_ids.filtered(lambda one: one.state == "booked")
            case.amount_charged = sum(one._get_total() for one in booked)

    @api.depends("sent_message_ids.state", "charge_ids.state")
    @api.depends_context("lang")
    def _compute_fee_note(self):
        for company, cases in self.grouped("company_id").items():
            facts = self.env["dunning.planner"]._load(company, cases.partner_id)
            for case in cases:
                case.fee_note = case._get_fee_words(
                    facts.get_debtor(case.partner_id.id)
                )

    def _get_fee_words(self, debtor):
        """What costs would be lawful today, or why not."""
        # The books are read past the reader's rights; only words come out.
        answer = self.sudo()._decide_costs(debtor, "costs", None)
        if isinstance(answer, fees.Amount):
            amount = self.currency_id.format(float(answer.value))
            return self.env._(
                "%(amount)s lawful now (%(rule)s)", amount=amount, rule=answer.code
            )
        words = self.env["dunning.charge"]._get_rule_words(answer.code)
        if answer.earliest:
            return self.env._(
                "Not before %(date)s (%(rule)s)",
                date=format_date(self.env, answer.earliest),
                rule=answer.code,
            )
        return f"{words} ({answer.code})"

    # === FACTS FOR THE LAW === #

    def _get_notices(self, line_ids):
        """Notices that left, by open item, oldest first.

        :rtype: dict[int, list[engine.law.Notice]]
        """
        found = {line_id: [] for line_id in line_ids}
        lines = self.env["dunning.message.line"].search(
            [
                ("move_line_id", "in", list(line_ids)),
                ("is_void", "=", False),
                ("message_id.state", "=", "sent"),
                ("message_id.channel", "not in", UNPROVEN),
            ],
            order="message_id, id",
        )
        arrivals = lines.message_id._find_arrivals()
        for line in lines:
            message = line.message_id
            named = message.law_wording and Decimal(str(message.amount_named))
            notice = law.Notice(
                sent=message._get_term_day(),
                channel=message.channel,
                is_formal=message.type_id.is_formal,
                wording=message.law_wording or "",
                named=named or None,
                names_vat=bool(message.amount_vat_named),
                is_proven=message._is_proven(arrivals),
            )
            found[line.move_line_id.id].append(notice)
        return found

    def _get_claims(self, debtor):
        """Open items of a debtor as the law looks at them.

        What is not reminded of (in a plan, disputed, being paid) costs nothing.

        :rtype: tuple[engine.fees.Claim]
        """
        items = [one for one in debtor.items if not one.is_charge]
        notices = self._get_notices([one.id for one in items])
        booked = self._get_asked("costs").line_ids.move_line_id.ids
        ranks = self._get_ranks(items)
        policy, country = debtor.policy, debtor.get_country()
        return tuple(
            fees.Claim(
                id=item.id,
                due=item.due,
                open=item.asked,
                notices=tuple(notices[item.id]),
                is_charged=item.id in booked,
                default_since=law.get_default_day(
                    country, item.due, notices[item.id], policy.default_rule or ""
                ),
                rank=ranks[item.id],
            )
            for item in items
            if not guards.find_item_refusal(item)
        )

    def _get_asked(self, kind):
        """What was asked for and is not asked for again: booked, or let off."""
        return self.charge_ids.filtered(
            lambda charge: (
                charge.kind == kind and (charge.state == "booked" or charge.is_let_off)
            )
        )

    def _get_ranks(self, items):
        """Place of each item among the reminded due dates of its calendar year.

        Costs that were asked for again are no due date of their own.
        """
        reminded = self.env["dunning.message.line"].search(
            [
                ("message_id.case_id.partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("is_void", "=", False),
                ("is_again", "=", False),
            ]
        )
        days = {line.date_due for line in reminded}
        return {
            item.id: 1
            + len([day for day in days if day < item.due and day.year == item.due.year])
            for item in items
        }

    def _get_real_costs(self, claims):
        """What letters about items in default cost at the printer (DE)."""
        starts = [one.default_since for one in claims if one.default_since]
        if not starts:
            return Decimal(0)
        planner = self.env["dunning.planner"]
        letters = self.sent_message_ids.filtered(
            lambda message: (
                message.state == "sent"
                and message.channel == "post"
                and planner._get_sent_day(message) >= min(starts)
            )
        )
        return Decimal(str(sum(letters.mapped("cost"))))

    # === DECIDING === #

    def _decide_costs(self, debtor, kind, step):
        """Ask the law for costs or for the price of a reminder.

        :rtype: engine.fees.Amount | engine.law.Refusal
        """
        if self.currency_id.name != "EUR":
            return law.Refusal(law.RULE_MISSING)
        claims, policy = self._get_claims(debtor), debtor.policy
        wanted = step.cost_amount if step else 0
        today = debtor.facts.today
        ask = fees.Ask(
            country=debtor.get_country(),
            debtor=debtor.get_kind(),
            claims=claims,
            charged=Decimal(str(sum(self._get_asked(kind).mapped("amount")))),
            wanted=Decimal(str(wanted)) if wanted else None,
            has_clause=policy.has_clause,
            is_special=policy.is_special_sector,
            real_costs=self._get_real_costs(claims),
            vat=self._get_vat(debtor, claims) if kind == "costs" else None,
            is_stale=debtor.facts.is_stale,
            is_on_hold=bool(debtor.hold_until and debtor.hold_until > today),
            is_disputed=not claims
            and any(one.is_blocked or one.asked <= 0 for one in debtor.items),
        )
        decide = fees.decide_costs if kind == "costs" else fees.decide_reminder
        return decide(debtor.facts.book, ask, today)

    def _decide_interest(self, debtor):
        """Ask the law for interest, item by item.

        :return: one answer per item that has one, or the refusal of all
        :rtype: list[engine.fees.Amount] | engine.law.Refusal
        """
        policy, book = debtor.policy, debtor.facts.book
        rate = policy.has_clause and policy.clause_rate
        agreed = Decimal(str(rate)) if rate else None
        terms = interest.Terms(
            debtor.get_country(),
            debtor.get_kind(),
            agreed,
            policy.day_count or interest.ACTUAL,
        )
        granted, refusal = [], law.Refusal(fees.NO_COST)
        for claim in self._get_claims(debtor):
            start = interest.find_start(book, terms, claim)
            if isinstance(start, law.Refusal):
                refusal = start
                continue
            running = self._get_running(claim, start)
            answer = interest.decide_interest(
                book, terms, (running,), debtor.facts.today
            )
            if isinstance(answer, fees.Amount):
                granted.append(answer)
            elif answer.code != fees.NO_COST:
                return answer
        return granted or refusal

    def _get_running(self, claim, start):
        """A claim with what was open of it since its interest began."""
        line = self.env["account.move.line"].browse(claim.id)
        partials = line.matched_credit_ids.sorted("max_date")
        open_amount = Decimal(str(line.balance))
        balances = [(line.date, open_amount)]
        for partial in partials:
            open_amount -= Decimal(str(partial.amount))
            balances.append((max(partial.max_date, line.date), open_amount))
        booked = self._get_asked("interest").line_ids.filtered(
            lambda one: one.move_line_id.id == claim.id
        )
        charged = Decimal(str(sum(booked.mapped("amount"))))
        return interest.Running(claim.id, start, tuple(balances), charged)

    # === WHAT THE LAW WANTS SAID === #

    def _prepare_law_vals(self, vals, debtor):
        """The paragraph of law for a message, and the costs that it announces.

        :param vals: values of the message
        """
        messages = self.env["dunning.message"].with_context(lang=vals["lang"])
        texts, law_vals = [], {}
        booked = self._get_amounts_asked(vals)
        if booked:
            texts.append(messages._get_charge_text(booked))
        wording = self._get_wording(vals, debtor)
        costs = self._get_costs_to_name(vals, debtor) if wording else None
        if costs:
            currency = self.currency_id.with_context(lang=vals["lang"])
            amounts = {
                "total": currency.format(vals["amount"]),
                "costs": currency.format(float(costs)),
            }
            law_vals = {"law_wording": wording, "amount_named": float(costs)}
            texts.append(
                messages._get_law_text(
                    wording, self.company_id, vals["channel"], amounts
                )
            )
            if vat := self._get_vat_to_name(debtor, costs):
                law_vals["amount_vat_named"] = float(vat)
                vat_words = currency.format(float(vat))
                texts.append(messages._get_vat_text(vat_words))
        return law_vals | {"law_text": "\n".join(texts)}

    def _get_amounts_asked(self, vals):
        """Formatted amounts by kind, of the charges that the message is about."""
        item_ids = {line[2]["move_line_id"] for line in vals["line_ids"]}
        asked = {}
        for charge in self.charge_ids.filtered(lambda one: one.state == "booked"):
            if item_ids & set(charge._get_items().ids):
                asked[charge.kind] = asked.get(charge.kind, 0) + charge._get_total()
        currency = self.currency_id.with_context(lang=vals["lang"])
        return {kind: currency.format(value) for kind, value in asked.items()}

    def _get_wording(self, vals, debtor):
        """The wording that a message needs, empty for none."""
        policy, country = debtor.policy, debtor.get_country()
        if debtor.get_kind() != law.CONSUMER or vals["channel"] in UNPROVEN:
            return ""
        kind = self.env["communication.type"].browse(vals["type_id"])
        if country == "NL" and not kind.is_formal:
            return ""
        if country == "BE":
            company = self.company_id
            is_known = company.company_registry or company.vat
            if not policy.has_clause or policy.is_special_sector or not is_known:
                return ""
        return self.env["dunning.message"]._get_wording(country, vals["channel"])

    def _get_costs_to_name(self, vals, debtor):
        """What the debtor will owe if the term passes, ``None`` without a rule."""
        today, claims = debtor.facts.today, self._get_claims(debtor)
        chosen = {line[2]["move_line_id"] for line in vals["line_ids"]}
        principal = sum(
            one.open
            for one in claims
            if one.due < today and (one.id in chosen or one.is_charged)
        )
        scale = fees.get_scale(
            debtor.facts.book,
            debtor.get_country(),
            debtor.get_kind(),
            Decimal(principal),
            today,
        )
        if not principal or scale is None:
            return None
        rest = scale - Decimal(str(sum(self._get_asked("costs").mapped("amount"))))
        return rest if rest > 0 else None

    # === KEEPING AND BOOKING === #

    def _charge_step(self, step, debtor):
        """Ask for what a step charges, keep each answer, book what was granted.

        :return: the charges made (``dunning.charge``)
        """
        charges = self.env["dunning.charge"]
        vals_list = []
        if step.cost_kind:
            answer = self._decide_costs(debtor, step.cost_kind, step)
            answers = [answer] if isinstance(answer, fees.Amount) else answer
            vals_list.append(
                self._prepare_charge_vals(step.cost_kind, step, debtor, answers)
            )
        if step.has_interest:
            answers = self._decide_interest(debtor)
            vals_list.append(
                self._prepare_charge_vals("interest", step, debtor, answers)
            )
        charges = charges.create(vals_list)
        charges.filtered(lambda one: one.state == "booked")._book()
        return charges

    def _prepare_charge_vals(self, kind, step, debtor, answers):
        """Values of one charge.

        :param answers: granted amounts, or one refusal
        """
        vals = {
            "case_id": self.id,
            "company_id": self.company_id.id,
            "step_id": step.id,
            "kind": kind,
            "date": debtor.facts.today,
            "country_code": debtor.get_country(),
            "debtor_kind": debtor.get_kind(),
        }
        if isinstance(answers, law.Refusal):
            return vals | {
                "state": "refused",
                "rule_code": answers.code,
                "date_earliest": answers.earliest,
            }
        is_each = kind in ("interest", "return")
        return vals | {
            "state": "booked",
            "rule_code": answers[0].code,
            "amount": float(sum(answer.value for answer in answers)),
            "amount_tax": float(sum(answer.vat for answer in answers)),
            "calculation": "\n".join(
                line for answer in answers for line in answer.steps
            ),
            "line_ids": [
                fields.Command.create(
                    {
                        "move_line_id": claim_id,
                        "amount": float(answer.value) if is_each else 0,
                    }
                )
                for answer in answers
                for claim_id in answer.claim_ids
            ],
        }
