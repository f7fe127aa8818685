Plans, subscriptions, billing in stages, charges with planned retries, web shop, member pages and Plug&Pay.
