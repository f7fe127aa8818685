"""What the commands say when they cannot go on: one line, what and what to do."""

import errno
import os
import socket
import stat
import subprocess

import pytest

from setup.lib import apt, checks, cli_bench, command, errors, odoo, postgres, product
from setup.lib.errors import SetupError
from setup.lib.paths import ROOT


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def _command(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(ROOT / "setup" / arguments[0]), *arguments[1:]],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _program(path, *lines: str) -> str:
    path.write_text("\n".join(("#!/bin/bash", *lines, "")))
    path.chmod(0o755)
    return str(path)


def _only_line(done: subprocess.CompletedProcess) -> str:
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: ")
    return done.stderr


def test_wrong_python_is_refused_with_the_right_ones(tmp_path):
    """Before a line of ours is read by it, whatever its syntax is."""
    old = _program(tmp_path / "py", '[[ "$2" == *exit* ]] && exit 1', "echo 3.9")
    line = _only_line(_command("run", PYTHON=old))
    assert "Python 3.9 does not run Odoo 19. Install Python 3.10" in line


def test_python_that_is_none_is_refused(tmp_path):
    line = _only_line(_command("run", PYTHON=str(tmp_path / "nothing")))
    assert "is no program. Name Python 3.10" in line
    broken = _program(tmp_path / "py", "exit 1")
    assert "does not run Odoo 19" in _only_line(_command("run", PYTHON=broken))


def test_full_disk_is_refused_with_the_figures(tmp_path, monkeypatch):
    monkeypatch.delenv("SETUP_NEEDED_GB", raising=False)
    with pytest.raises(SetupError, match=r"disk is full: .* GB free .* GB needed"):
        checks.check_disk(tmp_path, needed_gb=1e9)
    checks.check_disk(tmp_path / "not" / "there" / "yet", needed_gb=0.0)


def test_command_on_a_full_disk_says_one_line():
    done = _command(
        "run", "--port", str(checks.free_port()), SETUP_NEEDED_GB="99999999"
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: The disk is full")
    assert done.stderr.count("\n") == 1


def test_command_on_a_taken_port_says_one_line(taken_port):
    done = _command("run", "--port", str(taken_port))
    assert done.returncode == 1
    assert done.stderr == (
        f"error: Port {taken_port} is taken. Give another one with --port, "
        "or stop the program that uses it.\n"
    )


@pytest.mark.parametrize("options", [["--prot", "1"], ["--port", "one"]])
def test_wrong_option_is_refused_with_where_to_look(options):
    line = _only_line(_command("run", *options))
    assert "./setup/run --help tells the options" in line


def test_free_port_avoids_a_taken_one(taken_port):
    assert checks.free_port(taken_port) != taken_port
    assert not checks.is_port_free(taken_port)


def test_port_out_of_range_is_refused():
    with pytest.raises(SetupError, match="not a port"):
        checks.check_port(70000)


@pytest.mark.parametrize("version", ["140009", "180001"])
def test_server_of_another_version_is_refused(version):
    with pytest.raises(SetupError, match=f"of version {version[:2]}, not 15 to 17"):
        postgres.check_version(version)
    postgres.check_version("150018")


def test_cluster_of_another_version_is_refused():
    with pytest.raises(SetupError, match="of PostgreSQL 14, not 15.*Remove"):
        postgres.check_cluster("14\n")
    postgres.check_cluster("15\n")


def test_folder_without_odoo_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_SOURCE", str(tmp_path))
    with pytest.raises(SetupError, match=r"holds no Odoo 19\.0"):
        odoo.packages()


def test_tree_of_odoo_is_used_as_it_is(tmp_path, monkeypatch):
    (tmp_path / "odoo").mkdir()
    (tmp_path / "odoo" / "release.py").write_text("version_info = (19, 0, 0, 'f', 0)\n")
    monkeypatch.setenv("ODOO_SOURCE", str(tmp_path))
    assert odoo.packages() == tmp_path.resolve()


def test_machine_without_apt_is_told_what_to_name(monkeypatch):
    monkeypatch.setattr(apt.shutil, "which", lambda _name: None)
    with pytest.raises(SetupError, match="ODOO_SOURCE.*PGHOST"):
        apt.require_apt()


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("E: Could not resolve 'archive'", "no network"),
        ("NewConnectionError: [Errno -3] Temporary failure", "no network"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("E: Could not open lock file - open (13: Permission denied)", "no right"),
        ("something else\nlast words", "last words"),
        ("KeyError: 'x'\n2026-01-01 7 INFO db odoo: shutdown", "KeyError: 'x'"),
    ],
)
def test_output_of_a_failed_program_becomes_one_sentence(output, said):
    error = errors.from_output("Fetching", output)
    assert said in str(error)
    assert "\n" not in str(error)


