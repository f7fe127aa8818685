"""Letters rendered, checked and handed over in bites: time and memory as they grow.

For a benchmark that runs inside the Odoo shell::

    from tests.benchmarks import _letters_measured
    figures = _letters_measured.measure(env, 1000)
"""

import gc
import time
from datetime import timedelta
from unittest.mock import patch

import psutil

from odoo import fields

from odoo.addons.postal_dunning.tests.fake_pingen import FakePingen

from tests.benchmarks import _clock

BITE = 50


def measure(env, count=1000):
    """Render, check and hand over ``count`` letters of a company, all of it real but
    the network: the service is the one of the tests, in memory.

    Commits; for a database that is thrown away.

    :param env: of the shell
    :return: ``count``, ``sent``, ``mb`` of memory after the first and after the last
        bite of handing over; by letter, in milliseconds of processor time, ``ms`` with
        its parts ``render_ms`` and ``hand_over_ms``, and ``core_ms``; ``seconds``
    """
    env = env(context={**env.context, "tracking_disable": True})
    company = _prepare_company(env)
    service = FakePingen()
    connections = env.registry["service.connection"]
    with patch.object(connections, "_get_client", lambda connection: service):
        moves = _make_invoices(env, company, count)
        began = time.perf_counter()
        start = _clock.processor(env.cr)
        _make_letters(env, moves)
        made = _clock.processor(env.cr)
        sizes = _hand_over(env, count)
        done = _clock.processor(env.cr)
        seconds = time.perf_counter() - began
    few = moves[: max(count // 20, 1)]
    start_core = _clock.processor(env.cr)
    _make_core_letters(env, company, few)
    core = _clock.processor(env.cr) - start_core
    return {
        "count": count,
        "seconds": seconds,
        "core_ms": core * 1000 / len(few),
        "ms": (done - start) * 1000 / count,
        "render_ms": (made - start) * 1000 / count,
        "hand_over_ms": (done - made) * 1000 / count,
        "mb": [sizes[0], sizes[-1]],
        "sent": len(service.sent),
    }


def _prepare_company(env):
    company = env.company
    company.write(
        {
            "street": "Lindelaan 12",
            "zip": "3581 AB",
            "city": "Utrecht",
            "country_id": env.ref("base.nl").id,
            "letter_position": "country",
            "letter_invoice_form": "letter",
        }
    )
    connections = env["service.connection"]
    connections.search([]).active = False
    connection = connections.create(
        {"provider": "pingen", "company_id": company.id, "account_ref": "org-1"}
    )
    connection.state = "connected"
    company.letter_transport = "pingen"
    return company


def _make_invoices(env, company, count):
    partners = env["res.partner"].create(
        [
            {
                "name": f"Member {number}",
                "street": f"Dam {number + 1}",
                "zip": "1012 JS",
                "city": "Amsterdam",
                "country_id": env.ref("base.nl").id,
            }
            for number in range(count)
        ]
    )
    today = fields.Date.context_today(company)
    moves = env["account.move"]
    for at in range(0, count, 200):
        part = moves.create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": today - timedelta(days=30),
                    "invoice_line_ids": [
                        fields.Command.create({"name": "Fee", "price_unit": 45.0})
                    ],
                }
                for partner in partners[at : at + 200]
            ]
        )
        part._post()
        env.cr.commit()
        moves += part
    return moves


def _make_letters(env, moves):
    """Render each invoice as a letter and queue it, in bites."""
    send = env["account.move.send"]
    for at in range(0, len(moves), BITE):
        env["snailmail.letter"].create(
            [
                {
                    "user_id": env.uid,
                    **send._prepare_snailmail_letter_values(move),
                }
                for move in moves[at : at + BITE]
            ]
        )
        env.cr.commit()
        env.invalidate_all()


def _make_core_letters(env, company, moves):
    """The pages of Odoo's own letters; what follows them is left out of the measure."""
    company.letter_transport = "odoo"
    send = env["account.move.send"]
    for move in moves:
        values = send._prepare_snailmail_letter_values(move)
        letter = env["snailmail.letter"].create({"user_id": env.uid, **values})
        letter._generate_report_pdf(letter.report_template)
        env.cr.commit()


def _hand_over(env, count):
    """The job, bite by bite, each with the memory after it."""
    process = psutil.Process()
    letters = env["snailmail.letter"]
    sizes = []
    for _bite in range(count // BITE + 2):
        letters._cron_pingen_hand_over(batch_size=BITE)
        env.invalidate_all()
        gc.collect()
        sizes.append(round(process.memory_info().rss / 2**20))
        if not letters.search_count(letters._get_hand_over_domain()):
            break
    return sizes
