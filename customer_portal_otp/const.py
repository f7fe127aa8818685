"""Names and figures used in several places."""

COOKIE = "portal_sign_in"
COOKIE_SECONDS = 3600
DEVICE_COOKIE = "portal_known_device"
DEVICE_SECONDS = 180 * 24 * 3600

CODE_MINUTES = 10
CHOICE_MINUTES = 5
MAX_TRIES = 5
RESEND_SECONDS = 60
MAIL_TRIES = 5

CREDENTIAL = "email_otp"
# What a code is for. A code for one purpose never serves another.
SIGN_IN = "sign_in"
CONFIRM = "confirm"
NEW_EMAIL = "email"
# Keys in the web session of somebody who came in by code (seconds since 1970).
SESSION_START = "portal_otp_start"
SESSION_SEEN = "portal_otp_seen"
# When the user last showed who he is (core's own key: a password counts too).
IDENTITY_CHECK = "identity-check-last"
FRESH_SECONDS = 10 * 60
# A page seen this many seconds ago counts as "just now": the session file is
# not rewritten for every click.
SEEN_STEP = 60

PARAM = "customer_portal_otp.%s"
