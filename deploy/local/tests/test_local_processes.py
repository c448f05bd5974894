from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wurao.local.processes import AlreadyRunning, Record, RunDirectory, StartFailed
from wurao.local.system import free_port

SERVER = """
import http.server, os, signal, sys
if "deaf" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("colour", os.environ["COLOUR"], flush=True)
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 503)
        self.end_headers()
    def log_message(self, *words): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
ENV = {"COLOUR": "green"}


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunDirectory]:
    with RunDirectory(tmp_path / "run").stopping() as directory:
        yield directory


def argv(port: int, *words: str) -> list[str]:
    return [sys.executable, "-c", SERVER, str(port), *words]


def test_spawn_waits_for_health_and_down_stops_it(run: RunDirectory) -> None:
    """A program is up when spawn returns; another object on the folder sees it and stops it by SIGTERM."""
    port = free_port()
    handle = run.spawn("one", argv(port), ENV, f"http://127.0.0.1:{port}/health")
    assert handle.log.read_text() == "colour green\n"
    later = RunDirectory(run.path)
    assert [(s.name, s.pid, s.alive) for s in later.status()] == [("one", handle.program.pid, True)]
    assert later.stop_all() == []
    assert not handle.program.alive()
    assert later.status() == []


def test_deaf_program_is_killed_after_the_grace_period(run: RunDirectory) -> None:
    """A program that ignores SIGTERM is named and killed; one that listens is not."""
    ports = free_port(), free_port()
    deaf = run.spawn("deaf", argv(ports[0], "deaf"), ENV, f"http://127.0.0.1:{ports[0]}/health")
    good = run.spawn("good", argv(ports[1]), ENV, f"http://127.0.0.1:{ports[1]}/health")
    assert run.stop_all(grace_seconds=0.5) == ["deaf"]
    assert not deaf.program.alive()
    assert not good.program.alive()


def test_program_that_ends_is_reported_with_its_log(run: RunDirectory) -> None:
    """When the program ends before it is healthy, the error has the end of its log and nothing is remembered."""
    with pytest.raises(StartFailed, match="out of luck"):
        run.spawn("bad", [sys.executable, "-c", "raise SystemExit('out of luck')"], {}, "http://127.0.0.1:9/health")
    assert run.status() == []


def test_unhealthy_program_is_stopped(run: RunDirectory) -> None:
    """A program that runs but never answers 2xx is stopped when the time is over."""
    port = free_port()
    with pytest.raises(StartFailed, match="did not answer in time"):
        run.spawn("ill", argv(port), ENV, f"http://127.0.0.1:{port}/other", seconds=1.0)
    assert run.status() == []


def test_same_name_runs_once(run: RunDirectory) -> None:
    """A second start of a running name is refused."""
    run.start("one", argv(free_port()), ENV)
    with pytest.raises(AlreadyRunning):
        run.start("one", argv(free_port()), ENV)


def test_other_program_with_the_pid_is_left_alone(run: RunDirectory, tmp_path: Path) -> None:
    """A record whose start time is not the process's own names another program: it is not signalled."""
    other = RunDirectory(tmp_path / "other")
    with other.stopping():
        bystander = other.start("bystander", argv(free_port()), ENV).program
        run.path.mkdir()
        Record(run.path / "stale.pid").write(dataclasses.replace(bystander, started=bystander.started - 100))
        assert [status.alive for status in run.status()] == [False]
        assert run.stop_all() == []
        assert bystander.alive()
