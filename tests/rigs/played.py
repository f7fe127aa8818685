"""What rigs share that run inside Odoo's shell: workers that are killed, the answer."""

import json
import os
import sys

import odoo
from odoo import api
from odoo.modules.registry import Registry


class KilledWorkers:
    """Workers in processes of their own; ``_do_the_job`` is one, and never returns."""

    env: api.Environment

    def _work(self, place="", nth=1):
        """One worker. :return: whether it was killed"""
        name = self.env.cr.dbname
        self.env.cr.commit()
        self.env.cr.close()
        odoo.sql_db.close_db(name)  # a worker inherits no connection
        child = os.fork()
        if not child:
            self._do_the_job(name, place, nth)
        _pid, status = os.waitpid(child, 0)
        self.env = api.Environment(Registry(name).cursor(), odoo.SUPERUSER_ID, {})
        return os.WIFSIGNALED(status)

    def _do_the_job(self, name, place, nth):
        raise NotImplementedError


def main(env, rig_class):
    """Play a rig and print its result as one line of JSON."""
    rig = rig_class(env(context={**env.context, "tracking_disable": True}))
    rig.build()
    rig.play()
    result = rig.judge()
    rig.notes.unlink()
    sys.stdout.write(f"ANSWER {json.dumps(result)}\n")
    sys.stdout.flush()
    # The shell's own connection was closed for the workers: there is no way back.
    os._exit(0)
