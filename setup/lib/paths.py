"""Where things are. Everything that is made lies under RUNTIME."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = ROOT / ".runtime"
BIN = RUNTIME / "bin"
LOG = RUNTIME / "log"
STAMPS = RUNTIME / "stamps"
VENV = RUNTIME / "venv"
VENV_PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements.txt"

ADDONS = (
    "connection_base",
    "subscription_connector",
    "subscription_mollie",
    "moneybird_reconcile",
    "postal_dunning",
    "customer_portal_otp",
    "customer_portal_account",
    "customer_portal_subscription",
)

#: Glue to modules of Odoo that not every organisation has. The product is shown and
#: tested without them; each has a test that installs it in a database of its own.
OPTIONAL_ADDONS = ("subscription_stock",)


def present_addons() -> list[str]:
    """Names of the addons every database has, in the order in which they install."""
    return [name for name in ADDONS if (ROOT / name / "__manifest__.py").is_file()]


def all_addons() -> list[str]:
    """Names of all our addons, also of those that a database may lack."""
    return [*present_addons(), *OPTIONAL_ADDONS]
