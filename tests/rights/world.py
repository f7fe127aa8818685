"""The people who ask, and what belongs to whom."""

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

OWNER = "owner"
COLLEAGUE = "colleague"
OTHER = "other member"
FORMER = "former member"
STAFF = "staff of another company"
ANONYMOUS = "anonymous"


class World(SubscriptionCommon):
    """A club with members, a member company with two contacts, another company.

    The owner and his colleague are contacts of one customer company. Each person
    has records of his own; their names carry a mark that no page of somebody else
    may contain.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partners = cls.env["res.partner"]
        cls.customer_company = partners.create(
            {"name": "Customer company", "is_company": True, "street": "Town square"}
        )
        cls.people = {
            person: cls._create_person(person, parent)
            for person, parent in (
                (OWNER, cls.customer_company),
                (COLLEAGUE, cls.customer_company),
                (OTHER, partners),
                (FORMER, partners),
            )
        }
        cls.people[STAFF] = cls._create_staff()
        cls.records = {
            person: cls._create_records(user.partner_id)
            for person, user in cls.people.items()
            if person != STAFF
        }

    @classmethod
    def _create_person(cls, person, parent):
        partner = cls.env["res.partner"].create(
            {
                "name": cls._get_mark(person),
                "email": f"{person.replace(' ', '.')}@matrix.example",
                "parent_id": parent.id,
                "lang": "en_US",
            }
        )
        return new_test_user(
            cls.env,
            f"matrix {person}",
            "base.group_portal",
            partner_id=partner.id,
            name=partner.name,
            email=partner.email,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _create_staff(cls):
        company = cls.env["res.company"].create({"name": "Another company"})
        return new_test_user(
            cls.env,
            f"matrix {STAFF}",
            "subscription_connector.group_subscription_user,"
            "account.group_account_invoice",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def _create_records(cls, partner):
        """Return {name of the record: record} of one person."""
        token = cls._create_saved_method(partner, f"card of {partner.name}")
        cls.plan.write({"is_self_pause": True, "is_self_change": True})
        if not cls.plan.search_count([("name", "=", "Another plan")]):
            cls._create_plan(name="Another plan", is_sold_online=True)
        return {
            "subscription": cls._create_subscription(
                fields.Date.to_string(fields.Date.today()),
                partner_id=partner.id,
                payment_token_id=token.id,
            ),
            "invoice": cls._create_posted_invoice(partner),
            "token": token,
        }

    @classmethod
    def _create_posted_invoice(cls, partner):
        invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "company_id": cls.company.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": f"Line of {partner.name}",
                            "quantity": 1,
                            "price_unit": 15.0,
                        }
                    )
                ],
            }
        )
        invoice.action_post()
        return invoice

    @classmethod
    def _get_mark(cls, person):
        """Return the word that only this person's data contains."""
        return f"Zq{person.title().replace(' ', '')}qZ"
