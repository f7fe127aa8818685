{
    "name": "Subscriptions: Mollie",
    "summary": "Mandates, recurring charges and refunds through Mollie",
    "version": "19.0.1.0.0",
    "category": "Accounting/Payment Providers",
    "author": "Recurring Income Suite contributors",
    "website": "https://recurring-income.example",
    "license": "LGPL-3",
    "depends": ["payment_mollie", "subscription_connector"],
    "data": [
        "data/ir_cron_data.xml",
        "views/payment_provider_views.xml",
    ],
    "auto_install": True,
}
