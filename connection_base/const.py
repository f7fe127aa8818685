"""Figures that are the same everywhere in this addon."""

WEBHOOK_MAX_BYTES = 256 * 1024
"""Largest webhook body that is read; larger ones are answered 413."""
WEBHOOK_MAX_ATTEMPTS = 8
WEBHOOK_BACKOFF_MINUTES = (1, 5, 15, 60, 180, 360, 720)
"""Pause before the next attempt of a stored event, by number of attempts made."""
WEBHOOK_KEEP_DAYS = 90
"""After so many days the body of a handled event is reduced to its hash."""

SYNC_BACKOFF_MINUTES = (5, 15, 60, 180, 360)
"""Pause before the next sync, by number of failures in a row."""
FAILURES_UNTIL_ERROR = 3
"""Failures in a row after which the light turns red and somebody is asked to look."""

OAUTH_STATE_MINUTES = 10
OAUTH_SESSION_KEY = "connection_base_oauth"
CALLBACK_PATH = "/connection/oauth/callback"

FORM_SLOTS = 4
"""Credentials the connect form has room for."""
