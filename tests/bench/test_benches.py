"""The benches run at a tiny scale; their times say nothing there and are not looked at."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wurao.local.postgres import PostgresServer
from wurao.local.servers import POSTGRES_VARIABLE

ROOT = Path(__file__).parents[2]


@pytest.mark.postgres
@pytest.mark.parametrize("bench", ["grading", "imports", "search", "merge", "draw"])
def test_a_bench_runs_and_reports(bench: str, postgres_server: PostgresServer, tmp_path: Path) -> None:
    """A bench measures both sides in one round and keeps its results; nothing but a goal can fail it."""
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", f"tests.bench.{bench}", "--scale", "800", "--rounds", "1", "--json", str(report)]
    environment = os.environ | {POSTGRES_VARIABLE: postgres_server.url(driver=None)}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode in (0, 1), run.stderr
    assert report.exists(), run.stderr
    results = json.loads(report.read_text())
    assert results
    assert all(result["value"] >= 0 and result["goal"] >= 0 for result in results)
    assert any(result["value"] > 0 for result in results)
