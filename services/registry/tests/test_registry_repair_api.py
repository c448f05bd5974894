"""Credit repair over HTTP: notices, applications, decisions, restoration, and what the public sees."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from wurao.common.auth import Role
from wurao.common.contracts.penalty import FinePaid, PenaltyDecided
from wurao.common.contracts.registry import (
    CreditRepairDecided,
    CreditRepairRevoked,
    CreditRestored,
    EnterpriseGraded,
    FactWithdrawn,
    RepairClockStopped,
    RepairNoticed,
    RepairOverdue,
    RepairReminded,
)
from wurao.common.contracts.shared import OfficerRef
from wurao.common.contracts.supervision import ComplaintClosed
from wurao.common.testing import Harness, running
from wurao.common.uscc import check_character
from wurao.local.plugin import Storage
from wurao.registry.app import build
from wurao.registry.usecases.displays import restore
from wurao.registry.usecases.facts import expire

Load = Callable[..., Awaitable[dict[str, Any]]]
Headers = dict[str, str]

USCC = "91330802MA0000001" + check_character("91330802MA0000001")
ENTERPRISE = "enterprise_id,name,kind,industry,size,area,address\n" + f"{USCC},甲店,company,H6210,micro,330802001,1号\n"
FACTS = "fact_id,enterprise_id,indicator,value,source,occurred_on,evidence,expires_on\n"
FACT = "penalty-c1"
DUTY = {"kind": "duty_proof", "name": "缴款凭证", "sha256": "a" * 64, "reference": "recordings/1"}
PROMISE = {"kind": "commitment", "name": "信用承诺书", "sha256": "b" * 64}


def at(day: str) -> datetime:
    """Eleven in the morning of a day in China."""
    return datetime.fromisoformat(f"{day}T03:00:00+00:00")


def decided(case: str = "c1", version: int = 1, **changes: Any) -> PenaltyDecided:
    """A decision of the market supervision on the enterprise."""
    given = {
        "case_id": case,
        "case_no": "柯市监罚〔2026〕1号",
        "enterprise_id": USCC,
        "agency_id": "market",
        "area": "330802",
        "procedure": "ordinary",
        "violation": "food.label_defect",
        "outcome": "ordinary",
        "fine_fen": 100_000,
        "kinds": ("fine",),
        "educated": True,
        "decided_on": date(2026, 1, 5),
        "officers": (OfficerRef(officer_id="o1", agency_id="market"),),
        "version": version,
    }
    return PenaltyDecided.model_validate(given | changes)


def paid(case: str = "c1", *, settled: bool = True) -> FinePaid:
    """The treasury's receipt."""
    return FinePaid(
        case_id=case,
        enterprise_id=USCC,
        agency_id="market",
        area="330802",
        paid_fen=100_000,
        surcharge_fen=0,
        settled=settled,
        paid_on=date(2026, 1, 8),
        version=2,
    )


class People:
    """The callers of these tests."""

    def __init__(self, registry: Harness) -> None:
        market = {"agency_id": "market", "area": "330802"}
        self.platform = registry.headers(Role.PLATFORM, area="330802")
        self.enterprise = registry.headers(Role.ENTERPRISE, subject="甲店", enterprise_id=USCC)
        self.stranger = registry.headers(Role.ENTERPRISE, subject="乙店", enterprise_id="913308024564564567")
        self.planner = registry.headers(Role.PLANNER, subject="clerk", **market)
        self.head = registry.headers(Role.HEAD, subject="head", **market)
        self.handler = registry.headers(Role.HEAD, subject="handler", officer_id="o1", **market)
        self.fire = registry.headers(Role.HEAD, subject="fire-head", agency_id="fire", area="330802")
        self.supervisor = registry.headers(Role.SUPERVISOR, area="330802")


@pytest.fixture
def people(registry: Harness) -> People:
    """The callers."""
    return People(registry)


