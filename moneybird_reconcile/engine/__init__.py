"""Plain Python: what a receipt says, what an open item says, what belongs together.

Nothing in this package knows Odoo or HTTP. Amounts are :class:`decimal.Decimal`, dates
are :class:`datetime.date`, "today" is always handed in.
"""
