"""Relations that require recusal over HTTP: who states them, who decides, who sees them; on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from wurao.common.auth import Role
from wurao.common.contracts.registry import ConflictDeclared, ConflictEnded
from wurao.common.testing import Harness, running
from wurao.common.uscc import check_character
from wurao.local.plugin import Storage
from wurao.registry.app import build

AGENCIES = """agency_id,name,kind,level,area,line,authority
market,柯城区市场监督管理局,organ,county,330802,market,《食品安全法》第六条
fire,柯城区消防救援大队,authorised,county,330802,fire,《消防法》第四条
"""
OFFICERS = """officer_id,name,agency_id,kind,certificate_no,valid_from,valid_to,trained,examined,in_post
o1,张三,market,officer,C1,2024-01-01,2028-12-31,true,true,true
o2,李四,market,officer,C2,2024-01-01,2028-12-31,true,true,true
"""
FIRST, SECOND = (stem + check_character(stem) for stem in ("91330802MA0000001", "91330802MA0000002"))
ENTERPRISES = f"""enterprise_id,name,kind,industry,size,area,address
{FIRST},甲店,company,H6210,micro,330802001,1号
{SECOND},乙店,company,H6210,micro,330802001,2号
"""


class Desk:
    """The service with its callers."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.platform = harness.headers(Role.PLATFORM, area="330802")
        self.head = harness.headers(Role.HEAD, subject="head", agency_id="market", area="330802")
        self.officer = self.of_officer("o1")
        self.enterprise = harness.headers(Role.ENTERPRISE, subject="e1", enterprise_id=FIRST, area="330802001")

    def of_officer(self, officer_id: str) -> dict[str, str]:
        """An officer of the market agency."""
        claims = {"agency_id": "market", "officer_id": officer_id, "area": "330802"}
        return self.harness.headers(Role.OFFICER, subject=officer_id, **claims)

    async def load(self, name: str, text: str) -> None:
        """Import a file whole."""
        headers = self.platform | {"content-type": "text/csv"}
        answer = await self.harness.client.post(f"/v1/{name}/import", content=text, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["loaded"], answer.text

    async def post(self, by: dict[str, str], path: str, **body: Any) -> httpx.Response:
        """POST as somebody."""
        return await self.harness.client.post(f"/v1{path}", headers=by, json=body)

    async def state(self, by: dict[str, str], officer_id: str = "o1", **body: Any) -> httpx.Response:
        """State a relation; a share in the first enterprise unless told otherwise."""
        given = {"enterprise_id": FIRST, "kind": "shareholding", "detail": "持股百分之二"}
        return await self.post(by, f"/officers/{officer_id}/conflicts", **(given | body))

    async def seen(self, by: dict[str, str], query: str = "") -> list[tuple[str, str, str]]:
        """(officer, kind, state) of the relations that somebody sees."""
        answer = await self.harness.client.get(f"/v1/conflicts{query}", headers=by)
        assert answer.status_code == 200, answer.text
        return [(one["officer_id"], one["kind"], one["state"]) for one in answer.json()["items"]]


@pytest.fixture
async def desk(storage: Storage, tmp_path: Path) -> AsyncIterator[Desk]:
    """Two agencies, two officers of one of them, two enterprises."""
    served, migrated = storage.url, storage.migration_url
    async with running(build, "registry", tmp_path, database_url=served, migration_url=migrated) as harness:
        desk = Desk(harness)
        for name, text in (("agencies", AGENCIES), ("officers", OFFICERS), ("enterprises", ENTERPRISES)):
            await desk.load(name, text)
        yield desk


async def test_what_the_own_side_states_counts_at_once_and_a_report_after_the_heads_decision(desk: Desk) -> None:
    """An officer's declaration and an agency's entry are announced; a report is announced once it is upheld."""
    assert (await desk.state(desk.officer)).json()["state"] == "in_force"
    entered = await desk.state(desk.head, kind="former_employer", left_on="2025-06-30", enterprise_id=SECOND)
    assert (entered.status_code, entered.json()["until"]) == (201, "2028-06-30")
    reported = await desk.state(desk.enterprise, "o2", kind="relative", detail="与竞争对手有亲属关系")
    assert (reported.status_code, reported.json()["state"]) == (201, "reported")
    path = reported.headers["Location"].removeprefix("/v1")
    first = await desk.harness.recorder.wait_for(ConflictDeclared, lambda e: e.kind == "shareholding")
    second = await desk.harness.recorder.wait_for(ConflictDeclared, lambda e: e.kind == "former_employer")
    assert (first.officer_id, first.enterprise_id, first.since, first.until) == ("o1", FIRST, date(2026, 1, 5), None)
    assert second.version > first.version
    assert not [event for event in desk.harness.recorder.of(ConflictDeclared) if event.officer_id == "o2"]

    foreign = desk.harness.headers(Role.HEAD, agency_id="fire", area="330802")
    own = desk.harness.headers(Role.HEAD, subject="o2", agency_id="market", officer_id="o2", area="330802")
    for by in (foreign, own):
        assert (await desk.post(by, f"{path}/decide", upheld=False, reason="不成立")).status_code == 403
    upheld = await desk.post(desk.head, f"{path}/decide", upheld=True, reason="情况属实")
    assert (upheld.status_code, upheld.json()["state"], upheld.json()["decided_by"]) == (200, "in_force", "head")
    await desk.harness.recorder.wait_for(ConflictDeclared, lambda e: e.officer_id == "o2")
    again = await desk.post(desk.head, f"{path}/decide", upheld=False, reason="再次处理")
    assert (again.status_code, again.json()["clause"]) == (409, "PL-43")


async def test_each_sees_what_concerns_them(desk: Desk) -> None:
    """An enterprise sees its reports, an officer the own relations, the agency all of its officers, others nothing."""
    await desk.state(desk.officer, kind="relative", detail="配偶为股东")
    await desk.state(desk.enterprise, "o2", kind="other_interest", detail="有债务纠纷")
    mine, theirs = ("o1", "relative", "in_force"), ("o2", "other_interest", "reported")
    assert await desk.seen(desk.officer) == [mine]
    assert await desk.seen(desk.of_officer("o2")) == [theirs]
    assert await desk.seen(desk.enterprise) == [theirs]
    assert sorted(await desk.seen(desk.head)) == sorted(await desk.seen(desk.platform)) == [mine, theirs]
    assert await desk.seen(desk.head, "?state=reported") == [theirs]
    assert await desk.seen(desk.head, f"?officer_id=o1&enterprise_id={FIRST}") == [mine]
    for foreign in (
        desk.harness.headers(Role.HEAD, agency_id="fire", area="330802"),
        desk.harness.headers(Role.ENTERPRISE, enterprise_id=SECOND, area="330802001"),
        desk.harness.headers(Role.SUPERVISOR, agency_id="justice", area="330803"),
    ):
        assert await desk.seen(foreign) == []
    await desk.load("officers", OFFICERS.replace("张三,market", "张三,fire"))
    assert await desk.seen(desk.harness.headers(Role.HEAD, agency_id="fire", area="330802")) == [mine]


async def test_nobody_states_what_is_not_theirs_to_state(desk: Desk) -> None:
    """Colleagues, other agencies and other enterprises are turned away; unknown enterprises and repeats refused."""
    other = desk.harness.headers(Role.ENTERPRISE, enterprise_id=SECOND, area="330802001")
    foreign = desk.harness.headers(Role.HEAD, agency_id="fire", area="330802")
    for by in (desk.of_officer("o2"), other, foreign):
        assert (await desk.state(by)).status_code == 403
    unknown = "91330802MA0000003" + check_character("91330802MA0000003")
    assert (await desk.state(desk.officer, enterprise_id=unknown)).status_code == 404
    for body in (
        {"kind": "former_employer"},
        {"kind": "former_employer", "left_on": "2026-01-06"},
        {"left_on": "2025-01-01"},
        {"since": "2026-03-01", "until": "2026-02-01"},
    ):
        assert (await desk.state(desk.officer, **body)).status_code == 422
    assert (await desk.state(desk.officer)).status_code == 201
    repeated = await desk.state(desk.head)
    assert (repeated.status_code, repeated.json()["code"], repeated.json()["clause"]) == (
        409,
        "conflict.known",
        "PL-43",
    )


async def test_a_report_neither_learns_of_declarations_nor_stands_in_their_way(desk: Desk) -> None:
    """An enterprise's report is taken whether or not the officer declared the same; the declaration counts at once."""
    assert (await desk.state(desk.officer, kind="relative", detail="配偶为股东")).status_code == 201
    probe = await desk.state(desk.enterprise, kind="relative", detail="听说有亲属关系")
    assert (probe.status_code, probe.json()["state"]) == (201, "reported")
    repeated = await desk.state(desk.enterprise, kind="relative", detail="听说有亲属关系")
    assert (repeated.status_code, repeated.json()["code"]) == (409, "conflict.known")
    assert (await desk.state(desk.enterprise, "o2", kind="shareholding")).json()["state"] == "reported"
    declared = await desk.state(desk.of_officer("o2"), "o2", kind="shareholding")
    assert (declared.status_code, declared.json()["state"]) == (201, "in_force")
    await desk.harness.recorder.wait_for(ConflictDeclared, lambda e: e.officer_id == "o2")


async def test_an_ended_relation_is_announced_and_may_be_stated_again(desk: Desk) -> None:
    """The agency's head ends it, not the officer and not on an old version; the day of the end is free again."""
    made = await desk.state(desk.officer)
    path = made.headers["Location"].removeprefix("/v1")
    assert (await desk.post(desk.officer, f"{path}/end", reason="已经转让")).status_code == 403
    stale = await desk.post(desk.head | {"If-Match": '"7"'}, f"{path}/end", reason="已经转让")
    assert stale.status_code == 412
    ended = await desk.post(desk.head, f"{path}/end", reason="股份已经转让")
    assert (ended.json()["state"], ended.json()["until"]) == ("ended", "2026-01-04")
    event = await desk.harness.recorder.wait_for(ConflictEnded)
    assert (event.conflict_id, event.ended_on) == (made.json()["conflict_id"], date(2026, 1, 5))
    assert (await desk.post(desk.head, f"{path}/end", reason="再次结束")).status_code == 409
    assert (await desk.state(desk.officer, until="2026-02-01")).status_code == 201
    desk.harness.clock.advance(timedelta(days=40))
    assert (await desk.state(desk.officer)).status_code == 201


async def test_the_same_relation_stated_at_once_is_kept_once(desk: Desk) -> None:
    """Of five equal statements at the same time one is taken; announced versions differ."""
    answers = await asyncio.gather(*(desk.state(by) for by in [desk.officer, desk.head] * 2 + [desk.platform]))
    assert sorted(answer.status_code == 201 for answer in answers) == [False] * 4 + [True]
    assert {answer.status_code for answer in answers} <= {201, 409, 412}
    assert await desk.seen(desk.head) == [("o1", "shareholding", "in_force")]
