"""Whole-product scenarios that run against a real Odoo over HTTP."""
