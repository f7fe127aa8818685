"""Plans that the club sells, and the subscriptions that run already."""


def load(env, members):
    """Make three plans and their running subscriptions."""
