from . import (
    portal,
    portal_change,
    portal_invitation,
    portal_outside,
    portal_plan,
    shop,
)
