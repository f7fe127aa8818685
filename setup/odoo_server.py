"""Odoo's command line as a file.

With worker processes Odoo starts its websocket process from the file it was started
from itself; started as a module (``python -m odoo``) it has none that can be started.
"""

import odoo.cli

if __name__ == "__main__":
    odoo.cli.main()
