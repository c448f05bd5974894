"""The enterprise's own view: one call for everything that the services hold about it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from wurao.common.auth import Role
from wurao.common.contracts.checkin import InspectionFinished, InspectionStarted
from wurao.common.contracts.penalty import (
    CaseOpened,
    CoercionImposed,
    CoercionLifted,
    FinePaid,
    NoticeServed,
    PenaltyDecided,
)
from wurao.common.contracts.scheduling import VisitApproved, VisitCancelled, VisitRescheduled
from wurao.common.contracts.shared import Finding, ItemResult, OfficerRef, Question, VisitItem, Window
from wurao.common.contracts.supervision import ComplaintClosed, ComplaintFiled
from wurao.common.testing import Harness

Load = Callable[..., Awaitable[dict[str, Any]]]
Enforce = Callable[[str], Awaitable[None]]

SHOP = "91330100799655058B"
OTHER = "11330800002618015K"
ENTERPRISES = f"""enterprise_id,name,kind,industry,size,area,address,registered_on,park,tags
{SHOP},甲店,company,H6210,micro,330802001,一号,,,
{OTHER},乙店,company,H6210,micro,330802001,二号,,,
"""
OFFICERS = (OfficerRef(officer_id="o1", agency_id="market", name="王一"),)
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def approved(visit_id: str, opens: datetime, **changes: Any) -> VisitApproved:
    """A visit of the market agency, whose form wants one document."""
    asked = Question(
        question_id="q1", text="进货查验记录", kind="yes_no", mandatory=True, evidence=("document", "photo")
    )
    values: dict[str, Any] = {
        "visit_id": visit_id,
        "enterprise_id": SHOP,
        "enterprise_name": "甲店",
        "area": "330802001",
        "lead_agency_id": "market",
        "agencies": ("market", "fire"),
        "officers": OFFICERS,
        "items": (VisitItem(item_id="i1", agency_id="market", name="餐饮检查"),),
        "questions": (asked, asked.model_copy(update={"question_id": "q2", "evidence": ()})),
        "kind": "planned",
        "window": Window(opens=opens, closes=opens + timedelta(hours=8)),
        "code_id": f"c-{visit_id}",
        "code": "code",
        "approved_by": "head",
        "approved_at": opens - timedelta(days=3),
        "version": 2,
    }
    return VisitApproved.model_validate(values | changes)


def begun(entry_id: str, at: datetime, visit_id: str | None) -> InspectionStarted:
    """An inspection that begins."""
    return InspectionStarted(
        entry_id=entry_id,
        visit_id=visit_id,
        enterprise_id=SHOP,
        area="330802001",
        agencies=("market", "fire"),
        officers=OFFICERS,
        item_ids=("i1",),
        mode="scan",
        started_at=at,
        version=1,
    )


def finished(entry_id: str, at: datetime, minutes: int, visit_id: str | None) -> InspectionFinished:
    """The same inspection when it is over, with a violation found."""
    return InspectionFinished(
        entry_id=entry_id,
        visit_id=visit_id,
        enterprise_id=SHOP,
        enterprise_name="甲店",
        area="330802001",
        agencies=("market", "fire"),
        officers=OFFICERS,
        results=(ItemResult(item_id="i1", agency_id="market", result="violation"),),
        findings=(
            Finding(
                finding_id="f1", item_id="i1", agency_id="market", violation="food.label_defect", description="标签"
            ),
        ),
        record_digest="0" * 64,
        ledger_seq=1,
        started_at=at,
        finished_at=at + timedelta(minutes=minutes),
        minutes=minutes,
        version=2,
    )


OPENED = CaseOpened(
    case_id="k1",
    case_no="柯市监〔2026〕1号",
    enterprise_id=SHOP,
    enterprise_name="甲店",
    agency_id="market",
    area="330802001",
    violation="food.label_defect",
    officers=OFFICERS,
    opened_on=date(2026, 3, 3),
    version=1,
)
NOTICED = NoticeServed(
    case_id="k1",
    enterprise_id=SHOP,
    agency_id="market",
    area="330802001",
    served_on=date(2026, 3, 5),
    statement_due=date(2026, 3, 10),
    proposed_fine_fen=50_000,
    version=2,
)
DECIDED = PenaltyDecided(
    case_id="k1",
    case_no="柯市监〔2026〕1号",
    enterprise_id=SHOP,
    agency_id="market",
    area="330802001",
    procedure="ordinary",
    violation="food.label_defect",
    outcome="ordinary",
    fine_fen=50_000,
    kinds=("fine",),
    educated=True,
    decided_on=date(2026, 3, 20),
    pay_by=date(2026, 4, 7),
    officers=OFFICERS,
    version=3,
)
PAID = FinePaid(
    case_id="k1",
    enterprise_id=SHOP,
    agency_id="market",
    area="330802001",
    paid_fen=50_000,
    surcharge_fen=0,
    settled=True,
    paid_on=date(2026, 3, 25),
    version=4,
)
IMPOSED = CoercionImposed(
    measure_id="m1",
    case_id="k1",
    enterprise_id=SHOP,
    agency_id="market",
    area="330802001",
    kind="seizure",
    reason="防止证据灭失",
    imposed_at=NOON,
    due=date(2026, 4, 1),
    version=1,
)
LIFTED = CoercionLifted(
    measure_id="m1",
    case_id="k1",
    enterprise_id=SHOP,
    agency_id="market",
    area="330802001",
    lifted_at=NOON + timedelta(days=5),
    reason="已经查清",
    version=2,
)
FILED = ComplaintFiled(
    complaint_id="p1",
    channel="12345",
    category="arbitrary_fee",
    enterprise_id=SHOP,
    agency_id="market",
    area="330802001",
    due=date(2026, 3, 30),
    filed_at=NOON,
    version=1,
)
CLOSED = ComplaintClosed(
    complaint_id="p1",
    enterprise_id=SHOP,
    agency_id="market",
    area="330802001",
    category="arbitrary_fee",
    outcome="proven",
    closed_at=NOON + timedelta(days=9),
    version=2,
)


async def seen(registry: Harness, enterprise_id: str = SHOP) -> dict[str, Any]:
    """What the enterprise sees of itself."""
    headers = registry.headers(Role.ENTERPRISE, enterprise_id=enterprise_id)
    answer = await registry.client.get(f"/v1/enterprises/{enterprise_id}/overview", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_one_call_tells_an_enterprise_everything(registry: Harness, load: Load, enforce: Enforce) -> None:
    """Grade, visits past, coming and cancelled, burden, cases, measures, complaints and rights in one answer."""
    await enforce("quzhou")
    await load("enterprises", ENTERPRISES)
    registry.clock.set(NOON + timedelta(days=30))
    past, coming = NOON, NOON + timedelta(days=40)
    await registry.deliver(
        approved("v1", past),
        begun("e1", past, "v1"),
        finished("e1", past, 45, "v1"),
        approved("v2", coming),
        approved("v3", coming + timedelta(days=1)),
        VisitCancelled(visit_id="v3", enterprise_id=SHOP, agencies=("market",), reason="改为非现场", version=3),
        begun("e0", datetime(2025, 12, 31, 15, 59, tzinfo=UTC), None),
        begun("e2", datetime(2025, 12, 31, 16, 0, tzinfo=UTC), None),
        OPENED,
        NOTICED,
        DECIDED,
        PAID,
        IMPOSED,
        LIFTED,
        FILED,
        CLOSED,
    )
    moved = Window(opens=coming + timedelta(days=2), closes=coming + timedelta(days=2, hours=4))
    substitute = (OfficerRef(officer_id="o2", agency_id="market", name="李二"),)
    await registry.deliver(
        VisitRescheduled(
            visit_id="v2",
            window=moved,
            officers=substitute,
            code_id="c2",
            code="code",
            revoked_code_id="c-v2",
            reason="企业申请改期",
            version=3,
        ),
        approved("v2", coming),
    )
    view = await seen(registry)
    assert view["enterprise"]["name"] == "甲店"
    assert (view["grade"]["grade"], view["grade"]["previous"]) == ("C", None)
    assert any("-6分" in reason for reason in view["grade"]["reasons"])
    assert [row["entry_id"] for row in view["past"]] == ["e1", "e2", "e0"]
    assert view["past"][0]["findings"][0]["violation"] == "food.label_defect"
    assert view["burden"] == {
        "year": 2026,
        "visits": 2,
        "minutes": 45,
        "papers": 1,
        "by_agency": {"fire": 2, "market": 2},
    }
    [visit] = view["coming"]
    assert (visit["visit_id"], visit["officers"][0]["name"]) == ("v2", "李二")
    assert datetime.fromisoformat(visit["opens"]) == moved.opens
    assert [(row["visit_id"], row["cancelled"]) for row in view["cancelled"]] == [("v3", "改为非现场")]
    [case] = view["cases"]
    assert (case["state"], case["statement_due"], case["fine_fen"], case["paid_fen"]) == (
        "settled",
        "2026-03-10",
        50_000,
        50_000,
    )
    [measure] = view["measures"]
    assert (measure["kind"], measure["lifted_at"] is not None) == ("seizure", True)
    [complaint] = view["complaints"]
    assert (complaint["outcome"], complaint["due"]) == ("proven", "2026-03-30")
    rights = {right["clause"]: right["text"] for right in view["rights"]}
    assert rights["QZ-16"] == "同一执法主体每年现场检查原则上不超过2次"
    assert view["agencies"]["market"] == "柯城区市场监督管理局"


async def test_a_case_heard_of_in_its_midst_is_told_as_far_as_known(registry: Harness, load: Load) -> None:
    """Events that come late or alone neither fail nor undo what later ones said."""
    await load("enterprises", ENTERPRISES)
    await registry.deliver(NOTICED, LIFTED, CLOSED)
    await registry.deliver(OPENED, IMPOSED, FILED)
    view = await seen(registry)
    assert [(case["state"], case["case_no"]) for case in view["cases"]] == [("noticed", "")]
    assert view["measures"][0]["lifted_at"] is not None
    assert view["complaints"][0]["outcome"] == "proven"
    await registry.deliver(DECIDED)
    assert [(case["state"], case["case_no"]) for case in (await seen(registry))["cases"]] == [
        ("decided", "柯市监〔2026〕1号")
    ]


async def test_nobody_else_reads_an_enterprises_own_view(registry: Harness, load: Load) -> None:
    """Another enterprise finds nothing; agencies and supervisors, who must not know who complained, are refused."""
    await load("enterprises", ENTERPRISES)
    await registry.deliver(FILED)
    path = f"/v1/enterprises/{SHOP}/overview"
    other = registry.headers(Role.ENTERPRISE, enterprise_id=OTHER)
    assert (await registry.client.get(path, headers=other)).status_code == 404
    for role in (Role.PLATFORM, Role.HEAD, Role.OFFICER, Role.SUPERVISOR):
        headers = registry.headers(role, area="330802", agency_id="market", officer_id="o1")
        assert (await registry.client.get(path, headers=headers)).status_code == 403
    assert (await seen(registry, OTHER))["complaints"] == []
