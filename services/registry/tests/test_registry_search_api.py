"""Search among more names than are read one by one: common and rare grams, areas, on both databases."""

from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path

import pytest

from wurao.common.auth import Role
from wurao.common.testing import Harness, running
from wurao.common.uscc import check_character
from wurao.local.plugin import Storage
from wurao.registry.app import build
from wurao.registry.repository.enterprise_search import WALK

HEADER = "enterprise_id,name,kind,industry,size,area,address\n"
PARTS = ("柯城", "金石", "石金", "金", "石店")
TEXTS = ("金石", "石金石", "柯城金", "城金石", "无关金", "无关柯城石金", "店石", "石", "关石店", "金金金")


def rows() -> list[tuple[str, str, str]]:
    """Code, name and area: as many of one kind as are walked through, then every mix of the parts in two counties."""
    names = [f"无关{number}店" for number in range(WALK)]
    mixed = ["".join(parts) + ending for parts in product(PARTS, repeat=3) for ending in ("店", "无关")]
    placed = [(name, "330802001") for name in names]
    placed += [(("无关" if at % 3 else "") + name, f"33080{2 + at % 2}001") for at, name in enumerate(mixed)]
    firsts = [f"91330802MA{number:07d}" for number in range(len(placed))]
    return [(first + check_character(first), *place) for first, place in zip(firsts, placed, strict=True)]


@pytest.fixture
async def register(storage: Storage, tmp_path: Path) -> AsyncIterator[Harness]:
    """A registry that holds the rows, on each kind of database."""
    async with running(
        build, "registry", tmp_path, database_url=storage.url, migration_url=storage.migration_url
    ) as registry:
        lines = (f"{code},{name},company,C1391,small,{area},1号\n" for code, name, area in rows())
        headers = registry.headers(Role.PLATFORM, area="330800") | {"content-type": "text/csv"}
        content = HEADER + "".join(lines)
        answer = await registry.client.post("/v1/enterprises/import", content=content, headers=headers)
        assert answer.status_code == 200, answer.text
        yield registry


async def test_the_index_finds_what_reading_every_name_finds(register: Harness) -> None:
    """Whatever is common or rare, of a text and of a county: just the names that contain the text are found."""
    for text, area in product(TEXTS, ("330800", "330802", "330803")):
        headers = register.headers(Role.PLATFORM, area=area)
        path = f"/v1/enterprises?q={text}&area={area}&limit=200"
        answer = (await register.client.get(path, headers=headers)).json()
        wanted = {code for code, name, place in rows() if text in name and place.startswith(area.removesuffix("00"))}
        found = {item["enterprise_id"] for item in answer["items"]}
        assert found <= wanted, (text, area)
        assert answer["capped"] is (len(wanted) > len(found)), (text, area)
