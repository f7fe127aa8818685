{
    "name": "Subscriptions: Deliveries",
    "summary": "The goods of each period leave from the warehouse of the subscription",
    "version": "19.0.1.0.0",
    "category": "Sales/Subscriptions",
    "author": "Recurring Income Suite contributors",
    "website": "https://recurring-income.example",
    "license": "LGPL-3",
    "depends": ["sale_stock", "subscription_connector"],
    "data": ["views/subscription_subscription_views.xml"],
    "auto_install": True,
}
