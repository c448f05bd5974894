"""The main job from import to discipline lead, played over HTTP as `make demo` and `make up` play it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from wurao.embedded import production
from wurao.embedded.counties import PACKS
from wurao.embedded.demo.client import Endpoints
from wurao.embedded.demo.command import START, play, play_embedded
from wurao.embedded.demo.summary import Quarter
from wurao.local.kafka import KafkaServer
from wurao.local.postgres import PostgresServer

ENTERPRISES = 600


@pytest.mark.parametrize("pack", PACKS)
async def test_quarter_holds_under_every_pack(pack: str, tmp_path: Path) -> None:
    """Every step holds, what the pack's document says shows in the result, and a second start shows it again."""
    quarter = await play_embedded(tmp_path / "data", pack, 0, keep=False, enterprises=ENTERPRISES)
    own = {"yongzhou": "YZ", "dingtao": "DT", "linxia": "LX", "quzhou": "QZ", "cangxian": "CX"}[pack]
    assert any(one.clause.startswith(own) for one in quarter.prevented)
    assert quarter.visits < quarter.visits_unmerged
    assert quarter.blocked_after_seconds is not None
    assert quarter.lead
    assert ("自动移交" in quarter.rules["未报备入企"]) == (pack == "cangxian")
    assert ("文件未要求" in quarter.on_time["企业回访"]) == (pack != "cangxian")
    assert await play_embedded(tmp_path / "data", pack, 0, keep=False, enterprises=ENTERPRISES) == quarter


@pytest.fixture
def folder(postgres_server: PostgresServer, kafka_server: KafkaServer, tmp_path: Path) -> Iterator[production.Folder]:
    """A local production's folder, on a machine that can run the servers; nothing is left running."""
    made = production.Folder(tmp_path / "production")
    yield made
    production.down(made)


@pytest.mark.postgres
@pytest.mark.kafka
async def test_quarter_holds_on_five_processes(folder: production.Folder, tmp_path: Path) -> None:
    """The same quarter holds against five processes on PostgreSQL and Apache Kafka."""
    endpoints: Endpoints | None = None
    for _, ready in production.up(folder, 0, start=START):
        endpoints = ready or endpoints
    assert endpoints is not None
    quarter: Quarter = await play(tmp_path / "sample", "cangxian", endpoints, ENTERPRISES)
    assert quarter.lead
    assert quarter.blocked_after_seconds is not None
    assert quarter.visits < quarter.visits_unmerged
