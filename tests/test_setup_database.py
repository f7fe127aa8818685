"""The databases of a checkout, made and thrown away on the real server."""

import os
import subprocess
from contextlib import contextmanager

import pytest

from setup.lib import database, postgres
from setup.lib.postgres import name_of, psql
from setup.lib.processes import wait_until

SOURCE, TARGET = "source_of_test", "target_of_test"


@pytest.fixture
def source():
    database.drop(SOURCE)
    psql(f'CREATE DATABASE "{name_of(SOURCE)}" TEMPLATE template0')
    yield
    database.drop(TARGET)
    database.drop(SOURCE)


@contextmanager
def _session(statement: str, name: str):
    """A session that is at work on a statement, as a killed command leaves one."""
    folder, extra = postgres.client()
    command = [f"{folder}psql", "-Xwq", "-d", name, "-c", statement]
    environment = {**os.environ, **extra, **postgres.environment()}
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as process:
        active = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND "
        quoted = statement.replace("'", "''")
        assert wait_until(lambda: psql(f"{active} query = '{quoted}'") == "1", 20)
        yield process
        process.wait(30)


def test_database_that_a_killed_command_still_makes_is_made_anew(source):
    made = f'CREATE DATABASE "{name_of(TARGET)}" TEMPLATE "{name_of(SOURCE)}"'
    # The template is in use, so the first one waits.
    with (
        _session("SELECT pg_sleep(60)", name_of(SOURCE)),
        _session(made, "postgres") as first,
    ):
        database.clone(SOURCE, TARGET)
    assert first.returncode, "the first one was ended"
    assert database.exists(TARGET)


def test_drop_of_what_is_not_there_is_no_error():
    database.drop("nothing_of_test")
    assert not database.exists("nothing_of_test")