async def send(registry: Harness, path: str, headers: Headers, status: int = 200, **body: Any) -> Any:
    """POST, and the answer's body."""
    answer = await registry.client.post(path, headers=headers, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def read(registry: Harness, path: str, headers: Headers | None = None) -> Any:
    """GET, and the answer's body."""
    answer = await registry.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def apply(registry: Harness, headers: Headers, *papers: Any, status: int = 201, fact: str = FACT) -> Any:
    """Apply for the repair of the penalty."""
    path = f"/v1/enterprises/{USCC}/repairs"
    return await send(registry, path, headers, status, fact_id=fact, materials=list(papers))


async def penalised(registry: Harness, load: Load, *, day: str | None = "2026-04-07", pay: bool = True) -> None:
    """An enterprise, graded, penalised and (unless told otherwise) paid, three months later."""
    await load("enterprises", ENTERPRISE)
    await registry.deliver(decided())
    if pay:
        await registry.deliver(paid())
    if day is not None:
        registry.clock.set(at(day))


async def accepted(registry: Harness, people: People) -> str:
    """A complete application, accepted; its path."""
    made = await apply(registry, people.enterprise, DUTY, PROMISE)
    path = f"/v1/repairs/{made['application_id']}"
    await send(registry, f"{path}/check", people.planner, complete=True)
    return path


async def shown(registry: Harness) -> list[Any]:
    """What the public sees."""
    facts: list[Any] = (await read(registry, f"/v1/public/enterprises/{USCC}/credit"))["facts"]
    return facts


async def test_the_notice_exists_with_the_decision(registry: Harness, people: People, load: Load) -> None:
    """Decision and notice come in one transaction; the notice tells class, display, papers, limits and earliest day."""
    await penalised(registry, load, day=None, pay=False)
    event = await registry.recorder.wait_for(RepairNoticed)
    assert (event.fact_id, event.case_id, event.severity, event.shown) == (FACT, "c1", "general", True)
    assert (event.shown_until, event.apply_from) == (date(2027, 1, 5), date(2026, 4, 6))
    notice = await read(registry, f"/v1/enterprises/{USCC}/facts/{FACT}/repair-notice", people.enterprise)
    assert (notice["title"], notice["paragraphs"]) == ("信用修复告知书", list(event.paragraphs))
    assert "柯市监罚〔2026〕1号" in "".join(notice["paragraphs"])
    await registry.deliver(decided("c2", procedure="summary", fine_fen=5_000))
    await registry.deliver(decided("c3", kinds=("fine", "licence_revocation")))
    slight = await registry.recorder.wait_for(RepairNoticed, lambda event: event.case_id == "c2")
    serious = await registry.recorder.wait_for(RepairNoticed, lambda event: event.case_id == "c3")
    assert (slight.severity, slight.shown, slight.apply_from) == ("slight", False, date(2026, 1, 5))
    assert (serious.severity, serious.shown_until) == ("serious", date(2029, 1, 5))
    assert {fact["severity"] for fact in await shown(registry)} == {"一般", "严重"}
    stranger = await registry.client.get(f"/v1/enterprises/{USCC}/facts/{FACT}/repair-notice", headers=people.stranger)
    assert stranger.status_code == 404


async def test_an_adverse_fact_that_is_imported_is_noticed_too(registry: Harness, people: People, load: Load) -> None:
    """Adverse rows get notice and agency, an old one is settled at once, others none; a repeat changes nothing."""
    await load("enterprises", ENTERPRISE)
    rows = (
        f"a,{USCC},serious_breach,1,柯城区市场监督管理局,2025-12-01,决定书1号,\n"
        f"b,{USCC},penalties_24m,1,外地机关,2024-10-01,决定书2号,\n"
        f"c,{USCC},jobs,20,人社局,2025-12-01,,\n"
        f"d,{USCC},complaints_proven,1,12315,2025-12-01,,\n"
    )
    await load("facts", FACTS + rows)
    await load("facts", FACTS + rows)
    [event] = [await registry.recorder.wait_for(RepairNoticed)]
    assert (event.fact_id, event.agency_id, event.severity) == ("a", "market", "serious")
    facts = (await read(registry, f"/v1/enterprises/{USCC}/facts", people.platform))["items"]
    assert {fact["fact_id"]: fact["ended"] for fact in facts} == {"a": None, "b": "restored", "c": None, "d": None}
    assert len(registry.recorder.of(RepairNoticed)) == 1
    [seen] = await shown(registry)
    assert (seen["record"], seen["shown_until"], seen["apply_from"]) == ("决定书1号", "2028-12-01", "2026-12-02")
    await load("facts", FACTS + rows.replace("breach,1", "breach,0"))
    assert await shown(registry) == []


async def test_a_record_that_comes_back_by_import_is_noticed_anew(
    registry: Harness, people: People, load: Load
) -> None:
    """Taken to nothing and back by its source, a record is shown and can be repaired again; ended, no application
    on it stays open."""
    await load("enterprises", ENTERPRISE)
    path = f"/v1/public/enterprises/{USCC}/credit"
    row = f"a1,{USCC},penalties_24m,%s,柯城区市场监督管理局,2026-01-02,决定书1号,%s\n"
    for value, shown in (("1", 1), ("0", 0), ("1", 1)):
        await load("facts", FACTS + row % (value, ""))
        assert len((await read(registry, path))["facts"]) == shown
    notices = [event.version for event in registry.recorder.of(RepairNoticed) if event.fact_id == "a1"]
    assert notices == [1, 3]
    registry.clock.set(at("2026-04-07"))
    made = await apply(registry, people.enterprise, DUTY, PROMISE, fact="a1")
    await load("facts", FACTS + row % ("1", "2026-04-01"))
    ended = await read(registry, f"/v1/repairs/{made['application_id']}", people.enterprise)
    assert (ended["state"], (await read(registry, path))["facts"]) == ("closed", [])


async def test_anyone_reads_rules_and_the_grade_stays_private(registry: Harness, load: Load) -> None:
    """Conditions, papers, procedure, limits and office are public with citations; the grade is not."""
    await penalised(registry, load, day=None)
    rules = await read(registry, "/v1/public/repair/rules?area=330802")
    assert [term["severity"] for term in rules["terms"]] == ["slight", "general", "serious", "listed"]
    assert (rules["check_working_days"], rules["decision_working_days"]) == (3, 7)
    assert [paper["kind"] for paper in rules["materials"]] == ["duty_proof", "commitment"]
    assert "吊销许可证件" in rules["serious_kinds"]
    assert all(rules[name] for name in ("conditions", "procedure", "office", "remedies"))
    assert all(cited["clause"] and cited["cite"] for cited in rules["citations"])
    public = await read(registry, f"/v1/public/enterprises/{USCC}/credit")
    assert (public["name"], public["grade"], len(public["facts"])) == ("甲店", None, 1)
    missing = await registry.client.get("/v1/public/enterprises/913308024564564567/credit")
    assert missing.status_code == 404


async def test_a_lacking_paper_is_named_and_the_rest_follows_the_clock(
    registry: Harness, people: People, load: Load
) -> None:
    """Returned naming what lacks, completed, accepted with a receipt, decided in time: regraded and out of sight."""
    await penalised(registry, load)
    made = await apply(registry, people.enterprise, DUTY)
    assert (made["state"], made["due"], [lack["name"] for lack in made["lacking"]]) == (
        "returned",
        None,
        ["信用承诺书"],
    )
    path = f"/v1/repairs/{made['application_id']}"
    whole = await send(registry, f"{path}/supplement", people.enterprise, materials=[PROMISE])
    assert (whole["state"], whole["lacking"], whole["due"]) == ("submitted", [], "2026-04-10")
    taken = await send(registry, f"{path}/check", people.planner, complete=True)
    assert (taken["state"], taken["due"], bool(taken["receipt_no"])) == ("accepted", "2026-04-16", True)
    assert [fact["record"] for fact in await shown(registry)] == ["行政处罚决定 柯市监罚〔2026〕1号"]
    done = await send(registry, f"{path}/decide", people.head, granted=True, reason="义务已履行，承诺真实")
    assert (done["state"], done["due"], done["decided_by"]) == ("granted", None, "head")
    event = await registry.recorder.wait_for(CreditRepairDecided)
    assert (event.granted, event.fact_id, event.clause) == (True, FACT, "BE-54")
    graded = await registry.recorder.wait_for(EnterpriseGraded, lambda event: event.previous is not None)
    assert (graded.score, graded.in_force_from) == (9000, date(2026, 4, 7))
    assert await shown(registry) == []
    fact = await read(registry, f"/v1/enterprises/{USCC}/facts/{FACT}", people.enterprise)
    assert (fact["ended"], fact["lapsed_at"]) == ("repaired", "2026-04-07T03:00:00Z")
    course = [step["act"] for step in (await read(registry, path, people.enterprise))["steps"]]
    assert course == ["apply", "supplement", "accept", "grant"]
    told = [e.model_dump() for e in registry.recorder.events]
    versions = [event["version"] for event in told if event.get("fact_id") == FACT]
    assert versions == sorted(set(versions))


async def test_what_cannot_be_repaired_yet_is_refused_with_the_earliest_day(
    registry: Harness, people: People, load: Load
) -> None:
    """Too early and an unpaid fine are refused with clause and way out, and leave no application."""
    await penalised(registry, load, day=None, pay=False)
    early = await apply(registry, people.enterprise, DUTY, PROMISE, status=409)
    why = {one["code"]: one for one in early["refusals"]}
    assert set(why) == {"repair.too_early", "repair.duty_open"}
    assert why["repair.too_early"]["alternatives"] == ["2026-04-06起可以申请"]
    assert all(one["clause"] and one["cite"] for one in why.values())
    await registry.deliver(paid(settled=False))
    registry.clock.set(at("2026-04-06"))
    open_duty = await apply(registry, people.enterprise, DUTY, PROMISE, status=409)
    assert [one["code"] for one in open_duty["refusals"]] == ["repair.duty_open"]
    assert (await read(registry, "/v1/repairs", people.enterprise))["items"] == []
    await registry.deliver(paid())
    await apply(registry, people.enterprise, DUTY, PROMISE)
    twice = await apply(registry, people.enterprise, DUTY, PROMISE, status=409)
    assert [one["code"] for one in twice["refusals"]] == ["repair.pending"]


async def test_only_the_right_people_act(registry: Harness, people: People, load: Load) -> None:
    """Others' applications are out of sight; another agency, the planner and the case's officer may not decide."""
    await penalised(registry, load)
    await apply(registry, people.stranger, DUTY, status=403)
    await apply(registry, people.fire, DUTY, status=403)
    path = await accepted(registry, people)
    assert (await registry.client.get(path, headers=people.stranger)).status_code == 404
    assert (await read(registry, "/v1/repairs", people.fire))["items"] == []
    for caller in (people.planner, people.head, people.supervisor, people.enterprise):
        assert len((await read(registry, "/v1/repairs", caller))["items"]) == 1
    refusals = {}
    for name, caller in (("planner", people.planner), ("handler", people.handler)):
        answer = await send(registry, f"{path}/decide", caller, 409, granted=True, reason="同意")
        refusals[name] = answer["code"]
    assert refusals == {"planner": "repair.not_decider", "handler": "repair.own_case"}
    await send(registry, f"{path}/decide", people.fire, 403, granted=True, reason="同意")
    await send(registry, f"{path}/decide", people.supervisor, 403, granted=True, reason="同意")
    refused = await send(registry, f"{path}/decide", people.head, granted=False, reason="违法行为尚未纠正")
    assert (refused["state"], refused["reason"]) == ("refused", "违法行为尚未纠正")
    assert "行政复议" in refused["remedies"]
    assert "行政诉讼" in refused["remedies"]
    again = await send(registry, f"{path}/decide", people.head, 409, granted=True, reason="同意")
    assert again["code"] == "repair.wrong_state"
    assert len(await shown(registry)) == 1


async def test_papers_are_returned_once_by_a_person_and_an_application_may_be_taken_back(
    registry: Harness, people: People, load: Load
) -> None:
    """A person returns once with every fault named; the second time is refused; the applicant may take it back."""
    await penalised(registry, load)
    made = await apply(registry, people.planner, DUTY, PROMISE)
    path = f"/v1/repairs/{made['application_id']}"
    faults = [{"kind": "commitment", "reason": "未加盖公章"}]
    back = await send(registry, f"{path}/check", people.head, complete=False, lacking=faults)
    assert (back["state"], back["lacking"]) == (
        "returned",
        [{"kind": "commitment", "name": "信用承诺书", "reason": "未加盖公章"}],
    )
    await send(registry, f"{path}/supplement", people.enterprise, materials=[PROMISE])
    twice = await send(registry, f"{path}/check", people.head, 409, complete=False, lacking=faults)
    assert twice["code"] == "repair.returned_once"
    await send(registry, f"{path}/check", people.head, 422, complete=False, lacking=[])
    gone = await send(registry, f"{path}/take-back", people.enterprise, reason="另行准备材料")
    assert (gone["state"], gone["due"]) == ("taken_back", None)
    await registry.recorder.wait_for(RepairClockStopped, lambda event: event.because == "taken_back")
    stopped = registry.recorder.of(RepairClockStopped)
    assert [(event.because, event.application_id) for event in stopped] == [
        ("returned", made["application_id"]),
        ("taken_back", made["application_id"]),
    ]
    await apply(registry, people.enterprise, DUTY, PROMISE)


@pytest.mark.clause("LX-12")
@pytest.mark.pack("linxia")
async def test_clocks_remind_and_escalate_once(
    registry: Harness, people: People, load: Load, enforce: Callable[[str], Awaitable[None]]
) -> None:
    """An unchecked and an undecided application are each reminded of and escalated once, with clause and due day."""
    await enforce("linxia")
    await penalised(registry, load)
    made = await apply(registry, people.enterprise, DUTY, PROMISE)
    registry.clock.set(at("2026-04-10"))
    counts = await registry.service.sweep()
    assert (counts["remind_repairs"], counts["escalate_repairs"]) == (1, 0)
    registry.clock.set(at("2026-04-11"))
    assert (await registry.service.sweep())["escalate_repairs"] == 1
    assert (await registry.service.sweep())["escalate_repairs"] == 0
    late = await registry.recorder.wait_for(RepairOverdue)
    assert (late.step, late.due, late.clause, late.agency_id) == ("check", date(2026, 4, 10), "LX-12", "market")
    registry.clock.set(at("2026-04-13"))
    path = f"/v1/repairs/{made['application_id']}"
    await send(registry, f"{path}/check", people.planner, complete=True)
    registry.clock.set(at("2026-04-23"))
    counts = await registry.service.sweep()
    assert (counts["remind_repairs"], counts["escalate_repairs"]) == (1, 1)
    late = await registry.recorder.wait_for(RepairOverdue, lambda event: event.step == "decision")
    assert (late.due, late.application_id) == (date(2026, 4, 22), made["application_id"])
    assert [event.step for event in registry.recorder.of(RepairReminded)] == ["check", "decision"]
    assert (await read(registry, path, people.enterprise))["overdue"] is True


async def test_the_longest_display_ends_by_itself(registry: Harness, people: People, load: Load) -> None:
    """On the day after the last the record is restored without application: unseen, uncounted, an open one closed."""
    await penalised(registry, load, day="2026-12-21")
    path = await accepted(registry, people)
    registry.clock.set(at("2027-01-05"))
    assert (await registry.service.sweep())["restore_credit"] == 0
    assert len(await shown(registry)) == 1
    registry.clock.set(at("2027-01-06"))
    assert (await registry.service.sweep())["restore_credit"] == 1
    assert (await registry.service.sweep())["restore_credit"] == 0
    event = await registry.recorder.wait_for(CreditRestored)
    assert (event.fact_id, event.restored_on) == (FACT, date(2027, 1, 6))
    graded = await registry.recorder.wait_for(EnterpriseGraded, lambda event: event.score == 9000)
    assert graded.in_force_from == date(2027, 1, 6)
    assert await shown(registry) == []
    assert (await read(registry, path, people.enterprise))["state"] == "closed"
    late = await apply(registry, people.enterprise, DUTY, PROMISE, status=409)
    assert [one["code"] for one in late["refusals"]] == ["repair.not_shown"]


async def test_a_repair_got_by_false_papers_is_undone(registry: Harness, people: People, load: Load) -> None:
    """The fact counts and shows again, and no application is taken for three years."""
    await penalised(registry, load)
    path = await accepted(registry, people)
    await send(registry, f"{path}/decide", people.head, granted=True, reason="义务已履行")
    await registry.recorder.wait_for(EnterpriseGraded, lambda event: event.score == 9000)
    undone = await send(registry, f"{path}/revoke", people.head, reason="缴款凭证系伪造")
    assert (undone["state"], undone["reason"]) == ("revoked", "缴款凭证系伪造")
    event = await registry.recorder.wait_for(CreditRepairRevoked)
    assert event.fact_id == FACT
    await registry.recorder.wait_for(EnterpriseGraded, lambda event: event.previous == "A" and event.score == 8400)
    assert len(await shown(registry)) == 1
    barred = await apply(registry, people.enterprise, DUTY, PROMISE, status=409)
    assert [one["alternatives"] for one in barred["refusals"]] == [["2029-04-07之后可以申请"]]
    changes = await read(registry, f"/v1/enterprises/{USCC}/facts/{FACT}/changes", people.enterprise)
    assert [change["act"] for change in changes] == ["repaired", "repair_revoked"]


async def test_an_import_says_what_it_leaves_as_it_is(registry: Harness, people: People, load: Load) -> None:
    """A row of a fact that was withdrawn changes nothing and is remarked on; a fact of tomorrow is an error."""
    await load("enterprises", ENTERPRISE)
    row = f"w1,{USCC},penalties_24m,%s,x,%s,y,\n"
    first = await load("facts", FACTS + row % ("1", "2026-01-02"))
    assert (first["loaded"], first["unchanged"]) == (True, [])
    why = {"cause": "entered_in_error", "reason": "重复录入"}
    await send(registry, f"/v1/enterprises/{USCC}/facts/w1/withdraw", people.supervisor, **why)
    again = await load("facts", FACTS + f"w2,{USCC},jobs,3,x,2026-01-02,y,\n" + row % ("2", "2026-01-02"))
    assert (again["loaded"], again["accepted"], again["errors"]) == (True, 2, [])
    assert [(note["row"], note["code"]) for note in again["unchanged"]] == [(3, "withdrawn")]
    fact = await read(registry, f"/v1/enterprises/{USCC}/facts/w1", people.enterprise)
    assert (fact["value"], fact["ended"]) == (1, "withdrawn")
    early = await load("facts", FACTS + f"w3,{USCC},jobs,3,x,2026-01-06,y,\n")
    assert [(error["field"], error["code"]) for error in early["errors"]] == [("occurred_on", "future")]


async def test_what_a_source_took_back_after_its_repair_stays_ended(
    registry: Harness, people: People, load: Load
) -> None:
    """A repaired record does not return as a correction; undone by its case, not by revoking the repair either."""
    await penalised(registry, load)
    path = await accepted(registry, people)
    await send(registry, f"{path}/decide", people.head, granted=True, reason="义务已履行")
    facts = f"/v1/enterprises/{USCC}/facts"
    fact = {"indicator": "penalties_24m", "value": 1, "source": "x", "occurred_on": "2026-01-05", "evidence": "y"}
    again = await send(registry, f"{facts}/{FACT}/correct", people.head, 409, fact=fact, reason="更正")
    assert again["code"] == "fact.repaired"
    await registry.deliver(decided(version=3, outcome="no_fault", fine_fen=0, kinds=()))
    assert (await read(registry, f"{facts}/{FACT}", people.enterprise))["ended"] == "withdrawn"
    refused = await send(registry, f"{path}/revoke", people.head, 409, reason="缴款凭证系伪造")
    assert refused["code"] == "repair.fact_ended"
    assert await shown(registry) == []


async def test_the_end_of_a_display_names_the_reason_however_many_end(
    registry: Harness, people: People, load: Load
) -> None:
    """What a round of restoration leaves over is restored by the next one, not taken for expired meanwhile."""
    await load("enterprises", ENTERPRISE)
    rows = "".join(f"p{n},{USCC},penalties_24m,1,x,2026-01-0{n},y,\n" for n in (1, 2))
    await load("facts", FACTS + rows)
    today = date(2027, 1, 10)
    for ended in (["restored", None], ["restored", "restored"]):
        async with registry.service.db.write() as session:
            assert await restore(session, today, at("2027-01-10"), limit=1) == 1
            assert await expire(session, today, at("2027-01-10")) == 0
        items = (await read(registry, f"/v1/enterprises/{USCC}/facts", people.enterprise))["items"]
        assert [fact["ended"] for fact in items] == ended


async def test_a_fact_is_withdrawn_or_corrected_never_deleted(registry: Harness, people: People, load: Load) -> None:
    """The source takes a fact back or corrects it with a reason; the old one stays, counts no more, and regrades."""
    await penalised(registry, load)
    path = f"/v1/enterprises/{USCC}/facts"
    body: dict[str, Any] = {
        "indicator": "serious_breach",
        "value": 1,
        "source": "x",
        "occurred_on": "2026-03-01",
        "evidence": "名单",
    }
    posted = await send(registry, path, people.head, 201, **body)
    fact_id = posted["fact"]["fact_id"]
    assert (posted["grade"], posted["fact"]["agency_id"]) == ("D", "market")
    why: dict[str, Any] = {"cause": "revoked_on_review", "reason": "复议决定撤销", "document": "柯政复〔2026〕3号"}
    await send(registry, f"{path}/{fact_id}/withdraw", people.fire, 403, **why)
    fixed = await send(
        registry,
        f"{path}/{fact_id}/correct",
        people.head,
        201,
        fact=body | {"value": 0},
        reason="应为未列入",
    )
    assert (fixed["grade"], fixed["changed"], fixed["fact"]["value"]) == ("B", True, 0)
    await send(registry, f"{path}/{fact_id}/withdraw", people.head, 409, **why)
    gone = await send(registry, f"{path}/{FACT}/withdraw", people.supervisor, **why)
    assert (gone["fact"]["ended"], gone["grade"], gone["changed"]) == ("withdrawn", "A", True)
    facts = (await read(registry, path, people.enterprise))["items"]
    assert {fact["ended"] for fact in facts} == {"corrected", "withdrawn", None}
    [change] = await read(registry, f"{path}/{fact_id}/changes", people.enterprise)
    assert (change["act"], change["reason"], change["replaced_by"]) == (
        "corrected",
        "应为未列入",
        fixed["fact"]["fact_id"],
    )
    event = await registry.recorder.wait_for(FactWithdrawn, lambda event: event.fact_id == FACT)
    assert (event.cause, event.reason) == ("revoked_on_review", "复议决定撤销")
    assert await shown(registry) == []


async def test_a_penalty_undone_by_its_case_is_withdrawn_and_closes_the_application(
    registry: Harness, people: People, load: Load
) -> None:
    """A later version of the case that imposes nothing withdraws the fact; one that imposes again brings it back."""
    await penalised(registry, load)
    made = await apply(registry, people.enterprise, DUTY, PROMISE)
    await registry.deliver(decided(version=7, outcome="exempt", fine_fen=0, kinds=()))
    assert await shown(registry) == []
    application = await read(registry, f"/v1/repairs/{made['application_id']}", people.enterprise)
    assert application["state"] == "closed"
    closed = await registry.recorder.wait_for(RepairClockStopped)
    withdrawn = await registry.recorder.wait_for(FactWithdrawn)
    assert (closed.because, withdrawn.version) == ("closed", closed.version + 1)
    await registry.deliver(decided(version=6))
    assert await shown(registry) == []
    await registry.deliver(decided(version=8))
    assert len(await shown(registry)) == 1


async def test_a_proven_complaint_about_enforcement_does_not_count_against_the_enterprise(
    registry: Harness, people: People, load: Load
) -> None:
    """Complaints of supervision are the enterprise's own: even proven ones enter no fact."""
    await load("enterprises", ENTERPRISE)
    closed = ComplaintClosed(
        complaint_id="k1",
        enterprise_id=USCC,
        agency_id="market",
        area="330802",
        category="arbitrary_fee",
        outcome="proven",
        closed_at=datetime(2026, 1, 5, 4, 0, tzinfo=UTC),
        version=3,
    )
    await registry.deliver(closed)
    assert (await read(registry, f"/v1/enterprises/{USCC}/facts", people.platform))["items"] == []


async def test_two_deciders_at_once_and_a_stale_one(storage: Storage, tmp_path: Any) -> None:
    """Of two decisions at once one stands, on both databases; who knew an older version is told so."""
    async with running(
        build, "registry", tmp_path, database_url=storage.url, migration_url=storage.migration_url
    ) as registry:
        people = People(registry)
        csv = people.platform | {"content-type": "text/csv"}
        agencies = (
            "agency_id,name,kind,level,area,line,authority,procedure,remedies\n"
            "market,柯城区市场监督管理局,organ,county,330802,market,《食品安全法》第六条,检查,复议\n"
        )
        for name, text in (("agencies", agencies), ("enterprises", ENTERPRISE)):
            answer = await registry.client.post(f"/v1/{name}/import", content=text, headers=csv)
            assert answer.status_code == 200, answer.text
        await registry.deliver(decided(), paid())
        registry.clock.set(at("2026-04-07"))
        body = {"fact_id": FACT, "materials": [DUTY, PROMISE]}
        applying = [
            registry.client.post(f"/v1/enterprises/{USCC}/repairs", headers=people.enterprise, json=body)
            for _ in range(3)
        ]
        applied = sorted(await asyncio.gather(*applying), key=lambda answer: answer.status_code)
        assert [answer.status_code for answer in applied] == [201, 409, 409]
        path = f"/v1/repairs/{applied[0].json()['application_id']}"
        await send(registry, f"{path}/check", people.planner, complete=True)
        callers = (people.enterprise, people.planner, people.supervisor, people.stranger, people.fire)
        counts = [len((await read(registry, "/v1/repairs", caller))["items"]) for caller in callers]
        assert counts == [1, 1, 1, 0, 0]
        stale = people.head | {"If-Match": '"1"'}
        assert (await registry.client.post(f"{path}/decide", headers=stale, json=REFUSAL)).status_code == 412

        async def decide(granted: bool) -> httpx.Response:
            body = {"granted": granted, "reason": "已履行义务"}
            return await registry.client.post(f"{path}/decide", headers=people.head, json=body)

        answers = await asyncio.gather(*(decide(granted) for granted in (True, False, True, False)))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        granted = next(answer for answer in answers if answer.status_code == 200).json()["state"] == "granted"
        assert (await shown(registry) == []) is granted
        event = await registry.recorder.wait_for(CreditRepairDecided)
        assert (event.granted, len(registry.recorder.of(CreditRepairDecided))) == (granted, 1)


REFUSAL = {"granted": False, "reason": "违法行为尚未纠正"}
