"""The web addresses of our addons, read from the route map, and what each one shows.

A new route fails the test until it has an entry here. An entry says what the route
is about; who asks and for which record is the same for all of them.
"""

from dataclasses import dataclass

from setup.lib.paths import present_addons

OPEN = "open"
MEMBER = "member"
RECORD = "record"
SECRET = "secret"
ADMIN = "admin"


@dataclass(frozen=True)
class Entry:
    """What a route is about.

    :ivar kind: ``OPEN`` for everybody, shows nobody's data; ``MEMBER`` shows the
        visitor what is his; ``RECORD`` shows the record whose id is in the path;
        ``SECRET`` opens with a secret in the path or the query; ``ADMIN`` is for the
        administrator of the whole system alone
    :ivar record: for ``RECORD``, the name of the record in ``world.World.records``
    :ivar is_shared: the contacts of one customer company see it of each other
    :ivar is_switched: an organisation switches it on, before that it is not there
    :ivar moves: leads on to another page
    :ivar reads: asking by GET shows something; otherwise the route is only posted to
    """

    kind: str
    record: str = ""
    is_shared: bool = False
    is_switched: bool = False
    moves: bool = False
    reads: bool = True


SUBSCRIPTION = Entry(RECORD, "subscription")
CHANGE = Entry(RECORD, "subscription", reads=False)

ENTRIES = {
    "/connection/oauth/callback": Entry(SECRET),
    "/connection/webhook/<string:provider>/<string:token>": Entry(SECRET, reads=False),
    "/contract/cancel": Entry(OPEN, is_switched=True),
    "/contract/receipt/<string:token>": Entry(SECRET),
    "/contract/receipt/<string:token>/<kind>": Entry(SECRET),
    "/contract/undo/<string:token>": Entry(SECRET),
    "/contract/withdraw": Entry(OPEN, is_switched=True),
    "/l": Entry(OPEN),
    "/l/<string:code>": Entry(SECRET),
    "/my/confirm": Entry(MEMBER, moves=True),
    "/my/confirm/code": Entry(MEMBER, moves=True),
    "/my/confirm/done": Entry(MEMBER, moves=True),
    "/my/data": Entry(MEMBER),
    "/my/data/download": Entry(MEMBER),
    "/my/data/erase": Entry(MEMBER, reads=False),
    "/my/email": Entry(MEMBER),
    "/my/email/code": Entry(MEMBER, moves=True),
    "/my/email/done": Entry(MEMBER, moves=True),
    "/my/invoices/pay": Entry(MEMBER, is_shared=True),
    "/my/invoices/pay/transaction/<string:invoice_ids>": Entry(SECRET, reads=False),
    "/payment/archive_token": Entry(SECRET, reads=False),
    "/my/language": Entry(OPEN),
    "/my/passkey/later": Entry(MEMBER, reads=False),
    "/my/payment_method": Entry(MEMBER),
    "/my/purchases": Entry(MEMBER, moves=True),
    "/my/security": Entry(MEMBER),
    "/my/sessions": Entry(MEMBER),
    "/my/sessions/end": Entry(MEMBER, reads=False),
    "/my/sign-in": Entry(OPEN),
    "/my/sign-in/code": Entry(OPEN),
    "/my/sign-in/continue": Entry(OPEN),
    "/my/subscriptions": Entry(MEMBER),
    "/my/subscriptions/page/<int:page>": Entry(MEMBER),
    "/my/subscriptions/<int:subscription_id>": SUBSCRIPTION,
    "/my/subscriptions/<int:subscription_id>/cancel": SUBSCRIPTION,
    "/my/subscriptions/<int:subscription_id>/keep": CHANGE,
    "/my/subscriptions/<int:subscription_id>/method": SUBSCRIPTION,
    "/my/subscriptions/<int:subscription_id>/method/new": CHANGE,
    "/my/subscriptions/<int:subscription_id>/pause": SUBSCRIPTION,
    "/my/subscriptions/<int:subscription_id>/plan": SUBSCRIPTION,
    "/my/subscriptions/<int:subscription_id>/plan/keep": CHANGE,
    "/my/subscriptions/<int:subscription_id>/resume": CHANGE,
    "/my/subscriptions/<int:subscription_id>/retry": CHANGE,
    "/portal/preview/<int:partner_id>": Entry(ADMIN, "partner"),
    "/shop/consent": Entry(OPEN, reads=False),
    "/subscription/method/<int:invitation_id>/<string:access_token>": Entry(SECRET),
    "/subscription/method/<int:invitation_id>/<string:access_token>/transaction": Entry(
        SECRET, reads=False
    ),
}
"""Route as in the map → what it is about."""

ALSO = {
    "/my": Entry(MEMBER),
    "/my/home": Entry(MEMBER),
    "/my/account": Entry(MEMBER),
    "/my/address/archive": Entry(SECRET, reads=False),
    "/my/addresses": Entry(MEMBER),
    "/my/invoices": Entry(MEMBER, is_shared=True),
    "/my/invoices/<int:invoice_id>": Entry(RECORD, "invoice", is_shared=True),
}
"""Odoo's own pages of the member's area, whether we extend them or not."""


def find_routes(env):
    """Return {route: methods or None} of all routes that code of ours serves.

    :param env: environment of a database with all our addons
    """
    ours = set(present_addons())
    return {
        rule.rule: rule.endpoint.routing["methods"]
        for rule in env["ir.http"].routing_map().iter_rules()
        if ours & _get_addons(rule.endpoint.func)
    }


def _get_addons(method):
    """Return the addons that define a controller's method or extend it."""
    return {
        cls.__module__.split(".")[2]
        for cls in type(method.__self__).__mro__
        if method.__name__ in vars(cls) and cls.__module__.startswith("odoo.addons.")
    }
