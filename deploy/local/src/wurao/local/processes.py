"""Start programs that outlive their starter, and later stop exactly those.

A program is known by its pid and its start time, so a pid that the system has given to another program meanwhile is
never signalled.
"""

from __future__ import annotations

import json
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx
import psutil

POLL_SECONDS = 0.02
# psutil derives start times from the clock at boot, which time synchronisation may move a little.
START_TIME_TOLERANCE_SECONDS = 5.0

# Children of this very process: held here until reaped, so that none becomes a zombie.
_children: dict[int, subprocess.Popen[bytes]] = {}


class StartFailed(Exception):
    """A program ended, or did not become healthy in time; the text has the end of its log."""


class AlreadyRunning(Exception):
    """A program of this name runs already in this run directory."""


def _reap(pid: int) -> None:
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        del _children[pid]


def wait_until(condition: Iterator[bool], seconds: float) -> bool:
    """Draw from `condition` until it yields True or the seconds are over; return whether it did."""
    deadline = time.monotonic() + seconds
    for holds in condition:
        if holds:
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)
    return False


@dataclass(frozen=True)
class Program:
    """One running program: pid, and start time in seconds since 1970."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """Return the program that has this pid now, or None."""
        try:
            return cls(pid, psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:
            return None

    def process(self) -> psutil.Process | None:
        """Return the live process, or None when it has ended or the pid is another program's."""
        _reap(self.pid)
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < START_TIME_TOLERANCE_SECONDS
            # A child of ours lives until it can be reaped: a program of many threads is a zombie somewhat earlier.
            if same and (process.status() != psutil.STATUS_ZOMBIE or self.pid in _children):
                return process
        except psutil.NoSuchProcess:
            _reap(self.pid)
        return None

    def alive(self) -> bool:
        return self.process() is not None

    def wait_ended(self, seconds: float) -> bool:
        """Wait until the program has ended; return whether it has."""
        return wait_until(iter(lambda: not self.alive(), None), seconds)

    def send(self, number: signal.Signals) -> None:
        process = self.process()
        if process is not None:
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                return

    def stop(self, *, first: signal.Signals = signal.SIGTERM, grace_seconds: float = 10.0) -> bool:
        """Ask to end, then kill after the grace period with all children; return whether asking was enough."""
        family = self._children()
        self.send(first)
        asked = self.wait_ended(grace_seconds)
        if not asked:
            self.send(signal.SIGKILL)
        end_leftovers(family, grace_seconds=0.0 if not asked else 2.0)
        return self.wait_ended(10.0) and asked

    def kill(self, *, leave_seconds: float = 5.0) -> None:
        """SIGKILL this program; its children have some seconds to notice, then they are killed too."""
        family = self._children()
        self.send(signal.SIGKILL)
        self.wait_ended(10.0)
        end_leftovers(family, grace_seconds=leave_seconds)

    def _children(self) -> list[Program]:
        process = self.process()
        try:
            found = process.children(recursive=True) if process else []
        except psutil.NoSuchProcess:
            found = []
        programs = (type(self).of(child.pid) for child in found)
        return [program for program in programs if program is not None]


