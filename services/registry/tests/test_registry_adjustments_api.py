"""Manual adjustments, exposures and objections over HTTP: nothing without basis, approver, notice and its time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from wurao.common.auth import Role
from wurao.common.contracts.registry import (
    EnterpriseGraded,
    FactWithdrawn,
    GradeAdjusted,
    GradeObjected,
    GradeObjectionDecided,
    GradeObjectionOverdue,
)
from wurao.common.testing import Harness, eventually, running
from wurao.common.uscc import check_character
from wurao.local.plugin import Storage
from wurao.registry.app import build
from wurao.registry.tables import Adjustment, Enterprise

Headers = dict[str, str]
Json = dict[str, Any]
Enforce = Callable[[str], Awaitable[None]]
Load = Callable[..., Awaitable[Json]]

SHOP = "91330802MA0000001" + check_character("91330802MA0000001")
OTHER = "91330802MA0000002" + check_character("91330802MA0000002")
ENTERPRISES = (
    "enterprise_id,name,kind,industry,size,area,address\n"
    f"{SHOP},甲店,company,H6210,micro,330802001,1号\n{OTHER},乙店,company,H6210,micro,330802001,2号\n"
)
FACTS = (
    "fact_id,enterprise_id,indicator,value,source,occurred_on,evidence,expires_on\n"
    f"f1,{SHOP},safety_standard_level,3,柯城区应急管理局,2025-06-01,证书1号,\n"
    f"f2,{SHOP},penalties_24m,1,柯城区市场监督管理局,2025-06-01,决定书1号,\n"
    f"f3,{OTHER},penalties_24m,1,柯城区市场监督管理局,2025-06-01,决定书2号,\n"
    f"f4,{SHOP},complaints_proven,1,柯城区市场监督管理局,2025-06-01,投诉1号,2025-12-01\n"
)
PROPOSAL: Json = {
    "kind": "downgrade",
    "level": "poor",
    "law": "《甘肃省社会信用条例》",
    "article": "第二十七条",
    "facts": ["f2"],
    "reason": "多次拒不整改",
    "ends_on": "2026-03-31",
}


def at(day: str) -> datetime:
    """Eleven in the morning of a day in China."""
    return datetime.fromisoformat(f"{day}T03:00:00+00:00")


class Desk:
    """The people who have to do with one enterprise's grade."""

    def __init__(self, registry: Harness) -> None:
        self.registry = registry
        own = {"agency_id": "market", "area": "330802"}
        self.planner = registry.headers(Role.PLANNER, subject="planner", **own)
        self.head = registry.headers(Role.HEAD, subject="head", **own)
        self.supervisor = registry.headers(Role.SUPERVISOR, subject="supervisor", area="330802")
        self.shop = registry.headers(Role.ENTERPRISE, subject="shop", enterprise_id=SHOP)

    async def send(self, headers: Headers, path: str, body: Json | None = None) -> httpx.Response:
        """A POST."""
        return await self.registry.client.post(f"/v1{path}", headers=headers, json=body or {})

    async def done(self, headers: Headers, path: str, body: Json | None = None) -> Json:
        """The body of a POST that goes through."""
        answer = await self.send(headers, path, body)
        assert answer.status_code in (200, 201), answer.text
        found: Json = answer.json()
        return found

    async def refused(self, headers: Headers, path: str, body: Json | None = None) -> Json:
        """The refusals of a POST, by code, each with clause and a lawful way."""
        answer = await self.send(headers, path, body)
        assert answer.status_code == 409, answer.text
        found = {one["code"]: one for one in answer.json()["refusals"]}
        assert all(one["clause"] and one["cite"] and one["alternatives"] for one in found.values())
        return found or {answer.json()["code"]: answer.json()}

    async def read(self, path: str, headers: Headers | None = None) -> Any:
        """The body of a GET."""
        answer = await self.registry.client.get(f"/v1{path}", headers=headers or self.shop)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def grade(self) -> Json:
        """The shop's grade, explained."""
        found: Json = await self.read(f"/enterprises/{SHOP}/grade")
        return found

    async def proposed(self, **changes: Any) -> str:
        """The path of a proposed adjustment."""
        row = await self.done(self.planner, f"/enterprises/{SHOP}/adjustments", PROPOSAL | changes)
        return f"/adjustments/{row['adjustment_id']}"

    async def noticed(self, **changes: Any) -> str:
        """The path of an adjustment approved by the head and served on 5 January."""
        path = await self.proposed(**changes)
        await self.done(self.head, f"{path}/approve")
        await self.done(self.planner, f"{path}/notice", {"served_on": "2026-01-05", "served_how": "直接送达"})
        return path

    async def sweep(self, day: str) -> None:
        """Let the clock's duties run on a day."""
        self.registry.clock.set(at(day))
        await self.registry.service.sweep()


