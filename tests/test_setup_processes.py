"""What the commands start ends with them; what was interrupted is done again."""

import os
import signal
import subprocess
import sys
import time

import pytest

from setup.lib import apt, cli_odoo, odoo, postgres, progress, stamps
from setup.lib.checks import free_port
from setup.lib.errors import SetupError
from setup.lib.paths import ROOT
from setup.lib.processes import Processes, wait_until

# A program with a child of its own, that may not die politely.
_PARENT = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN if {stubborn} else signal.SIG_DFL)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
print(os.getpid(), child.pid, flush=True)
time.sleep(300)
"""


def _is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as status:
            return status.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _start_parent(processes, stubborn: bool) -> list[int]:
    source = _PARENT.format(stubborn=stubborn)
    command = [sys.executable, "-c", source]
    log = processes.start("test_parent", command, dict(os.environ))
    assert wait_until(lambda: len(log.read_text().split()) == 2, 20)
    return [int(word) for word in log.read_text().split()]


def test_end_of_a_command_ends_programs_and_their_children():
    with Processes() as processes:
        pids = _start_parent(processes, stubborn=False)
        assert all(_is_alive(pid) for pid in pids)
    assert wait_until(lambda: not any(_is_alive(pid) for pid in pids), 10)


def test_failure_of_a_command_ends_its_programs():
    with pytest.raises(ZeroDivisionError), Processes() as processes:
        pids = _start_parent(processes, stubborn=False)
        raise ZeroDivisionError
    assert wait_until(lambda: not any(_is_alive(pid) for pid in pids), 10)


def test_program_that_does_not_listen_is_killed(monkeypatch):
    monkeypatch.setattr("setup.lib.processes.PATIENCE", 0.5)
    with Processes() as processes:
        pids = _start_parent(processes, stubborn=True)
    assert wait_until(lambda: not any(_is_alive(pid) for pid in pids), 10)


_COMMAND = """
import os, sys
from setup.lib import command, processes
def run(_arguments):
    with processes.Processes() as started:
        code = "import os, time; print(os.getpid(), flush=True); time.sleep(300)"
        log = started.start(sys.argv[1], [sys.executable, "-c", code], dict(os.environ))
        processes.wait_until(lambda: log.read_text().strip(), 20)
        print(log.read_text().strip(), flush=True)
        processes.wait_until(lambda: False, 300)
