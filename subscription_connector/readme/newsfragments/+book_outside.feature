A switch books the invoices of Plug&Pay in Odoo: once, with their own number, the tax that each rate stands for, and out of the reminders.