async def grade_all(desk: Desk, area: str = "330802") -> None:
    """Grade the county and wait."""
    platform = desk.registry.headers(Role.PLATFORM, area=area)
    answer = await desk.registry.client.post("/v1/gradings", headers=platform, json={"area": area})
    url = answer.headers["Location"]

    async def ended() -> bool:
        return bool((await desk.registry.client.get(url, headers=platform)).json()["state"] == "done")

    await eventually(ended)


@pytest.fixture
async def desk(registry: Harness, load: Load, enforce: Enforce) -> Desk:
    """The county under the pack of LX-11, with two enterprises, graded."""
    await enforce("linxia")
    await load("enterprises", ENTERPRISES)
    await load("facts", FACTS)
    desk = Desk(registry)
    await grade_all(desk)
    assert (await desk.grade())["grade"] == "medium"
    return desk


@pytest.mark.clause("LX-11")
@pytest.mark.pack("linxia")
async def test_what_a_proposal_lacks_is_refused_by_name(desk: Desk) -> None:
    """No basis, no facts or others' facts, an unknown or unchanged level, no near end: each refused with the clause."""
    path = f"/enterprises/{SHOP}/adjustments"
    cases: list[tuple[Json, set[str]]] = [
        ({"law": " ", "facts": []}, {"adjustment.no_basis", "adjustment.no_facts"}),
        ({"article": ""}, {"adjustment.no_basis"}),
        ({"facts": ["f2", "f3"]}, {"adjustment.unknown_facts"}),
        ({"facts": ["f4"]}, {"adjustment.unknown_facts"}),
        ({"level": "D"}, {"adjustment.unknown_level"}),
        ({"level": None}, {"adjustment.unknown_level"}),
        ({"level": "medium"}, {"adjustment.no_change"}),
        ({"level": "excellent"}, {"adjustment.no_change"}),
        ({"kind": "upgrade", "level": "medium"}, {"adjustment.no_change"}),
        ({"ends_on": "2026-01-05"}, {"adjustment.bad_end"}),
        ({"ends_on": "2027-01-06"}, {"adjustment.bad_end"}),
        (
            {"kind": "exposure", "level": None, "article": "", "facts": []},
            {"adjustment.no_basis", "adjustment.no_facts"},
        ),
    ]
    for changes, codes in cases:
        found = await desk.refused(desk.planner, path, PROPOSAL | changes)
        assert {(code, one["clause"]) for code, one in found.items()} == {(code, "LX-11") for code in codes}, changes
    far = desk.registry.headers(Role.PLANNER, agency_id="far", area="330803")
    assert (await desk.send(far, path, PROPOSAL)).status_code == 404
    unknown = desk.registry.headers(Role.PLANNER, agency_id="nobody", area="330802")
    assert (await desk.send(unknown, path, PROPOSAL)).status_code == 403
    assert await desk.read("/adjustments", desk.planner) == {"items": [], "next_cursor": None}


