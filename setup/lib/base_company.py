"""Script for Odoo's shell: make the first company Dutch before accounting comes.

The chart of accounts follows the country the company has when accounting is installed.
"""

env["res.lang"]._activate_lang("en_US")
env.company.write(
    {
        "country_id": env.ref("base.nl").id,
        "currency_id": env.ref("base.EUR").id,
    }
)
env.user.tz = "Europe/Amsterdam"
env.cr.commit()