def test_unreachable_archive_ends_with_no_network(tmp_path, monkeypatch):
    monkeypatch.setattr(apt, "APT", tmp_path / "apt")
    source = f"deb [trusted=yes] http://127.0.0.1:{checks.free_port()}/ unstable main\n"
    with pytest.raises(SetupError, match="no network"):
        apt._Archive("unstable", source)


def test_unknown_benchmark_is_answered_with_those_there_are():
    with pytest.raises(SetupError, match="no benchmark 'nothing'.*There are"):
        cli_bench.check_name("nothing")


def test_kept_port_of_the_sandbox_is_not_silently_changed(
    tmp_path, monkeypatch, taken_port
):
    monkeypatch.setattr(product, "RUNTIME", tmp_path)
    state = product._State("demo")
    state._file.write_text(f'{{"sandbox": {taken_port}, "mail": 1}}')
    with pytest.raises(SetupError, match=f"Port {taken_port} of the sandbox"):
        state.ports(choose=False)
    chosen = state.ports(choose=True)
    assert taken_port not in chosen.values()


def test_key_file_is_for_its_owner_only(tmp_path):
    path = tmp_path / "key"
    odoo._write_private(path, "secret\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == "secret\n"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "The disk is full (/srv/club). Free some space"),
        (errno.EACCES, "No right to use /srv/club. Run the command as the user"),
        (errno.EROFS, "Nothing can be written to /srv/club. Run"),
    ],
)
def test_refusal_of_the_system_is_one_line(number, said, capsys):
    def run(_arguments):
        raise OSError(number, "no", "/srv/club")

    with pytest.raises(SystemExit) as ended:
        command.main(run, usage="")
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith(f"error: {said}")


def test_mistake_of_ours_is_no_refusal_of_the_system():
    def run(_arguments):
        raise FileNotFoundError(errno.ENOENT, "no", "/srv/club")

    with pytest.raises(FileNotFoundError):
        command.main(run, usage="")


def test_silent_server_is_told_with_its_address():
    port = str(checks.free_port())
    line = _only_line(_with_server("127.0.0.1", PGPORT=port))
    assert f"does not answer (PGHOST=127.0.0.1 PGPORT={port}" in line
    assert "unset PGHOST" in line


def test_old_server_is_refused_by_the_command(tmp_path):
    _program(tmp_path / "psql", "echo 140009")
    path = f"{tmp_path}:{os.environ['PATH']}"
    line = _only_line(_with_server("db.example", PATH=path))
    assert "of version 14, not 15 to 17. Name another server" in line


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ('FATAL:  password authentication failed for user "club"', "Set PGUSER and"),
        ("fe_sendauth: no password supplied", "Set PGUSER and PGPASSWORD"),
        ("ERROR:  permission denied to create database", "CREATEDB"),
        ("ERROR:  something else", "something else"),
    ],
)
def test_server_that_refuses_is_answered_with_what_helps(answer, said, tmp_path):
    _program(tmp_path / "psql", f"echo '{answer}' >&2", "exit 1")
    path = f"{tmp_path}:{os.environ['PATH']}"
    assert said in _only_line(_with_server("db.example", PATH=path))


def _with_server(host: str, **environment: str) -> subprocess.CompletedProcess:
    port = str(checks.free_port())
    return _command("run", "--port", port, PGHOST=host, **environment)
