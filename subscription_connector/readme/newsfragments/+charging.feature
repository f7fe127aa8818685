A plan can be charged before its invoice is posted: without a payment there is no invoice
and no delivery, a later success makes both. Direct debits wait for the notice days of
their mandate; the days of the next tries are a setting. Invoices that are collected say so
in their mail. Billing follows the date of the company's own time zone.
