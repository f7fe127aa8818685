"""What happens once, when the addon comes and when it goes."""


def post_init_hook(env):
    """Keep letters of Odoo's own service going, and give each company its steps."""
    letters = env["snailmail.letter"].with_context(active_test=False)
    groups = letters._read_group([("transport", "=", "odoo")], ["company_id"])
    for (company,) in groups:
        company.letter_transport = "odoo"
    env["res.company"].search([])._create_dunning_policy()


def uninstall_hook(env):
    """Remove policies and cases before the kinds of message that their steps name.

    Messages are gone by then: with any of them the addon cannot be uninstalled.
    """
    for model in ("dunning.case", "dunning.policy"):
        env[model].with_context(active_test=False).search([]).unlink()
