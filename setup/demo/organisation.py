"""The club as an organisation: company, bank, mail, website, office users."""

import os

from .pictures import draw_logo

IBAN = "NL91ABNA0417164300"
OFFICE_GROUPS = (
    "account.group_account_invoice",
    "account.group_account_user",
    "sales_team.group_sale_salesman_all_leads",
    "base.group_partner_manager",
    "connection_base.group_connection_user",
    "subscription_connector.group_subscription_manager",
    "moneybird_reconcile.group_matching_manager",
    "postal_dunning.group_dunning_manager",
)


def load(env):
    """Make the company and its users.

    :return: the ``res.company``
    """
    company = env.ref("base.main_company")
    _load_company(env, company)
    _load_bank(env, company)
    _load_mail(env, company)
    staff = _load_users(env, company)
    env["dunning.policy"].search([("company_id", "=", company.id)]).write(
        {"responsible_id": staff.id}
    )
    return company


def _load_company(env, company):
    company.write(
        {
            "name": "Sportvereniging De Linden",
            "street": "Sportlaan 12",
            "zip": "3731 EM",
            "city": "De Bilt",
            "country_id": env.ref("base.nl").id,
            "email": "administratie@delinden.example",
            "phone": "+31 30 220 0140",
            "website": "https://delinden.example",
            "vat": "NL000099998B57",
            "company_registry": "30123456",
            "logo": draw_logo(),
            "primary_color": "#1F6F54",
            "secondary_color": "#14213D",
            "external_report_layout_id": env.ref("web.external_layout_standard").id,
            "account_price_include": "tax_included",
        }
    )
    sales = env["account.journal"].search(
        [("type", "=", "sale"), ("company_id", "=", company.id)], limit=1
    )
    sales.write(
        {"invoice_reference_model": "euro", "invoice_reference_type": "invoice"}
    )
    _load_website(env, company)


def _load_website(env, company):
    """Make the web shop Dutch, with the club's logo and prices that include tax."""
    languages = env["res.lang"].search(
        [("code", "in", ("nl_NL", "en_US", "de_DE", "fr_FR"))]
    )
    env["website"].search([]).write(
        {
            "name": company.name,
            "company_id": company.id,
            "logo": company.logo,
            "language_ids": [(6, 0, languages.ids)],
            "default_lang_id": languages.filtered(lambda lang: lang.code == "nl_NL").id,
            "show_line_subtotals_tax_selection": "tax_included",
        }
    )


def _load_bank(env, company):
    account = env["res.partner.bank"].create(
        {
            "acc_number": IBAN,
            "partner_id": company.partner_id.id,
            "company_id": company.id,
            "allow_out_payment": True,
        }
    )
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
    )
    journal.write({"name": "ABN AMRO", "bank_account_id": account.id})


def _load_mail(env, company):
    domain = env["mail.alias.domain"].create(
        {"name": "delinden.example", "default_from": "administratie"}
    )
    company.alias_domain_id = domain
    env["ir.mail_server"].create(
        {
            "name": "Mail sink of the sandbox",
            "smtp_host": "127.0.0.1",
            "smtp_port": int(os.environ.get("SANDBOX_SMTP_PORT", "8025")),
            "smtp_encryption": "none",
        }
    )


def _load_users(env, company):
    """Make the administrator's and the office user's logins; return the latter."""
    env.ref("base.user_admin").write(
        {"password": "admin", "email": "beheer@delinden.example", "name": "Beheerder"}
    )
    groups = [env.ref(xmlid, raise_if_not_found=False) for xmlid in OFFICE_GROUPS]
    return (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": "Sanne Visser",
                "login": "staff",
                "password": "staff",
                "email": "sanne@delinden.example",
                "company_id": company.id,
                "company_ids": [(6, 0, company.ids)],
                "group_ids": [(4, group.id) for group in groups if group],
            }
        )
    )
