"""A private PostgreSQL server from the system's binaries: loopback only, password only, data in one folder."""

from __future__ import annotations

import asyncio
import hashlib
import os
import pwd
import secrets
import shutil
import signal
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, unquote, urlsplit

import asyncpg
import psutil

from wurao.local.processes import Program, StartFailed, spawn, tail, wait_until, write_atomically
from wurao.local.system import (
    Unavailable,
    apt_install,
    can_apt_install,
    clean_environment,
    free_port,
    unprivileged_user,
)

SUPERUSER = "wurao_admin"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "jit": "off",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def find_binaries() -> Path | None:
    """Return the folder that has both initdb and postgres, the newest of Debian's before the PATH; or None."""
    debian = sorted(
        (path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()),
        key=lambda path: int(path.parent.name),
        reverse=True,
    )
    on_path = shutil.which("initdb")
    # A command on the PATH may be a link: the folder that it points to has all the others.
    candidates = [*debian, *([Path(on_path).resolve().parent] if on_path else [])]
    return next((path for path in candidates if _complete(path)), None)


def _complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))


def binaries() -> Path:
    """Return the folder with the binaries, installing them when we may; raise Unavailable otherwise."""
    found = find_binaries()
    if found is None and can_apt_install():
        _install()
        found = find_binaries()
    if found is None:
        raise Unavailable("no PostgreSQL binaries (initdb, postgres) in /usr/lib/postgresql/*/bin or the PATH")
    return found


def _install() -> None:
    apt_install("postgresql-common")
    # Debian would create and start a cluster of its own on port 5432; nobody here has asked for that one.
    with Path("/etc/postgresql-common/createcluster.conf").open("a") as settings:
        settings.write("\ncreate_main_cluster = false\n")
    apt_install("postgresql")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _without_loop(work: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run async work from code that may itself be called inside a running event loop."""
    with ThreadPoolExecutor(1) as executor:
        executor.submit(lambda: asyncio.run(work())).result()


class PostgresServer:
    """A running server and its administrator's login: makes databases and roles, and URLs for them."""

    origin = "given"

    def __init__(self, host: str, port: int, user: str, password: str) -> None:
        self.host = host
        self.port = port
        self.user = user
        self._password = password

    @classmethod
    def of_url(cls, url: str) -> PostgresServer:
        """Return the server of `postgresql://user:password@host:port/...`; a driver after a plus is ignored."""
        parts = urlsplit(url)
        if parts.scheme.split("+")[0] not in {"postgresql", "postgres"} or not parts.hostname:
            raise Unavailable(
                "the given PostgreSQL URL is not of the form postgresql://user:password@host:port/database"
            )
        user, password = unquote(parts.username or "postgres"), unquote(parts.password or "")
        return PostgresServer(parts.hostname, parts.port or 5432, user, password)

    @property
    def password(self) -> str:
        return self._password

    def url(
        self,
        database: str = "postgres",
        user: str | None = None,
        password: str | None = None,
        driver: str | None = "asyncpg",
    ) -> str:
        """Return a SQLAlchemy URL, or a plain one for `driver=None`; the administrator's unless a user is given."""
        scheme = f"postgresql+{driver}" if driver else "postgresql"
        login = (
            f"{quote(user or self.user, safe='')}:{quote(self.password if user is None else password or '', safe='')}"
        )
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{login}@{host}:{self.port}/{quote(database, safe='')}"

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the administrator, each in its own transaction."""

        async def work() -> None:
            connection = await self._connect(database)
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        _without_loop(work)

    def ready(self) -> bool:
        """Tell whether the administrator can log in."""
        try:
            self.execute("SELECT 1")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True

    def create_database(self, name: str, owner: str | None = None) -> None:
        """Create a database unless it exists."""

        async def work() -> None:
            connection = await self._connect("postgres")
            try:
                if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
                    belongs = f" OWNER {_quoted(owner)}" if owner else ""
                    await connection.execute(f"CREATE DATABASE {_quoted(name)}{belongs} TEMPLATE template0")
            finally:
                await connection.close()

        _without_loop(work)

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, ending its connections."""
        self.execute(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")

    def create_role(self, name: str, password: str) -> None:
        """Create a login role without any privilege, or set its password when it exists."""

        async def work() -> None:
            connection = await self._connect("postgres")
            try:
                # Looked up first: a failing CREATE ROLE would write the password to the server's log.
                known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name)
                verb = "ALTER" if known else "CREATE"
                await connection.execute(f"{verb} ROLE {_quoted(name)} LOGIN PASSWORD {_literal(password)}")
            finally:
                await connection.close()

        _without_loop(work)

    async def _connect(self, database: str) -> asyncpg.Connection:
        return await asyncpg.connect(
            host=self.host, port=self.port, user=self.user, password=self.password, database=database, timeout=10
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.host}:{self.port}, {self.origin})"