@pytest.mark.clause("LX-11")
@pytest.mark.pack("linxia")
async def test_a_downgrade_takes_approval_notice_and_time_and_ends(desk: Desk) -> None:
    """The grade moves only after another's approval, notice and ten working days, says why, and ends on its day."""
    path = await desk.proposed()
    assert await desk.read(f"/enterprises/{SHOP}/adjustments") == {"items": [], "next_cursor": None}
    for action, body, code in (
        ("notice", {"served_on": "2026-01-05", "served_how": "直接送达"}, "adjustment.not_approved"),
        ("enforce", None, "adjustment.not_noticed"),
    ):
        assert (await desk.refused(desk.planner, f"{path}/{action}", body)).keys() == {code}
    assert (await desk.send(desk.planner, f"{path}/approve")).status_code == 403
    assert (await desk.send(desk.planner, "/adjustments/none/enforce")).status_code == 404
    await desk.done(desk.head, f"{path}/approve")
    early = await desk.send(desk.planner, f"{path}/notice", {"served_on": "2026-01-04", "served_how": "邮寄"})
    assert early.json()["code"] == "adjustment.bad_service"
    served = await desk.done(desk.planner, f"{path}/notice", {"served_on": "2026-01-05", "served_how": "直接送达"})
    assert served["objection_until"] == "2026-01-19"
    [told] = (await desk.read(f"/enterprises/{SHOP}/adjustments"))["items"]
    assert (told["state"], told["approved_by"], told["served_how"]) == ("noticed", "head", "直接送达")
    waiting = await desk.refused(desk.planner, f"{path}/enforce")
    assert waiting["adjustment.objection_period"]["alternatives"] == ["2026-01-19之后自动生效"]
    await desk.sweep("2026-01-19")
    assert (await desk.grade())["grade"] == "medium"

    await desk.sweep("2026-01-20")
    held = await desk.grade()
    assert (held["grade"], held["assessed"], held["due"], held["in_force_from"]) == (
        "poor",
        "poor",
        False,
        "2026-01-20",
    )
    moved = "柯城区市场监督管理局依据《甘肃省社会信用条例》第二十七条调整，至2026-03-31等级不得高于差"
    line = f"{moved}；企业对该调整可以提出异议（LX-11）"
    assert line in held["reasons"]
    assert held["adjustment"]["reason"] == line
    event = await desk.registry.recorder.wait_for(EnterpriseGraded, lambda e: e.grade == "poor")
    assert (event.previous, line in event.reasons) == ("medium", True)
    await grade_all(desk)
    assert (await desk.grade())["grade"] == "poor"

    await desk.sweep("2026-04-01")
    free = await desk.grade()
    assert (free["grade"], free["adjustment"]) == ("medium", None)
    states = [event.state for event in desk.registry.recorder.of(GradeAdjusted)]
    versions = [event.version for event in desk.registry.recorder.of(GradeAdjusted)]
    assert states == ["noticed", "in_force", "ended"]
    assert versions == sorted(set(versions))
    assert (await desk.read(path, desk.head))["closed_reason"] == "期限届满"


@pytest.mark.clause("LX-11")
@pytest.mark.pack("linxia")
async def test_nobody_approves_his_own_proposal_and_one_is_open_at_a_time(desk: Desk) -> None:
    """The head who proposed is refused as approver; a second adjustment of the kind is refused while one is open."""
    path = f"/enterprises/{SHOP}/adjustments"
    row = await desk.done(desk.head, path, PROPOSAL)
    own = await desk.refused(desk.head, f"/adjustments/{row['adjustment_id']}/approve")
    assert own.keys() == {"adjustment.own_proposal"}
    assert (await desk.refused(desk.planner, path, PROPOSAL)).keys() == {"adjustment.open"}
    stale = await desk.registry.client.post(
        f"/v1/adjustments/{row['adjustment_id']}/approve", headers=desk.supervisor | {"If-Match": '"7"'}
    )
    assert stale.status_code == 412
    await desk.done(desk.supervisor, f"/adjustments/{row['adjustment_id']}/lift", {"reason": "材料不足"})
    assert (await desk.read(f"/adjustments/{row['adjustment_id']}", desk.head))["state"] == "dropped"
    assert (await desk.read(f"/enterprises/{SHOP}/adjustments"))["items"] == []
    await desk.proposed()
    assert not desk.registry.recorder.of(GradeAdjusted)


@pytest.mark.clause("LX-11")
@pytest.mark.pack("linxia")
async def test_an_exposure_shows_the_name_and_moves_no_grade(desk: Desk) -> None:
    """Nobody is publicly named before the exposure took effect, nor after it; the grade stays as it is."""
    public = "/public/exposures?area=330802"
    path = await desk.noticed(kind="exposure", level=None)
    assert (await desk.read(public))["items"] == []
    await desk.sweep("2026-01-20")
    [shown] = (await desk.read(public))["items"]
    assert (shown["name"], shown["law"], shown["ends_on"]) == ("甲店", "《甘肃省社会信用条例》", "2026-03-31")
    assert (await desk.read("/public/exposures?area=330803"))["items"] == []
    assert (await desk.grade())["grade"] == "medium"
    await desk.done(desk.head, f"{path}/lift", {"reason": "整改完成"})
    assert (await desk.read(public))["items"] == []


