{
    "name": "Customer Portal: Sign-in by Code",
    "summary": "Members sign in with a code from their mailbox: no password, "
    "no account to create, a timeline of what they did for staff",
    "version": "19.0.1.0.0",
    "category": "Website/Website",
    "license": "LGPL-3",
    "author": "Recurring Income Suite contributors",
    "website": "https://recurring-income.example",
    "depends": ["auth_signup", "mail", "portal"],
    "external_dependencies": {"python": ["cryptography"]},
    "data": [
        "security/ir.model.access.csv",
        "security/customer_portal_otp_security.xml",
        "data/ir_cron.xml",
        "data/mail_activity_type.xml",
        "views/sign_in_mail_templates.xml",
        "views/sign_in_templates.xml",
        "views/login_templates.xml",
        "views/portal_templates.xml",
        "views/member_templates.xml",
        "views/portal_member_event_views.xml",
        "views/res_partner_views.xml",
        "views/res_config_settings_views.xml",
    ],
    "assets": {
        "web.assets_frontend": [
            "customer_portal_otp/static/src/scss/*.scss",
            "customer_portal_otp/static/src/interactions/*.js",
        ],
    },
    "application": False,
}