def end_leftovers(family: Sequence[Program], *, grace_seconds: float) -> None:
    """Wait for these programs to end by themselves, then kill the ones that did not."""
    wait_until(iter(lambda: not any(member.alive() for member in family), None), grace_seconds)
    for member in family:
        member.send(signal.SIGKILL)
    for member in family:
        member.wait_ended(5.0)


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    cwd: Path | str = "/",
    user: pwd.struct_passwd | None = None,
) -> Program:
    """Start a program in its own session, its output appended to `log`, with exactly the given environment."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        child = subprocess.Popen(  # noqa: S603 - callers pass fixed commands, no shell
            argv,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )
    finally:
        os.close(descriptor)
    _children[child.pid] = child
    program = Program.of(child.pid)
    if program is None:
        raise StartFailed(f"{argv[0]} ended at once:\n{tail(log)}")
    return program


def tail(log: Path, characters: int = 3000) -> str:
    """Return the end of a log file, empty when there is none."""
    try:
        return log.read_text(errors="replace")[-characters:]
    except FileNotFoundError:
        return ""


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file so that a reader sees the old text or the new, never a half."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    draft.replace(path)


@dataclass(frozen=True)
class Record:
    """The file that remembers a running program for a later stop."""

    path: Path

    def write(self, program: Program) -> None:
        write_atomically(self.path, json.dumps({"pid": program.pid, "started": program.started}))

    def read(self) -> Program | None:
        """Return the program that was remembered, running or not; None when there is no record."""
        try:
            values = json.loads(self.path.read_text())
        except FileNotFoundError:
            return None
        return Program(int(values["pid"]), float(values["started"]))

    def running(self) -> Program | None:
        program = self.read()
        return program if program is not None and program.alive() else None

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)


def healthy(url: str) -> bool:
    """Tell whether a GET of the URL answers 2xx within two seconds."""
    try:
        with httpx.Client(trust_env=False, timeout=2.0) as client:
            return client.get(url).is_success
    except httpx.HTTPError:
        return False


@dataclass(frozen=True)
class Handle:
    """A program of a run directory."""

    name: str
    program: Program
    log: Path
    record: Record

    def wait_healthy(self, url: str, seconds: float = 60.0) -> None:
        """Wait until the URL answers; raise StartFailed when the program ends first or the time is over."""

        def states() -> Iterator[bool]:
            while self.program.alive():
                yield healthy(url)

        if not wait_until(states(), seconds):
            how = "did not answer in time" if self.program.alive() else "ended"
            self.stop(grace_seconds=5.0)
            raise StartFailed(f"{self.name} {how} ({url}); the end of {self.log}:\n{tail(self.log)}")

    def stop(self, grace_seconds: float = 20.0) -> bool:
        """SIGTERM, then SIGKILL after the grace period; return whether SIGTERM was enough."""
        graceful = self.program.stop(grace_seconds=grace_seconds)
        self.record.forget()
        return graceful

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        self.program.kill(leave_seconds=0.0)
        self.record.forget()


@dataclass(frozen=True)
class Status:
    name: str
    pid: int
    alive: bool
    started: float
    log: Path


class RunDirectory:
    """A folder with one `<name>.pid` and one `<name>.log` for each program started from it."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def start(self, name: str, argv: Sequence[str], env: Mapping[str, str]) -> Handle:
        """Start a program with `env` on top of ours, and remember it; raise AlreadyRunning when it runs."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        record, log = self._record(name), self.path / f"{name}.log"
        if record.running():
            raise AlreadyRunning(f"{name} runs already, remembered in {record.path}")
        program = spawn(argv, env={**os.environ, **env}, log=log, cwd=self.path)
        record.write(program)
        return Handle(name, program, log, record)

    def spawn(
        self, name: str, argv: Sequence[str], env: Mapping[str, str], health_url: str, seconds: float = 60.0
    ) -> Handle:
        """Start a program and wait until its health URL answers; on StartFailed nothing is left running."""
        handle = self.start(name, argv, env)
        handle.wait_healthy(health_url, seconds)
        return handle

    def handles(self) -> list[Handle]:
        """Return what was started here and not stopped, in the order of starting."""
        found = []
        for path in self.path.glob("*.pid"):
            record = Record(path)
            program = record.read()
            if program is not None:
                found.append(Handle(path.stem, program, path.with_suffix(".log"), record))
        return sorted(found, key=lambda handle: handle.program.started)

    def status(self) -> list[Status]:
        return [
            Status(handle.name, handle.program.pid, handle.program.alive(), handle.program.started, handle.log)
            for handle in self.handles()
        ]

    def stop_all(self, grace_seconds: float = 20.0) -> list[str]:
        """Stop everything that was started here, last first, all at once; return the names that had to be killed."""
        handles = self.handles()[::-1]
        for handle in handles:
            handle.program.send(signal.SIGTERM)
        deadline = time.monotonic() + grace_seconds
        killed = []
        for handle in handles:
            ended = handle.program.wait_ended(max(0.0, deadline - time.monotonic()))
            if not ended:
                handle.program.kill(leave_seconds=0.0)
                killed.append(handle.name)
            handle.record.forget()
        return killed

    @contextmanager
    def stopping(self) -> Iterator[Self]:
        """Stop everything on leaving."""
        try:
            yield self
        finally:
            self.stop_all()

    def _record(self, name: str) -> Record:
        return Record(self.path / f"{name}.pid")
