"""Processor time of a piece of work: of Odoo, of what it starts, of its database.

Of use where other work shares the machine: a clock on the wall would count that too.
"""

import time

import psutil


def processor(cr):
    """Seconds spent so far by this process, by programs it ran, by its backend.

    :param cr: open cursor; a database on another machine counts nothing
    """
    cr.execute("SELECT pg_backend_pid()")
    (backend,) = cr.fetchone()
    children = psutil.Process().cpu_times()
    spent = time.process_time() + children.children_user + children.children_system
    try:
        times = psutil.Process(backend).cpu_times()
    except psutil.NoSuchProcess:
        return spent
    return spent + times.user + times.system
