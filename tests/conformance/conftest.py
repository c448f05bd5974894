"""A small county under the pack of the test's mark, on the embedded platform, spoken to over HTTP only."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from wurao.common.bus import MemoryBus
from wurao.common.clock import AdjustableClock
from wurao.common.contracts import TOPICS
from wurao.common.testing import Recorder
from wurao.embedded.counties import PACKS
from wurao.embedded.demo.client import Callers, Endpoints
from wurao.embedded.demo.command import START
from wurao.embedded.demo.county import County
from wurao.embedded.issuer_app import stored_secret
from wurao.embedded.platform import Platform, create_platform
from wurao.embedded.sample import generate

URL = "http://wurao.test"
ENTERPRISES = 80


@dataclass
class Bench:
    """A county and the events that left it."""

    county: County
    events: Recorder
    platform: Platform


async def _serve(folder: Path, pack: str, sample: Path) -> AsyncIterator[Bench]:
    clock = AdjustableClock()
    clock.set(START)
    platform = create_platform(folder, URL, clock)
    recorder = Recorder()
    async with platform.running():
        following = asyncio.create_task(recorder.follow(await platform.bus.subscribe("recorder", TOPICS)))
        transport = httpx.ASGITransport(app=platform.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=URL, timeout=60) as http:
            callers = Callers(http, Endpoints.embedded(URL, stored_secret(folder / "client-secret")))
            yield Bench(County(callers, pack, PACKS[pack], sample), recorder, platform)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        # A group that nobody serves any more would hold up the relays until the services' time to stop is over.
        assert isinstance(platform.bus, MemoryBus)
        platform.bus.forget("recorder")


async def _prepare(folder: Path, pack: str, sample: Path) -> None:
    async for bench in _serve(folder, pack, sample):
        await bench.county.activate()
        await bench.county.load()
        await bench.county.publish(except_for=frozenset({bench.county.agency("statistics")}))
        await bench.county.grade()
        await bench.county.known_everywhere()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Folders with a county imported, published and graded under a pack, made once per worker."""
    made: dict[str, Path] = {}

    def folder_of(pack: str) -> Path:
        if pack not in made:
            home = tmp_path_factory.mktemp(pack)
            generate(home / "sample", enterprises=ENTERPRISES, area=PACKS[pack])
            with ThreadPoolExecutor(1) as alone:
                alone.submit(asyncio.run, _prepare(home / "data", pack, home / "sample")).result()
            made[pack] = home
        return made[pack]

    return folder_of


@pytest.fixture
def home(request: pytest.FixtureRequest, prepared: Callable[[str], Path], tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The pack of the test's mark, and a copy of its prepared county."""
    mark = request.node.get_closest_marker("pack")
    assert mark is not None, "a conformance test names its pack: @pytest.mark.pack('quzhou')"
    pack = mark.args[0]
    copy = tmp_path / "county"
    shutil.copytree(prepared(pack), copy)
    yield pack, copy
    shutil.rmtree(copy, ignore_errors=True)


@pytest.fixture
async def bench(home: tuple[str, Path]) -> AsyncIterator[Bench]:
    """The county, running."""
    pack, folder = home
    async for found in _serve(folder / "data", pack, folder / "sample"):
        yield found