class Postgres(PostgresServer):
    """A server of our own in `directory`; `start` makes the cluster when there is none, and keeps its data.

    With `durable=False` nothing is flushed to the disk: quick, and the data survive a killed server, but not a
    crash of the machine. Started again without a port it keeps the port it had, so clients find it.
    """

    origin = "local binaries"

    def __init__(self, directory: Path, port: int = 0, *, durable: bool = False) -> None:
        super().__init__("127.0.0.1", port, SUPERUSER, "")
        self.directory = directory.absolute()
        self.durable = durable
        self._home: Path | None = None

    @property
    def home(self) -> Path:
        """The folder with data, password and port: `directory`, or one that PostgreSQL's user can reach."""
        if self._home is None:
            self._home = _reachable_home(self.directory, unprivileged_user())
        return self._home

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def password(self) -> str:
        return (self.home / "password").read_text()

    def start(self, seconds: float = 60.0) -> Self:
        """Start, or find the server of this folder running already; return when it takes connections."""
        running = self.program()
        if running is None:
            folder = binaries()
            if not (self.data / "PG_VERSION").exists():
                self._initialise(folder)
            self.port = self.port or self._last_port() or free_port()
            running = self._spawn(folder)
        self.port = self._wait_ready(running, seconds)
        write_atomically(self.home / "port", str(self.port))
        return self

    def stop(self, grace_seconds: float = 15.0) -> None:
        """Stop at once but cleanly: connections are cut, transactions under way are rolled back."""
        running = self.program()
        if running is not None:
            running.stop(first=signal.SIGINT, grace_seconds=grace_seconds)

    def restart(self) -> Self:
        self.stop()
        return self.start()

    def kill(self) -> None:
        """SIGKILL the postmaster, as a crash would; return when its children have ended too."""
        running = self.program()
        if running is not None:
            running.kill()

    def remove(self) -> None:
        """Stop and delete all data."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.directory, ignore_errors=True)
        self._home = None

    def program(self) -> Program | None:
        """Return the running postmaster of this data folder, or None."""
        lines = _pid_file(self.data)
        if len(lines) < 4:
            return None
        program = Program.of(int(lines[0]))
        process = program.process() if program else None
        try:
            # The pid may be another program's by now; a postmaster works in its data folder.
            same = process is not None and Path(process.cwd()) == self.data.resolve()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            same = False
        return program if same else None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _initialise(self, folder: Path) -> None:
        user = unprivileged_user()
        self._prepare_data(user)
        password = self.home / "password"
        write_atomically(password, secrets.token_urlsafe(24))
        if user:
            os.chown(password, user.pw_uid, user.pw_gid)
        command = [
            str(folder / "initdb"),
            f"--pgdata={self.data}",
            f"--username={SUPERUSER}",
            f"--pwfile={password}",
            "--auth-host=scram-sha-256",
            "--auth-local=reject",
            "--encoding=UTF8",
            "--no-locale",
            *([] if self.durable else ["--no-sync"]),
        ]
        initialiser = spawn(command, env=clean_environment(), log=self.log, user=user)
        if not initialiser.wait_ended(120.0) or not (self.data / "PG_VERSION").exists():
            raise StartFailed(f"initdb failed; the end of {self.log}:\n{tail(self.log)}")

    def _prepare_data(self, user: pwd.struct_passwd | None) -> None:
        # What an interrupted initdb left behind is no cluster: initdb wants the folder empty.
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        if user:
            os.chown(self.data, user.pw_uid, user.pw_gid)

    def _spawn(self, folder: Path) -> Program:
        settings = {**_SETTINGS, "port": str(self.port), **({} if self.durable else _NOT_DURABLE)}
        command = [str(folder / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return spawn(command, env=clean_environment(), log=self.log, user=unprivileged_user())

    def _wait_ready(self, program: Program, seconds: float) -> int:
        """Wait for the eighth line of postmaster.pid to say ready, as pg_ctl does; return the port."""

        def states() -> Iterator[bool]:
            while program.alive():
                lines = _pid_file(self.data)
                yield len(lines) >= 8 and int(lines[0]) == program.pid and lines[7].strip() == "ready"

        if not wait_until(states(), seconds):
            program.kill(leave_seconds=0.0)
            raise StartFailed(f"PostgreSQL did not start; the end of {self.log}:\n{tail(self.log)}")
        return int(_pid_file(self.data)[3])

    def _last_port(self) -> int:
        try:
            return int((self.home / "port").read_text())
        except FileNotFoundError:
            return 0


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _reachable_home(directory: Path, user: pwd.struct_passwd | None) -> Path:
    """Return the folder for the server's files: `directory`, unless its user may not pass through its parents.

    A checkout below /root is such a case: the server's user cannot enter it. The data then lie in /var/tmp, in a
    folder named after `directory`, and a link in `directory` leads there.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if user is None:
        return directory
    directory.chmod(0o711)
    if all(_may_pass(parent, user) for parent in directory.resolve().parents):
        return directory
    link = directory / "elsewhere"
    home = Path("/var/tmp") / f"wurao-postgres-{hashlib.sha256(bytes(directory)).hexdigest()[:16]}"  # noqa: S108
    if not link.is_symlink():
        # Left by an earlier folder of the same name that has been deleted since.
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(mode=0o711)
        link.symlink_to(home)
    if home.is_symlink() or home.stat().st_uid != os.geteuid():
        raise Unavailable(f"{home} belongs to somebody else; delete it")
    return home


def _may_pass(folder: Path, user: pwd.struct_passwd) -> bool:
    status = folder.stat()
    if status.st_uid == user.pw_uid:
        return bool(status.st_mode & 0o100)
    return bool(status.st_mode & (0o010 if status.st_gid == user.pw_gid else 0o001))
