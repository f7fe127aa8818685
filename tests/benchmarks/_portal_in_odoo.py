"""Fifty members with a user, a password and two invoices each; runs in Odoo's shell.

It prints the id of each member's first invoice; with ``PORTAL_CODES`` the codes that
were asked for instead.
"""

import json
import os
import sys

COUNT = int(os.environ.get("BENCH_COUNT", "50"))


def create_members():
    """Create them, with passwords as members have them; return an invoice of each."""
    invoice_ids = []
    group = env.ref("base.group_portal")  # noqa: F821
    for number in range(COUNT):
        name = f"bench{number}"
        partner = env["res.partner"].create(  # noqa: F821
            {"name": name, "email": f"{name}@bench.example", "lang": "en_US"}
        )
        env["res.users"].with_context(no_reset_password=True).create(  # noqa: F821
            {
                "partner_id": partner.id,
                "login": partner.email,
                "password": f"{name}-password",
                "group_ids": [(6, 0, group.ids)],
            }
        )
        moves = env["account.move"].create(  # noqa: F821
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_line_ids": [
                        (0, 0, {"name": "Membership", "price_unit": 15.0})
                    ],
                }
            ]
            * 2
        )
        moves.action_post()
        for move in moves:
            move._portal_ensure_token()
        invoice_ids.append(moves[0].id)
    params = env["ir.config_parameter"]  # noqa: F821
    for limit in ("network_hour", "database_hour"):
        params.set_param(f"customer_portal_otp.{limit}", "100000")
    env.cr.commit()  # noqa: F821
    return invoice_ids


def read_codes():
    """Return {address: code} of what waits for the mail lane."""
    challenges = env["portal.sign.in.challenge"].search([("state", "=", "open")])  # noqa: F821
    keyed = challenges._get_keyed()
    return {
        challenge.email: keyed.unseal(challenge.sealed_code) for challenge in challenges
    }


if os.environ.get("PORTAL_CODES"):
    sys.stdout.write("\nANSWER " + json.dumps(read_codes()) + "\n")
else:
    sys.stdout.write("\nANSWER " + json.dumps(create_members()) + "\n")
sys.stdout.flush()
