"""The demo club: organisation, staff, members, saved payment methods, old invoices.

Loaded once into a database without demo data of Odoo's own. Everything that depends on
the day (invoice dates) counts back from the day of loading.
"""

import csv
import pathlib

from . import invoices, organisation, plans, website

MEMBERS_FILE = pathlib.Path(__file__).with_name("members.csv")
TOKEN_DONE = range(1, 13)
TOKEN_ERROR = (13,)


def load(env):
    """Make the club in ``env``; a second call changes nothing."""
    if env["res.partner"].search_count([("ref", "=", "M001")]):
        return
    env = env(context={**env.context, "tracking_disable": True, "lang": "en_US"})
    company = organisation.load(env)
    members = _load_members(env)
    _load_tokens(env, company, members)
    website.load(env, plans.load(env, members))
    invoices.load(env, members)


def _load_members(env):
    """Create the members of the list.

    :return: dict of ``res.partner`` by member number
    """
    countries = {
        country.code: country.id
        for country in env["res.country"].search([("code", "in", ("NL", "BE", "DE"))])
    }
    with MEMBERS_FILE.open(encoding="utf-8", newline="") as lines:
        values = [
            {
                **{key: row[key] for key in ("ref", "name", "email", "street", "zip")},
                "city": row["city"],
                "country_id": countries[row["country"]],
                "lang": row["lang"],
                "customer_rank": 1,
            }
            for row in csv.DictReader(lines)
        ]
    partners = env["res.partner"].create(values)
    return {partner.ref: partner for partner in partners}


def _load_tokens(env, company, members):
    """Give some members a saved payment method of the demo provider."""
    provider = env["payment.provider"].search(
        [("code", "=", "demo"), ("company_id", "=", company.id)], limit=1
    )
    provider.write({"state": "test", "is_published": True})
    # Reading makes the line in the journal; else the first payments would make it,
    # several of them at the same moment.
    provider.journal_id.ensure_one()
    method = env.ref("payment_demo.payment_method_demo", raise_if_not_found=False)
    method = method or provider.with_context(active_test=False).payment_method_ids[:1]
    method.active = True
    env["payment.token"].create(
        [
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "partner_id": members[f"M{number:03}"].id,
                "provider_ref": f"demo-token-{number:03}",
                "payment_details": f"{4000 + 37 * number:04}",
                "demo_simulated_state": ("error" if number in TOKEN_ERROR else "done"),
            }
            for number in (*TOKEN_DONE, *TOKEN_ERROR)
        ]
    )
