"""Plain rules of signing in by code: no Odoo, no HTTP, no database."""