@pytest.mark.clause("LX-11")
@pytest.mark.pack("linxia")
async def test_an_objection_keeps_a_downgrade_waiting_and_lifts_it_when_upheld(desk: Desk) -> None:
    """While an objection is open nothing takes effect; neither proposer nor approver decides it; upheld, it is over."""
    path = await desk.noticed()
    target = path.removeprefix("/adjustments/")
    body = {"against": "adjustment", "target_id": target, "reason": "事实不清", "materials": ["整改照片"]}
    filed = await desk.done(desk.shop, f"/enterprises/{SHOP}/objections", body)
    assert (filed["state"], filed["due_on"]) == ("open", "2026-01-26")
    again = await desk.send(desk.shop, f"/enterprises/{SHOP}/objections", body)
    assert again.json()["code"] == "objection.made_already"
    stranger = desk.registry.headers(Role.ENTERPRISE, enterprise_id=OTHER)
    assert (await desk.send(stranger, f"/enterprises/{SHOP}/objections", body)).status_code == 403
    assert (await desk.send(stranger, f"/enterprises/{OTHER}/objections", body)).status_code == 404
    await desk.sweep("2026-01-20")
    assert (await desk.refused(desk.planner, f"{path}/enforce")).keys() == {"adjustment.objected"}
    assert (await desk.grade())["grade"] == "medium"

    decide = f"/objections/{filed['objection_id']}/decide"
    own = await desk.refused(desk.head, decide, {"upheld": True, "reason": "自行处理"})
    assert own.keys() == {"objection.own_act"}
    bare = await desk.refused(desk.supervisor, decide, {"upheld": False, "reason": "事实清楚"})
    assert bare.keys() == {"objection.no_remedies"}
    decided = await desk.done(desk.supervisor, decide, {"upheld": True, "reason": "证据不足"})
    assert decided["state"] == "upheld"
    assert (await desk.refused(desk.supervisor, decide, {"upheld": True, "reason": "证据不足"})).keys() == {
        "objection.decided"
    }
    assert (await desk.read(path))["state"] == "lifted"
    await desk.sweep("2026-02-20")
    assert (await desk.grade())["grade"] == "medium"
    event = await desk.registry.recorder.wait_for(GradeObjectionDecided)
    assert (event.upheld, event.target_id) == (True, target)
    assert [e.against for e in desk.registry.recorder.of(GradeObjected)] == ["adjustment"]


@pytest.mark.clause("LX-11")
@pytest.mark.pack("linxia")
async def test_a_rejected_objection_names_remedies_and_the_downgrade_follows(desk: Desk) -> None:
    """An objection overdue is told to supervision once; rejected with remedies, the adjustment takes effect."""
    path = await desk.noticed()
    body = {"against": "adjustment", "target_id": path.removeprefix("/adjustments/"), "reason": "事实不清"}
    filed = await desk.done(desk.shop, f"/enterprises/{SHOP}/objections", body)
    await desk.sweep("2026-01-26")
    await desk.sweep("2026-01-27")
    await desk.sweep("2026-01-28")
    overdue = await desk.registry.recorder.wait_for(GradeObjectionOverdue)
    assert (overdue.objection_id, overdue.clause) == (filed["objection_id"], "LX-11")
    decision = {"upheld": False, "reason": "事实清楚", "remedies": "六十日内可以申请行政复议"}
    decided = await desk.done(desk.supervisor, f"/objections/{filed['objection_id']}/decide", decision)
    assert (decided["state"], decided["remedies"]) == ("rejected", "六十日内可以申请行政复议")
    await desk.done(desk.planner, f"{path}/enforce")
    assert (await desk.grade())["grade"] == "poor"
    assert len(desk.registry.recorder.of(GradeObjectionOverdue)) == 1


