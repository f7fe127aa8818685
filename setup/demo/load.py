"""Script for ``./setup/odoo shell``: load the demo club into the database at hand."""

import os
import sys

sys.path.insert(0, os.environ.get("PROJECT_ROOT") or os.getcwd())

from setup.demo.club import load

load(env)  # noqa: F821 - the shell defines it
env.cr.commit()  # noqa: F821
