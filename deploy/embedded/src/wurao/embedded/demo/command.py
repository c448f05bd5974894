"""Playing the quarter from the command line: start the platform, play, show, keep serving or stop."""

import asyncio
import json
import time
from datetime import datetime
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from wurao.common import logs
from wurao.common.clock import SHANGHAI, AdjustableClock
from wurao.embedded import production
from wurao.embedded.counties import PACKS
from wurao.embedded.demo.client import Callers, Endpoints
from wurao.embedded.demo.play import STEPS, Play
from wurao.embedded.demo.summary import Quarter, show
from wurao.embedded.issuer_app import stored_secret
from wurao.embedded.platform import create_platform
from wurao.embedded.sample import generate
from wurao.embedded.server import bound_socket, serving

# The county whose sample data is played under each pack.
START = datetime(2025, 12, 22, 9, 0, tzinfo=SHANGHAI)
ENTERPRISES = 3000

console = Console()


async def play_embedded(folder: Path, pack: str, port: int, *, keep: bool, enterprises: int = ENTERPRISES) -> Quarter:
    """Serve the embedded platform from a data folder, play the quarter once, show it; serve on when `keep`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "platform.log").open("a") as log, logs.written_to(log), bound_socket(port) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        clock = AdjustableClock()
        clock.set(_played_until(folder) or START)
        platform = create_platform(folder, url, clock)
        async with serving(platform.app, listening) as task:
            endpoints = Endpoints.embedded(url, stored_secret(folder / "client-secret"))
            quarter = await _quarter(folder, pack, endpoints, enterprises)
            show(console, quarter, endpoints)
            if keep:
                console.print(f"平台在 [bold]{url}[/bold] 持续服务；Ctrl-C 结束。数据在 {folder}")
                await task
    return quarter


async def play_production(folder: production.Folder, pack: str, port: int) -> None:
    """Start the local production, play the quarter once against its processes, show it."""
    endpoints: Endpoints | None = None
    with console.status("启动") as status:
        start = _played_until(folder.path) or START
        for doing, ready in production.up(folder, port, start=start):
            status.update(doing)
            endpoints = ready or endpoints
    assert endpoints is not None
    show(console, await _quarter(folder.path, pack, endpoints, ENTERPRISES), endpoints)


def _played_until(folder: Path) -> datetime | None:
    record = folder / "quarter.json"
    return Quarter.model_validate_json(record.read_text()).ended_at if record.exists() else None


async def _quarter(folder: Path, pack: str, endpoints: Endpoints, enterprises: int) -> Quarter:
    record = folder / "quarter.json"
    if record.exists():
        return Quarter.model_validate_json(record.read_text())
    quarter = await play(folder / "sample", pack, endpoints, enterprises)
    record.write_text(json.dumps(quarter.model_dump(mode="json"), ensure_ascii=False, indent=1))
    return quarter


async def play(sample: Path, pack: str, endpoints: Endpoints, enterprises: int) -> Quarter:
    """Generate the sample county and play every step; raises StepFailed at the first that does not hold."""
    began = time.monotonic()
    area = PACKS[pack]
    generate(sample, enterprises=enterprises, area=area)
    limits = httpx.Limits(max_connections=20)
    async with httpx.AsyncClient(timeout=300, limits=limits) as http:
        game = Play(Callers(http, endpoints), pack, area, sample, START)
        with _progress() as progress:
            task = progress.add_task("", total=len(STEPS))
            for step in STEPS:
                progress.update(task, description=(step.__doc__ or "").split("\n")[0])
                game.note = lambda text: progress.update(task, description=text)
                await step(game)
                progress.advance(task)
    return game.finished(time.monotonic() - began)


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        BarColumn(bar_width=24),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=console,
    )


def main(folder: Path, pack: str) -> Quarter:
    """`play_embedded` for callers without a loop: play once and stop."""
    return asyncio.run(play_embedded(folder, pack, 0, keep=False))