@pytest.mark.clause("LX-11")
@pytest.mark.pack("linxia")
async def test_an_upheld_objection_to_a_grade_takes_back_the_wrong_fact(desk: Desk) -> None:
    """The enterprise objects to an automatic grade; the fact that was wrong is withdrawn and the grade improves."""
    filed = await desk.done(
        desk.shop, f"/enterprises/{SHOP}/objections", {"against": "grade", "reason": "处罚决定已撤销"}
    )
    decide = f"/objections/{filed['objection_id']}/decide"
    empty = await desk.refused(desk.supervisor, decide, {"upheld": True, "reason": "情况属实"})
    assert empty.keys() == {"objection.nothing_changes"}
    await desk.done(desk.supervisor, decide, {"upheld": True, "reason": "情况属实", "withdraw": ["f2"]})
    assert (await desk.grade())["grade"] == "excellent"
    withdrawn = await desk.registry.recorder.wait_for(FactWithdrawn)
    assert (withdrawn.fact_id, withdrawn.cause) == ("f2", "objection")
    gone = await desk.send(
        desk.shop, f"/enterprises/{SHOP}/objections", {"against": "fact", "target_id": "f2", "reason": "再次异议"}
    )
    assert gone.json()["code"] == "objection.nothing_to_object_to"


@pytest.mark.clause("LX-11")
@pytest.mark.pack("linxia")
async def test_an_adjustment_falls_with_the_facts_it_rests_on(desk: Desk) -> None:
    """When an objection to the only fact is upheld, the downgrade that rested on it is lifted by the clock."""
    path = await desk.noticed()
    await desk.sweep("2026-01-20")
    assert (await desk.grade())["grade"] == "poor"
    filed = await desk.done(
        desk.shop, f"/enterprises/{SHOP}/objections", {"against": "fact", "target_id": "f2", "reason": "处罚已撤销"}
    )
    await desk.done(desk.head, f"/objections/{filed['objection_id']}/decide", {"upheld": True, "reason": "情况属实"})
    await desk.sweep("2026-01-21")
    assert ((await desk.read(path))["state"], (await desk.grade())["grade"]) == ("lifted", "excellent")


@pytest.mark.clause("LX-11")
@pytest.mark.pack("linxia")
async def test_an_adjustment_follows_within_its_agency_s_area_and_falls_outside(desk: Desk) -> None:
    """Moved to another street the enterprise stays downgraded; moved out of the agency's district it does not."""
    path = await desk.noticed()
    await desk.sweep("2026-01-20")
    assert (await desk.grade())["grade"] == "poor"
    for area, state in (("330802002", "in_force"), ("330803001", "lifted")):
        async with desk.registry.service.db.write() as session:
            moving = update(Enterprise).where(Enterprise.enterprise_id == SHOP)
            await session.execute(moving.values(area=area))
        await desk.sweep("2026-01-21")
        found = await desk.read(path)
        assert (found["area"], found["state"]) == (area, state)
    assert "没有管辖权" in found["closed_reason"]
    assert (await desk.grade())["adjustment"] is None


@pytest.mark.clause("LX-11")
@pytest.mark.pack("linxia")
async def test_a_proposal_that_ran_out_makes_room(desk: Desk) -> None:
    """Never notified and past its last day, a proposal is dropped by the clock, and another may be made."""
    path = await desk.proposed(ends_on="2026-01-31")
    await desk.sweep("2026-01-31")
    assert (await desk.read(path, desk.planner))["state"] == "proposed"
    await desk.sweep("2026-02-01")
    assert (await desk.read(path, desk.planner))["state"] == "dropped"
    await desk.proposed()


@pytest.mark.clause("LX-11")
@pytest.mark.pack("linxia")
async def test_a_second_account_makes_no_second_person(desk: Desk) -> None:
    """An officer who proposed as planner does not approve as head, nor decide the objection, whatever the account."""
    own = {"agency_id": "market", "area": "330802", "officer_id": "o7"}
    desk.planner = desk.registry.headers(Role.PLANNER, subject="o7-planner", **own)
    as_head = desk.registry.headers(Role.HEAD, subject="o7-head", **own)
    path = await desk.proposed()
    assert (await desk.refused(as_head, f"{path}/approve")).keys() == {"adjustment.own_proposal"}
    await desk.done(desk.head, f"{path}/approve")
    await desk.done(desk.planner, f"{path}/notice", {"served_on": "2026-01-05", "served_how": "直接送达"})
    body = {"against": "adjustment", "target_id": path.removeprefix("/adjustments/"), "reason": "事实不清"}
    filed = await desk.done(desk.shop, f"/enterprises/{SHOP}/objections", body)
    decide, verdict = f"/objections/{filed['objection_id']}/decide", {"upheld": True, "reason": "情况属实"}
    assert (await desk.refused(as_head, decide, verdict)).keys() == {"objection.own_act"}


