"""x"""
import pytest
from typing import Any

async def test_flow(world: Any) -> None:
    """x"""
    async with world("quzhou") as w:
        t = await w.accepted()
        print(t)
        r = await w.merge()
        print(r)
        v = await w.visits()
        print(v)
        a = await w.post(f"/v1/visits/{v[0]['visit_id']}/approve", by=w.who("head"))
        print(a.text)
        p = await w.plan(["330802-market-random", "330802-market-either"])
        print(await w.draw(p, ["330802-market-random", "330802-market-either"]))
        assert 0
