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


def present_addons() -> list[str]:
    """Names of our addons, in the order in which they install."""
    return [name for name in ADDONS if (ROOT / name / "__manifest__.py").is_file()]