@pytest.mark.clause("LX-11")
@pytest.mark.pack("linxia")
async def test_an_agency_decides_only_on_what_it_established(desk: Desk) -> None:
    """The head of another agency lifts no adjustment and withdraws no fact of the market supervision."""
    fire = desk.registry.headers(Role.HEAD, subject="fire", agency_id="fire", area="330802")
    path = await desk.noticed()
    for target, verdict in (
        ({"against": "adjustment", "target_id": path.removeprefix("/adjustments/")}, {}),
        ({"against": "fact", "target_id": "f2"}, {}),
        ({"against": "grade"}, {"withdraw": ["f2"]}),
    ):
        filed = await desk.done(desk.shop, f"/enterprises/{SHOP}/objections", target | {"reason": "事实不清"})
        decision = {"upheld": True, "reason": "情况属实"} | verdict
        answer = await desk.send(fire, f"/objections/{filed['objection_id']}/decide", decision)
        assert (answer.status_code, answer.json()["code"]) == (403, "other_agency"), target
    assert (await desk.read(path))["state"] == "noticed"


@asynccontextmanager
async def opened(storage: Storage, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk over either database, under the national pack."""
    async with running(
        build, "registry", tmp_path, database_url=storage.url, migration_url=storage.migration_url
    ) as harness:
        headers = harness.headers(Role.PLATFORM, area="330802") | {"content-type": "text/csv"}
        agencies = (
            "agency_id,name,kind,level,area,line,authority,procedure,remedies\n"
            "market,柯城区市场监督管理局,organ,county,330802,market,《食品安全法》第六条,亮证,六十日内申请行政复议\n"
        )
        for name, text in (("agencies", agencies), ("enterprises", ENTERPRISES), ("facts", FACTS)):
            await harness.client.post(f"/v1/{name}/import", content=text, headers=headers)
        yield Desk(harness)


async def test_of_many_at_once_one_counts(storage: Storage, tmp_path: Path) -> None:
    """Of proposals, approvals, objections and decisions made at once one counts; the database wants two persons."""
    async with opened(storage, tmp_path) as desk:
        path = f"/enterprises/{SHOP}/adjustments"
        answers = await asyncio.gather(*(desk.send(desk.planner, path, PROPOSAL | {"level": "D"}) for _ in range(10)))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
        [made] = [answer.json() for answer in answers if answer.status_code == 201]
        approve = f"/adjustments/{made['adjustment_id']}/approve"
        approved = await asyncio.gather(*(desk.send(who, approve) for who in (desk.head, desk.supervisor)))
        codes = sorted(answer.status_code for answer in approved)
        assert codes in ([200, 409], [200, 412])
        with pytest.raises(IntegrityError, match="two_persons"):
            async with desk.registry.service.db.write() as session:
                await session.execute(update(Adjustment).values(approved_by="planner"))

        await desk.done(
            desk.planner,
            f"/adjustments/{made['adjustment_id']}/notice",
            {"served_on": "2026-01-05", "served_how": "直接送达"},
        )
        body = {"against": "adjustment", "target_id": made["adjustment_id"], "reason": "事实不清"}
        filed = await asyncio.gather(*(desk.send(desk.shop, f"/enterprises/{SHOP}/objections", body) for _ in range(5)))
        assert sorted(answer.status_code for answer in filed) == [201] + [409] * 4
        [own] = (await desk.read("/objections"))["items"]
        assert (await desk.read("/objections?state=open", desk.supervisor))["items"] == [own]
        stranger = desk.registry.headers(Role.ENTERPRISE, enterprise_id=OTHER)
        assert (await desk.read("/objections", stranger))["items"] == []
        decide, settled = f"/objections/{own['objection_id']}/decide", {"upheld": True, "reason": "属实"}
        others = [desk.registry.headers(Role.CONFERENCE, subject=f"c{n}", area="330802") for n in range(3)]
        decided = await asyncio.gather(*(desk.send(who, decide, settled) for who in others))
        assert sorted(answer.status_code == 200 for answer in decided) == [False, False, True]
