{
    "name": "Customer Portal: Invoices and Payment Methods",
    "summary": "Members pay one or several invoices, see each attempt; whose documents "
    "they see is decided per company",
    "version": "19.0.1.0.0",
    "category": "Website/Website",
    "license": "LGPL-3",
    "author": "Recurring Income Suite contributors",
    "website": "https://recurring-income.example",
    "depends": ["account_payment", "customer_portal_otp"],
    "data": [
        "security/customer_portal_account_rules.xml",
        "views/portal_invoice_templates.xml",
        "views/portal_pay_templates.xml",
        "views/res_config_settings_views.xml",
        "views/res_partner_views.xml",
    ],
    "assets": {
        "web.assets_frontend": ["customer_portal_account/static/src/scss/portal.scss"],
    },
    "auto_install": True,
}
