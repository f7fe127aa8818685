"""Every model of ours belongs to a company, and a rule keeps companies apart."""

import pytest

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.modules.registry import Registry
from odoo.tests.common import get_db_name

from setup.lib.paths import present_addons

WITHOUT = {
    "dunning.law.rule": "the law is the same for every company of a country",
    "subscription.history.mark": "names blocks of ids to be added up, and nothing else",
    "service.rate.bucket": "counts calls by connection; nobody reads or writes it",
}


@pytest.fixture(scope="module")
def env():
    with Registry(get_db_name()).cursor() as cr:
        yield Environment(cr, SUPERUSER_ID, {})


def _models(env):
    """Names of our models that keep records or show them."""
    return [
        name
        for name in sorted(env.registry)
        if env[name]._original_module in present_addons()
        and not (env[name]._abstract or env[name]._transient)
    ]


def test_every_model_has_a_company_and_its_rule(env):
    rules = env["ir.rule"].search([("groups", "=", False)])
    kept_apart = {
        rule.model_id.model for rule in rules if "company" in (rule.domain_force or "")
    }
    found = _models(env)
    assert len(found) > 40
    wrong = {
        name
        for name in found
        if name not in kept_apart or "company_id" not in env[name]._fields
    }
    assert wrong == set(WITHOUT)
