{
    "name": "Customer Portal: Subscriptions",
    "summary": "Public cancellations end the subscription that is meant, what members "
    "do is on their timeline",
    "version": "19.0.1.0.0",
    "category": "Website/Website",
    "license": "LGPL-3",
    "author": "Recurring Income Suite contributors",
    "website": "https://recurring-income.example",
    "depends": ["customer_portal_account", "subscription_connector"],
    "data": [
        "security/customer_portal_subscription_rules.xml",
        "views/portal_declaration_views.xml",
        "views/declaration_templates.xml",
        "views/home_templates.xml",
        "views/portal_templates.xml",
        "views/shop_templates.xml",
        "views/subscription_plan_views.xml",
        "views/res_config_settings_views.xml",
    ],
    "assets": {
        "web.assets_frontend": [
            "customer_portal_subscription/static/src/scss/portal.scss",
            "customer_portal_subscription/static/src/interactions/**/*",
        ],
    },
    "auto_install": True,
}
