from odoo import fields, models

from ..engine import channels


class DunningCase(models.Model):
    """Taking one step: choose the channel, make the message, hand it over."""

    _inherit = "dunning.case"

    def _take_step(self):
        """Take the step that is due for this debtor, if one is.

        The books are read again here: what was planned earlier does not count.

        :return: the message made, empty when nothing was due
        """
        self.ensure_one()
        messages = self.env["dunning.message"].sudo()
        self.lock_for_update()
        facts = self.env["dunning.planner"]._load(self.company_id, self.partner_id)
        debtor = facts.get_debtor(self.partner_id.id)
        decision = self._apply_facts(facts)[self.id]
        if not decision.step or self._is_below_minimum(debtor, decision):
            return messages
        step = self._get_step(debtor.policy, decision.step)
        charges = self._charge_step(step, debtor)
        vals = self._prepare_message_vals(step, debtor, decision)
        vals = self._add_charges(vals, charges)
        message = messages.create(vals | self._prepare_law_vals(vals, debtor))
        charges.message_id = message
        getattr(self, f"_send_{message.channel}")(message)
        self.step_id = step
        self._refresh()
        return message

    def _is_below_minimum(self, debtor, decision):
        chosen = set(decision.item_ids)
        total = sum(item.asked for item in debtor.items if item.id in chosen)
        return float(total) < debtor.policy.min_amount

    def _choose_channel(self, step, addressee):
        """:rtype: engine.channels.Choice"""
        partner = self.partner_id.with_company(self.company_id)
        default = step.type_id.with_company(self.company_id).channel
        return channels.choose(
            step.channel or "",
            partner.communication_channel or "",
            default or "",
            addressee._get_reach_for(step.type_id, self.company_id),
        )

    def _prepare_message_vals(self, step, debtor, decision):
        addressee = self.partner_id._get_letter_addressee()
        choice = self._choose_channel(step, addressee)
        chosen = [item for item in debtor.items if item.id in set(decision.item_ids)]
        lines = self.env["account.move.line"].browse(item.id for item in chosen)
        company = self.company_id
        return {
            "case_id": self.id,
            "company_id": company.id,
            "partner_id": addressee.id,
            "step_id": step.id,
            "type_id": step.type_id.id,
            "channel": choice.channel,
            "channel_reason": choice.problem or choice.origin,
            "date": debtor.facts.today,
            "amount": float(sum(item.asked for item in chosen)),
            "lang": addressee.lang or company.partner_id.lang or "en_US",
            "line_ids": [
                fields.Command.create(
                    {
                        "move_line_id": line.id,
                        "step_id": step.id,
                        "level": decision.step.level,
                        "is_again": item.level >= decision.step.level or item.is_charge,
                        "date_due": item.due,
                        "amount_total": abs(line.balance),
                        "amount_open": float(item.asked),
                    }
                )
                for item, line in zip(chosen, lines, strict=True)
            ],
        }

    def _add_charges(self, vals, charges):
        """Put what was just booked into the message that asks for it."""
        level = max(line[2]["level"] for line in vals["line_ids"])
        lines = [
            fields.Command.create(
                {
                    "move_line_id": item.id,
                    "step_id": vals["step_id"],
                    "level": level,
                    "is_again": True,
                    "date_due": item.date_maturity,
                    "amount_total": item.balance,
                    "amount_open": item.amount_residual,
                }
            )
            for item in charges._get_items()
        ]
        added = sum(line[2]["amount_open"] for line in lines)
        return vals | {
            "amount": vals["amount"] + added,
            "line_ids": vals["line_ids"] + lines,
        }

    # === CHANNELS === #

    def _send_email(self, message):
        """Mail the reminder with the letter attached; the mail queue takes it on."""
        kind = "plan" if message.plan_line_id else "reminder"
        template = message.step_id.mail_template_id or self.env.ref(
            f"postal_dunning.mail_template_{kind}"
        )
        attachment = message._make_attachment()
        mail_id = template.send_mail(
            message.id,
            email_values={
                "recipient_ids": [fields.Command.set(message.partner_id.ids)],
                "attachment_ids": [fields.Command.link(attachment.id)],
                "auto_delete": False,
            },
        )
        mail = self.env["mail.mail"].browse(mail_id)
        message._update_state(
            "sent",
            mail_message_id=mail.mail_message_id.id,
            proof=mail.message_id,
            date_sent=fields.Datetime.now(),
        )
        self._note_message(message)

    def _send_post(self, message):
        """Make the letter and queue it; another job hands it to the printer."""
        attachment = message._make_attachment()
        letter = self.env["snailmail.letter"].create(
            {
                "partner_id": message.partner_id.id,
                "model": "dunning.case",
                "res_id": self.id,
                "company_id": self.company_id.id,
                "user_id": self._get_responsible(message.step_id).id,
                "attachment_id": attachment.id,
                "cover": False,
                "dunning_message_id": message.id,
            }
        )
        message._update_state("waiting", letter_id=letter.id)
        letter._snailmail_print(immediate=False)

    def _send_manual(self, message):
        """Give the step to a person as an activity."""
        step = message.step_id
        user = self._get_responsible(step)
        activity = self.activity_schedule(
            activity_type_id=step.activity_type_id.id
            or self.env.ref("mail.mail_activity_data_todo").id,
            date_deadline=message.date,
            summary=step.name or message._get_subject(),
            note=step.activity_note or "",
            user_id=user.id,
        )
        message._update_state(
            "sent", activity_id=activity.id, date_sent=fields.Datetime.now()
        )
        self._note_message(message)

    def _note_message(self, message):
        self.message_post(
            body=self.env._(
                "%(step)s: %(name)s to %(partner)s",
                step=message.step_id.name or message.type_id.name,
                name=message.name,
                partner=message.partner_id.name,
            ),
            attachment_ids=[],
        )
