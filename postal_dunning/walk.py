"""Work of a job that leaves the house record by record."""


def walk(model, domain, act, limit=None):
    """Do something with each record of a domain, as long as the job has time.

    A record that somebody else holds, or that is no longer in the domain once it is
    locked, is passed over; what is done is committed after each one.

    :param model: empty recordset, in the environment of the job
    :param act: called with one locked record; it keeps its own failures
    :param limit: records of one run, ``None`` for all
    """
    cron = model.env["ir.cron"]
    records = model.search(domain, order="id", limit=limit)
    cron._commit_progress(remaining=model.search_count(domain))
    for record in records:
        locked = record.try_lock_for_update().filtered_domain(domain)
        if locked:
            act(locked)
        if not cron._commit_progress(1):
            return