command.main(run, usage="")
"""


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGHUP, 130)],
)
def test_signal_to_a_command_ends_its_programs(number, status):
    command = subprocess.Popen(
        [sys.executable, "-c", _COMMAND, f"test_signal_{number}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    pid = int(command.stdout.readline())
    assert _is_alive(pid)
    command.send_signal(number)
    assert command.wait(30) == status
    assert wait_until(lambda: not _is_alive(pid), 10)


def test_kill_of_a_command_ends_its_programs():
    command = subprocess.Popen(
        [sys.executable, "-c", _COMMAND, "test_kill"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    pid = int(command.stdout.readline())
    command.kill()
    command.wait(10)
    assert wait_until(lambda: not _is_alive(pid), 10)


def test_stamp_says_current_only_for_what_it_was_made_from(tmp_path, monkeypatch):
    monkeypatch.setattr(stamps, "STAMPS", tmp_path / "stamps")
    assert not stamps.is_present("odoo")
    stamps.write("odoo", "one")
    assert stamps.is_current("odoo", "one")
    assert not stamps.is_current("odoo", "two")
    stamps.remove("odoo")
    assert not stamps.is_current("odoo", "one")


def test_hash_of_a_tree_follows_code_but_not_tests_and_papers(tmp_path):
    code = tmp_path / "addon"
    for name in ("models", "tests", "readme"):
        (code / name).mkdir(parents=True)
    (code / "models" / "a.py").write_text("1")
    before = stamps.key_of_tree(code)
    (code / "tests" / "test_a.py").write_text("2")
    (code / "readme" / "USAGE.md").write_text("3")
    assert stamps.key_of_tree(code) == before
    (code / "models" / "a.py").write_text("4")
    assert stamps.key_of_tree(code) != before


def test_interrupted_unpacking_leaves_the_old_tree_and_no_stamp(tmp_path, monkeypatch):
    target = tmp_path / "odoo"
    target.mkdir()
    (target / "old").touch()
    package = tmp_path / "broken.deb"
    package.write_text("half a package")
    monkeypatch.setattr(apt, "LOG", tmp_path)
    monkeypatch.setattr(apt, "RUNTIME", tmp_path)
    with pytest.raises(apt.SetupError):
        apt._unpack([package], target)
    assert (target / "old").exists()


def test_server_of_the_user_gets_names_of_this_checkout(monkeypatch):
    monkeypatch.setenv("PGHOST", "db.example")
    monkeypatch.setenv("PGUSER", "someone")
    assert postgres.is_external()
    assert postgres.environment()["PGUSER"] == "someone"
    assert postgres.name_of("demo").startswith("ris_")
    monkeypatch.setenv("PGHOST", str(postgres.FOLDER))
    assert not postgres.is_external()
    assert postgres.name_of("demo") == "demo"


def test_long_path_gets_its_socket_elsewhere(monkeypatch, tmp_path):
    deep = tmp_path / ("deep" * 30)
    monkeypatch.setattr(postgres, "FOLDER", deep)
    assert len(postgres._socket_folder()) < 80


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["shell"], ["shell", "-d", "demo"]),
        (["shell", "-d", "x"], ["shell", "-d", "x"]),
        (["shell", "--database=x"], ["shell", "--database=x"]),
        (["-u", "sale"], ["-u", "sale", "-d", "demo"]),
        (["--version"], ["--version"]),
        (["--db_host=h", "-u", "x"], ["--db_host=h", "-u", "x", "-d", "demo"]),
        (["i18n", "export", "sale"], ["i18n", "export", "sale", "-d", "demo"]),
        (["cloc", "-p", "x"], ["cloc", "-p", "x"]),
    ],
)
def test_odoo_works_on_the_demo_database_unless_told_otherwise(given, expected):
    assert cli_odoo.with_database(given, "demo") == expected


def test_long_step_shows_that_it_lives(tmp_path, monkeypatch, capsys):
    log = tmp_path / "x.log"
    log.write_text("2026-01-01 10:00:00,1 7 INFO db odoo.modules: loading sale\n")
    monkeypatch.setattr(progress, "INTERVAL", 0.05)
    with progress.step("Installing", log):
        assert wait_until(lambda: "…" in capsys.readouterr().out, 5, pause=0.2)


def test_long_step_shows_nothing_of_an_earlier_one(tmp_path, monkeypatch, capsys):
    log = tmp_path / "x.log"
    log.write_text("2026-01-01 10:00:00,1 7 INFO db odoo.modules: loading sale\n")
    os.utime(log, (1, 1))
    monkeypatch.setattr(progress, "INTERVAL", 0.05)
    with progress.step("Installing", log):
        time.sleep(0.2)
    assert "…" in (told := capsys.readouterr().out)
    assert "loading sale" not in told


@pytest.mark.parametrize(
    ("printed", "answer"),
    [('noise\nANSWER {"ms": 1}\nmore\n', {"ms": 1}), ("noise\n", None)],
)
def test_answer_of_a_script_is_found_in_what_odoo_prints(
    printed, answer, tmp_path, monkeypatch
):
    log = tmp_path / "x.log"
    log.write_text(printed)
    monkeypatch.setattr(odoo, "run", lambda *_args, **_options: log)
    script = tmp_path / "script.py"
    if answer:
        assert odoo.ask("x", "--database=x", script=script) == answer
    else:
        with pytest.raises(SetupError, match="script.py ended without an answer"):
            odoo.ask("x", "--database=x", script=script)


def test_two_servers_get_two_ports():
    start = time.monotonic()
    assert free_port() > 0
    assert time.monotonic() - start < 5
