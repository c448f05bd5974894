"""Packs as a service keeps them: by area and day, whatever the order and number of copies of the events."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from wurao.common.contracts.registry import PackActivated, PackWithdrawn
from wurao.common.db import Database
from wurao.common.packs import load_pack
from wurao.common.policy import on_pack_activated, on_pack_withdrawn, pack_for
from wurao.common.testing import create_tables

AREA = "330802"
DAY = date(2026, 2, 1)


def activated(name: str, version: int, *, area: str = AREA, day: date = DAY) -> PackActivated:
    """A pack takes effect."""
    pack = load_pack(name)
    return PackActivated(
        area=area,
        pack=name,
        digest=pack.digest,
        effective_from=day,
        document=pack.to_document(),
        approved_by=("甲", "乙"),
        version=version,
    )


def withdrawn(version: int) -> PackWithdrawn:
    """The pack of the day is withdrawn."""
    return PackWithdrawn(area=AREA, pack="quzhou", digest="x", effective_from=DAY, reason="另行研究", version=version)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """A database with the platform's tables."""
    url = f"sqlite+aiosqlite:///{tmp_path}/policy.db"
    await create_tables(url)
    database = Database(url, source="/wurao/test")
    yield database
    await database.dispose()


async def after(db: Database, *events: PackActivated | PackWithdrawn, on: date = DAY, area: str = AREA) -> str:
    """The name of the pack in force once the events were handled."""
    async with db.write() as session:
        for event in events:
            if isinstance(event, PackActivated):
                await on_pack_activated(session, event)
            else:
                await on_pack_withdrawn(session, event)
        return (await pack_for(session, area, on)).name


async def test_the_nearest_area_and_the_latest_day_decide(db: Database) -> None:
    """A county's own pack goes before its city's, a later one before an earlier, the nation's comes last."""
    assert await after(db) == "national"
    city = activated("quzhou", 1, area="330800", day=date(2026, 1, 1))
    assert await after(db, city, activated("cangxian", 1), on=date(2026, 1, 31)) == "quzhou"
    assert await after(db, on=DAY) == "cangxian"
    assert await after(db, on=DAY, area="330803") == "quzhou"
    assert await after(db, on=date(2025, 12, 31)) == "national"


async def test_a_withdrawn_pack_leaves_the_one_before(db: Database) -> None:
    """After the withdrawal the earlier pack goes on; a late copy of the activation does not bring it back."""
    first = activated("linxia", 1, day=date(2026, 1, 1))
    scheduled = activated("quzhou", 2)
    assert await after(db, first, scheduled) == "quzhou"
    assert await after(db, withdrawn(3)) == "linxia"
    assert await after(db, scheduled, withdrawn(3)) == "linxia"
    assert await after(db, activated("yongzhou", 4), withdrawn(3)) == "yongzhou"


async def test_a_withdrawal_that_comes_first_holds(db: Database) -> None:
    """Where the withdrawal arrives before its activation, the pack never acts."""
    assert await after(db, withdrawn(2), activated("quzhou", 1)) == "national"
