"""What supervision does by itself when events arrive: leads, alerts, callbacks, sanctions, figures."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.bus import MemoryBus
from wurao.common.contracts.checkin import (
    EntryDeclined,
    EntryRefused,
    InspectionFinished,
    InspectionStarted,
    LateFilingRecorded,
    UnfiledEntryReported,
    VisitEvaluated,
)
from wurao.common.contracts.penalty import CaseOpened, FinePaid, HeavyCaseFiled, ListDeparted, PenaltyDecided
from wurao.common.contracts.plans import ApprovalCame, ApprovalOverdue, ConferenceOverdue, PlanFiled, PlanOverdue
from wurao.common.contracts.registry import (
    AgencyPublished,
    CreditRepairDecided,
    EnterpriseRegistered,
    GradeObjectionDecided,
    GradeObjectionOverdue,
    OfficerCertified,
    OfficerExited,
    OfficerSuspended,
    PackActivated,
    RepairClockStopped,
    RepairOverdue,
)
from wurao.common.contracts.scheduling import (
    EmergencyFiled,
    InspectionCaughtUp,
    InspectionOverdue,
    InspectionRefused,
    TasksMerged,
)
from wurao.common.contracts.shared import OfficerRef, Refusal
from wurao.common.contracts.supervision import (
    AlertCleared,
    AlertRaised,
    CallbackClosed,
    ComplaintFiled,
    LeadReferred,
    OfficerSanctioned,
)
from wurao.common.packs import load_pack
from wurao.common.testing import Harness, running
from wurao.common.testing.harness import message_of
from wurao.supervision.app import build

AREA = "130921"
ENTERPRISE = "91130921MA07F00001"
AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
OFFICERS = (
    OfficerRef(officer_id="o1", agency_id="market", name="张三"),
    OfficerRef(officer_id="o2", agency_id="market"),
)


@asynccontextmanager
async def county(folder: Path, pack: str) -> AsyncIterator[Harness]:
    """A county under a pack, with one agency, one officer and one enterprise."""
    found = load_pack(pack)
    facts = (
        PackActivated(
            area="130900",
            pack=pack,
            digest=found.digest,
            effective_from=date(2025, 6, 1),
            document=found.to_document(),
            approved_by=("a", "b"),
            version=1,
        ),
        AgencyPublished(
            agency_id="market",
            name="沧县市场监督管理局",
            kind="organ",
            level="county",
            area=AREA,
            line="market",
            authority="《食品安全法》第六条",
            published_on=date(2025, 1, 1),
            version=1,
        ),
        OfficerCertified(
            officer_id="o1",
            name="张三",
            agency_id="market",
            area=AREA,
            certificate_no="1",
            valid_from=date(2025, 1, 1),
            valid_to=date(2030, 1, 1),
            management_authority="prefecture",
            version=1,
        ),
        EnterpriseRegistered(
            enterprise_id=ENTERPRISE,
            name="沧县铸造有限公司",
            kind="company",
            industry="C3391",
            size="small",
            area="130921100",
            address="一号路",
            version=1,
        ),
    )
    async with running(build, "supervision", folder) as harness:
        await harness.deliver(*facts)
        yield harness


def supervisor(harness: Harness) -> dict[str, str]:
    """Headers of the county's supervisor."""
    return harness.headers(Role.SUPERVISOR, area=AREA, agency_id="justice")


async def listed(harness: Harness, where: str) -> list[dict[str, Any]]:
    """The items of a list, as the supervisor sees it."""
    answer = await harness.client.get(where, headers=supervisor(harness))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def figures(harness: Harness, area: str = AREA) -> dict[str, Any]:
    """The year's figures."""
    answer = await harness.client.get(f"/v1/statistics?area={area}", headers=supervisor(harness))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["figures"]
    return found


def unfiled(report_id: str = "report-1") -> UnfiledEntryReported:
    """Two officers came in without an approved visit."""
    return UnfiledEntryReported(
        report_id=report_id,
        entry_id="entry-9",
        enterprise_id=ENTERPRISE,
        enterprise_name="沧县铸造有限公司",
        area="130921100",
        agency_id="market",
        officers=OFFICERS[:1],
        reported_by="enterprise",
        description="没有亮码直接检查",
        happened_at=AT,
        reported_at=AT,
        version=1,
    )


def finished(entry_id: str, at: datetime = AT) -> InspectionFinished:
    """A finished visit."""
    return InspectionFinished(
        entry_id=entry_id,
        visit_id=f"visit-{entry_id}",
        enterprise_id=ENTERPRISE,
        enterprise_name="沧县铸造有限公司",
        area="130921100",
        agencies=("market",),
        officers=OFFICERS,
        results=(),
        findings=(),
        record_digest="0" * 64,
        ledger_seq=1,
        started_at=at - timedelta(minutes=40),
        finished_at=at,
        minutes=40,
        version=2,
    )


@pytest.mark.clause("CX-07")
@pytest.mark.clause("QZ-13")
async def test_unfiled_entry_becomes_a_lead_by_itself(tmp_path: Path) -> None:
    """Under Cang County's document an entry without filing is on the discipline stream without human help."""
    async with county(tmp_path, "cangxian") as harness:
        await harness.deliver(unfiled())
        lead = await harness.recorder.wait_for(LeadReferred)
        assert (lead.clause, lead.recipient, lead.category) == ("CX-07", "discipline_inspection", "unfiled_visit")
        assert lead.management_authority == "prefecture"
        assert {"report:report-1", "entry:entry-9"} <= set(lead.evidence)
        envelope = next(e for e in harness.recorder.envelopes if e.type == LeadReferred.ce_type)
        assert envelope.subject == lead.lead_id
        assert LeadReferred.topic == "wurao.discipline.v1"
        prefecture = harness.headers(Role.DISCIPLINE, area="130900")
        [seen] = (await harness.client.get("/v1/leads", headers=prefecture)).json()["items"]
        assert (seen["lead_id"], seen["routed_area"]) == (lead.lead_id, "130900")
        alert = await harness.recorder.wait_for(AlertRaised)
        assert (alert.kind, alert.clause) == ("unfiled_entry", "CX-07")


@pytest.mark.clause("QZ-13")
async def test_unfiled_entry_is_a_matter_with_a_deadline_and_no_lead_where_none_is_due(tmp_path: Path) -> None:
    """Under Quzhou's document the report is supervised with a deadline and an alert, and no lead by itself."""
    async with county(tmp_path, "quzhou") as harness:
        await harness.deliver(unfiled())
        event = await harness.recorder.wait_for(ComplaintFiled)
        assert (event.category, event.channel) == ("uncoded_visit", "enterprise")
        assert event.due > date(2026, 1, 5)
        alert = await harness.recorder.wait_for(AlertRaised)
        assert (alert.kind, alert.clause) == ("unfiled_entry", "QZ-13")
        [matter] = await listed(harness, "/v1/complaints?state=open")
        assert (matter["complaint_id"], matter["due"]) == (event.complaint_id, event.due.isoformat())
        assert await listed(harness, "/v1/leads") == []
        where = f"/v1/complaints/{event.complaint_id}/close"
        given = {"outcome": "proven", "reply": "已查实", "suspected_breach": True}
        answer = await harness.client.post(where, json=given, headers=supervisor(harness))
        assert answer.status_code == 200, answer.text
        assert (await harness.recorder.wait_for(AlertCleared)).alert_id == alert.alert_id
        assert answer.json()["leads"][0]["officers"][0]["name"] == "张三"


async def test_repeated_report_is_taken_up_once(tmp_path: Path) -> None:
    """The same report under two event ids gives one matter, one alert and one lead."""
    async with county(tmp_path, "cangxian") as harness:
        await harness.deliver(unfiled())
        await harness.deliver(unfiled())
        await harness.recorder.wait_for(LeadReferred)
        assert len(await listed(harness, "/v1/complaints")) == 1
        assert len(await listed(harness, "/v1/alerts")) == 1
        assert len(await listed(harness, "/v1/leads")) == 1


async def test_lead_of_a_proven_matter_names_the_earlier_one(tmp_path: Path) -> None:
    """When a matter that was referred by itself is proven, discipline inspection gets the outcome with the link."""
    async with county(tmp_path, "cangxian") as harness:
        await harness.deliver(unfiled())
        first = await harness.recorder.wait_for(LeadReferred)
        [matter] = await listed(harness, "/v1/complaints")
        given = {"outcome": "proven", "reply": "已查实", "suspected_breach": True}
        answer = await harness.client.post(
            f"/v1/complaints/{matter['complaint_id']}/close", json=given, headers=supervisor(harness)
        )
        [second] = answer.json()["leads"]
        assert f"lead:{first.lead_id}" in second["evidence"]


@pytest.mark.clause("CX-09")
async def test_callback_opens_with_every_visit_and_becomes_overdue(tmp_path: Path) -> None:
    """Every finished visit opens a callback due in five days; on the sixth it is overdue, once, with an alert."""
    async with county(tmp_path, "cangxian") as harness:
        await harness.deliver(finished("e1"), finished("e2"))
        await harness.deliver(finished("e1"))
        [first, second] = await listed(harness, "/v1/callbacks?state=open")
        assert (first["due"], first["clause"], first["enterprise_id"]) == ("2026-01-10", "CX-09", ENTERPRISE)
        conference = harness.headers(Role.CONFERENCE, area=AREA)
        where = f"/v1/callbacks/{first['callback_id']}/result"
        given = {"satisfied": True, "issues": [], "note": "文明规范"}
        answer = await harness.client.post(where, json=given, headers=conference)
        assert (answer.status_code, answer.json()["state"]) == (200, "done")
        done = await harness.recorder.wait_for(CallbackClosed)
        assert (done.result, done.entry_id) == ("done", first["entry_id"])
        harness.clock.set(datetime(2026, 1, 10, 15, 59, tzinfo=UTC))
        assert (await harness.service.sweep())["callbacks"] == 0
        harness.clock.set(datetime(2026, 1, 10, 16, 1, tzinfo=UTC))
        assert [(await harness.service.sweep())["callbacks"] for _ in range(2)] == [1, 0]
        overdue = await harness.recorder.wait_for(CallbackClosed, lambda event: event.result == "overdue")
        assert overdue.callback_id == second["callback_id"]
        alert = await harness.recorder.wait_for(AlertRaised)
        assert (alert.kind, alert.clause) == ("callback_overdue", "CX-09")
        late = f"/v1/callbacks/{second['callback_id']}/result"
        answer = await harness.client.post(late, json=given, headers=conference)
        assert answer.json()["state"] == "done"
        assert (await harness.recorder.wait_for(AlertCleared)).alert_id == alert.alert_id
        found = (await figures(harness))["callbacks"]
        assert (found["opened"], found["done"], found["on_time"], found["late"], found["overdue"], found["open"]) == (
            2,
            2,
            1,
            1,
            1,
            0,
        )
        answer = await harness.client.post(late, json=given, headers=conference)
        assert (answer.status_code, answer.json()["code"]) == (409, "callback.done")


@pytest.mark.clause("CX-09")
async def test_quarterly_list_of_clues_proposes_referral(tmp_path: Path) -> None:
    """The quarter's list has what enterprises reported, with a proposal on each, and nothing of other quarters."""
    async with county(tmp_path, "cangxian") as harness:
        await harness.deliver(finished("e1"), finished("e2"), finished("e3"))
        answers: list[tuple[bool, list[str]]] = [(False, ["arbitrary_fee"]), (True, ["disturbance"]), (True, [])]
        for callback, (satisfied, issues) in zip(await listed(harness, "/v1/callbacks"), answers, strict=True):
            given = {"satisfied": satisfied, "issues": issues, "note": ""}
            answer = await harness.client.post(
                f"/v1/callbacks/{callback['callback_id']}/result", json=given, headers=supervisor(harness)
            )
            assert answer.status_code == 200, answer.text
        clues = await listed(harness, f"/v1/callbacks/clues?area={AREA}&quarter=2026Q1")
        assert [(clue["proposal"], clue["labels"]) for clue in clues] == [
            ("refer", ["乱收费"]),
            ("correct", ["干扰正常生产经营"]),
        ]
        assert await listed(harness, f"/v1/callbacks/clues?area={AREA}&quarter=2025Q4") == []
        answer = await harness.client.get(
            f"/v1/callbacks/clues?area={AREA}&quarter=2026Q5", headers=supervisor(harness)
        )
        assert answer.status_code == 422


async def test_no_callback_where_the_pack_wants_none(tmp_path: Path) -> None:
    """Under a document without callbacks a finished visit opens none, and is counted all the same."""
    async with county(tmp_path, "quzhou") as harness:
        await harness.deliver(finished("e1"))
        assert await listed(harness, "/v1/callbacks") == []
        found = (await figures(harness))["inspections"]
        assert (found["finished"], found["minutes"], found["minutes_mean"]) == (1, 40, 40.0)


async def test_unknown_conduct_in_a_callback_is_refused(tmp_path: Path) -> None:
    """Issues are codes that the pack lists; others are refused with the list."""
    async with county(tmp_path, "cangxian") as harness:
        await harness.deliver(finished("e1"))
        [callback] = await listed(harness, "/v1/callbacks")
        answer = await harness.client.post(
            f"/v1/callbacks/{callback['callback_id']}/result",
            json={"satisfied": False, "issues": ["weather"]},
            headers=supervisor(harness),
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "conduct.unknown")
        assert answer.json()["alternatives"]


@pytest.mark.clause("QZ-31")
async def test_heavy_case_reaches_the_supervision_body_by_event(tmp_path: Path) -> None:
    """A heavy case is on the list with its grounds without anyone filing it, and a later version replaces it."""
    async with county(tmp_path, "quzhou") as harness:
        for version, grounds in ((2, ("licence_revoked", "large_fine")), (1, ("large_fine",))):
            await harness.deliver(
                HeavyCaseFiled(
                    case_id="case-1",
                    case_no="2026-1",
                    enterprise_id=ENTERPRISE,
                    agency_id="market",
                    area=AREA,
                    grounds=grounds,
                    fine_fen=5_000_000,
                    filed_at=AT,
                    version=version,
                )
            )
        [case] = await listed(harness, "/v1/heavy-cases")
        assert (case["case_id"], case["grounds"]) == ("case-1", ["licence_revoked", "large_fine"])
        elsewhere = harness.headers(Role.SUPERVISOR, area="130922")
        assert (await harness.client.get("/v1/heavy-cases", headers=elsewhere)).json()["items"] == []


@pytest.mark.clause("DT-18")
async def test_sanction_goes_out_by_event(tmp_path: Path) -> None:
    """A suspension and a revocation each become an event that the other services obey, numbered per officer."""
    async with county(tmp_path, "dingtao") as harness:
        body = {"officer_id": "o1", "sanction": "suspend", "reason": "未报备入企"}
        for number, change in enumerate(({"until": "2026-03-31"}, {}, {"sanction": "revoke"}), start=1):
            answer = await harness.client.post("/v1/sanctions", json=body | change, headers=supervisor(harness))
            assert answer.status_code == 201, answer.text
            event = await harness.recorder.wait_for(OfficerSanctioned, lambda e, n=number: e.version == n)  # type: ignore[misc]
            assert event.decision_id == answer.json()["decision_id"]
            assert answer.json()["clause"] == "DT-18"
        events = harness.recorder.of(OfficerSanctioned)
        assert [(event.sanction, event.until) for event in events] == [
            ("suspend", date(2026, 3, 31)),
            ("suspend", None),
            ("revoke", None),
        ]
        bad: tuple[dict[str, Any], ...] = (
            {"until": "2026-01-05"},
            {"sanction": "revoke", "until": "2026-03-31"},
        )
        for change in bad:
            answer = await harness.client.post("/v1/sanctions", json=body | change, headers=supervisor(harness))
            assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "body.until")
        unknown = await harness.client.post(
            "/v1/sanctions", json=body | {"officer_id": "nobody"}, headers=supervisor(harness)
        )
        assert unknown.status_code == 404
        assert (await figures(harness))["accountability"]["sanctions"] == {"suspend": 2, "revoke": 1}


async def test_officer_who_left_cannot_be_sanctioned(tmp_path: Path) -> None:
    """A suspended officer may be sanctioned again; one who left for good may not."""
    async with county(tmp_path, "dingtao") as harness:
        body = {"officer_id": "o1", "sanction": "suspend", "reason": "未报备入企"}
        await harness.deliver(OfficerSuspended(officer_id="o1", agency_id="market", reason="查处", version=2))
        answer = await harness.client.post("/v1/sanctions", json=body, headers=supervisor(harness))
        assert answer.status_code == 201
        await harness.deliver(
            OfficerExited(officer_id="o1", agency_id="market", reason="调离", exited_on=date(2026, 1, 5), version=3)
        )
        answer = await harness.client.post("/v1/sanctions", json=body, headers=supervisor(harness))
        assert (answer.status_code, answer.json()["code"]) == (409, "sanction.exited")


@pytest.mark.clause("DT-18")
async def test_lost_case_is_traced_back(tmp_path: Path) -> None:
    """A lost lawsuit opens one trace-back, which is concluded once and names only officers of the case."""
    async with county(tmp_path, "dingtao") as harness:
        client, who = harness.client, supervisor(harness)
        body = {
            "case_id": "case-1",
            "agency_id": "market",
            "officer_ids": ["o1"],
            "kind": "lawsuit",
            "summary": "处罚决定被撤销",
        }
        first = await client.post("/v1/lost-cases", json=body, headers=who)
        again = await client.post("/v1/lost-cases", json=body, headers=who)
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        [traced] = await listed(harness, "/v1/trace-backs?state=open")
        where = f"/v1/trace-backs/{traced['trace_back_id']}"
        answer = await client.post(f"{where}/conclude", json={"conclusion": "程序违法", "liable": ["o7"]}, headers=who)
        assert (answer.status_code, answer.json()["code"]) == (409, "trace_back.not_named")
        given = {"conclusion": "程序违法", "liable": ["o1"]}
        answer = await client.post(f"{where}/conclude", json=given, headers=who)
        assert (answer.status_code, answer.json()["liable"]) == (200, ["o1"])
        answer = await client.post(f"{where}/conclude", json=given, headers=who)
        assert answer.status_code == 409


def refusal(code: str, clause: str, message: str) -> Refusal:
    """A refusal as a gate words it."""
    return Refusal(code=code, clause=clause, cite=f"文号 {clause}", message=message)


async def test_each_wrong_raises_its_own_alert(tmp_path: Path) -> None:
    """Late plans and filings, lists left, declines and bad ratings raise one alert each, naming evidence."""
    async with county(tmp_path, "yongzhou") as harness:
        events = (
            PlanFiled(
                plan_id="plan-1",
                agency_id="market",
                area=AREA,
                office="justice",
                filed_at=AT,
                due=date(2026, 1, 1),
                late=True,
                clause="DT-11",
                version=1,
            ),
            PlanFiled(
                plan_id="plan-2",
                agency_id="market",
                area=AREA,
                office="justice",
                filed_at=AT,
                late=False,
                clause="DT-11",
                version=1,
            ),
            LateFilingRecorded(
                entry_id="entry-1",
                enterprise_id=ENTERPRISE,
                area=AREA,
                agency_id="market",
                officers=OFFICERS,
                due=AT,
                filed_at=AT,
                clause="QZ-10",
                version=1,
            ),
            ListDeparted(
                case_id="case-1",
                enterprise_id=ENTERPRISE,
                agency_id="market",
                area=AREA,
                list_entry="food.first",
                proposed="exempt",
                decided="ordinary",
                reason="情节较重",
                departed_at=AT,
                version=1,
            ),
            EntryDeclined(
                decline_id="decline-1",
                enterprise_id=ENTERPRISE,
                area=AREA,
                reason="one_officer",
                clause="LX-03",
                declined_at=AT,
                version=1,
            ),
            VisitEvaluated(
                evaluation_id="evaluation-1",
                visit_id="visit-1",
                area=AREA,
                agencies=("market",),
                satisfaction=1,
                code_shown=True,
                certificates_shown=False,
                disturbed=True,
                fees_asked=True,
                evaluated_at=AT,
                version=1,
            ),
        )
        await harness.deliver(*events)
        await harness.deliver(*events)
        alerts = await listed(harness, "/v1/alerts")
        assert {alert["kind"]: alert["clause"] for alert in alerts} == {
            "plan_filed_late": "DT-11",
            "late_filing": "QZ-10",
            "list_departed": "YZ-12",
            "entry_declined": "LX-03",
            "fees_asked": "YZ-18",
            "disturbed": "YZ-18",
        }
        assert len(alerts) == 6
        assert all(alert["evidence"] for alert in alerts)
        rated = next(alert for alert in alerts if alert["kind"] == "fees_asked")
        assert rated["enterprise_id"] is None
        assert not any("visit" in evidence for evidence in rated["evidence"])


@pytest.mark.clause("CX-02")
@pytest.mark.parametrize("filed_first", [False, True])
async def test_an_overdue_plan_raises_an_alert_that_its_filing_clears(tmp_path: Path, filed_first: bool) -> None:
    """Whichever news comes first, the overdue plan is one alert, cleared by the filing, which is an alert as late."""
    async with county(tmp_path, "cangxian") as harness:
        overdue = PlanOverdue(
            overdue_id="plan:130921:market:annual:2026",
            area=AREA,
            agency_id="market",
            kind="annual",
            period="2026",
            due=date(2026, 1, 31),
            clause="CX-02",
            message="2026年度“双随机”检查计划未在1月31日前制定报备",
            version=1,
        )
        filed = PlanFiled(
            plan_id="plan-9",
            agency_id="market",
            area=AREA,
            office="development",
            filed_at=AT,
            due=date(2026, 1, 31),
            late=True,
            clause="CX-02",
            settles=(overdue.overdue_id,),
            version=3,
        )
        for event in (filed, overdue, overdue) if filed_first else (overdue, overdue, filed):
            await harness.deliver(event)
            if event is overdue and not filed_first:
                [alert] = await listed(harness, "/v1/alerts")
                assert (alert["kind"], alert["clause"], alert["state"]) == ("plan_overdue", "CX-02", "open")
        states = {alert["kind"]: alert["state"] for alert in await listed(harness, "/v1/alerts")}
        assert states == {"plan_overdue": "cleared", "plan_filed_late": "open"}


@pytest.mark.clause("QZ-10")
async def test_an_approval_that_stays_out_is_an_alert_until_it_comes(tmp_path: Path) -> None:
    """Of the agency whose inspection was filed, and of nobody where a plan lies with the office."""
    async with county(tmp_path, "quzhou") as harness:
        late = {"area": AREA, "due": AT, "message": "未在2026-01-04前补办批准和行政行为码", "version": 1}
        own = ApprovalOverdue(
            **late,
            overdue_id="filing:f1",
            subject="filing",
            subject_id="f1",
            agency_id="market",
            enterprise_id=ENTERPRISE,
            clause="QZ-10",
        )
        office = ApprovalOverdue(
            **late, overdue_id="plan_filing:p1", subject="plan", subject_id="plan-1", clause="BE-54"
        )
        await harness.deliver(own, own, office)
        alerts = {alert["evidence"][0]: alert for alert in await listed(harness, "/v1/alerts")}
        assert {key: (one["kind"], one["agency_id"], one["clause"]) for key, one in alerts.items()} == {
            "filing:f1": ("approval_overdue", "market", "QZ-10"),
            "plan:plan-1": ("approval_overdue", None, "BE-54"),
        }
        await harness.deliver(ApprovalCame(overdue_id="filing:f1", area=AREA, reason="已经补办批准", version=2))
        states = {alert["evidence"][0]: alert["state"] for alert in await listed(harness, "/v1/alerts")}
        assert states == {"filing:f1": "cleared", "plan:plan-1": "open"}


@pytest.mark.clause("CX-01")
async def test_a_period_without_the_conference_raises_one_alert(tmp_path: Path) -> None:
    """Told twice, the missed quarter is one alert of its area."""
    async with county(tmp_path, "cangxian") as harness:
        missed = ConferenceOverdue(
            overdue_id="conference:130921:2026Q1",
            area=AREA,
            period="2026Q1",
            due=date(2026, 3, 31),
            clause="CX-01",
            version=1,
        )
        await harness.deliver(missed, missed)
        [alert] = await listed(harness, "/v1/alerts")
        assert (alert["kind"], alert["clause"], alert["area"]) == ("conference_overdue", "CX-01", AREA)


async def test_who_left_the_field_and_came_back_is_told_of_anew(tmp_path: Path) -> None:
    """What was settled for one watch is not settled for the next, though the same day was due."""
    async with county(tmp_path, "cangxian") as harness:
        who: dict[str, Any] = {"enterprise_id": ENTERPRISE, "area": AREA, "due": date(2026, 3, 1), "version": 1}
        told = InspectionOverdue(enterprise_name="餐饮公司", field="key_area", clause="BE-54", **who)
        left = InspectionCaughtUp(reason="企业已经歇业或者注销", **who)
        for since in (None, date(2026, 4, 1), date(2026, 5, 1)):
            watched = {"since": since}
            await harness.deliver(told.model_copy(update=watched), told.model_copy(update=watched))
            [alert] = await listed(harness, "/v1/alerts?state=open")
            assert (alert["kind"], alert["enterprise_id"]) == ("due_not_inspected", ENTERPRISE)
            await harness.deliver(left.model_copy(update={"since": since or date(2026, 3, 15)}))
            assert await listed(harness, "/v1/alerts?state=open") == []


async def test_a_late_repair_raises_an_alert_that_its_decision_clears(tmp_path: Path) -> None:
    """An application not checked, then not decided in time, raises an alert each; the decision clears both."""
    async with county(tmp_path, "linxia") as harness:
        late: dict[str, Any] = {
            "fact_id": "fact-1",
            "application_id": "application-1",
            "enterprise_id": ENTERPRISE,
            "agency_id": "market",
            "area": AREA,
        }
        unchecked = RepairOverdue(**late, step="check", due=date(2026, 1, 2), clause="LX-12", version=3)
        undecided = RepairOverdue(**late, step="decision", due=date(2026, 1, 14), clause="LX-12", version=5)
        await harness.deliver(unchecked, undecided, unchecked)
        alerts = await listed(harness, "/v1/alerts")
        assert {alert["kind"]: (alert["clause"], alert["agency_id"], alert["state"]) for alert in alerts} == {
            "repair_check_overdue": ("LX-12", "market", "open"),
            "repair_overdue": ("LX-12", "market", "open"),
        }
        assert "2026-01-14" in next(alert["message"] for alert in alerts if alert["kind"] == "repair_overdue")
        checked = RepairClockStopped(**late, because="accepted", version=6)
        await harness.deliver(checked)
        states = {alert["kind"]: alert["state"] for alert in await listed(harness, "/v1/alerts")}
        assert states == {"repair_check_overdue": "cleared", "repair_overdue": "open"}
        decided = CreditRepairDecided(
            **late, granted=False, reason="整改未经验收", clause="LX-12", decided_at=AT, version=7
        )
        await harness.deliver(decided)
        assert {alert["state"] for alert in await listed(harness, "/v1/alerts")} == {"cleared"}


@pytest.mark.parametrize("because", ["taken_back", "closed"])
async def test_an_application_that_waits_no_more_clears_its_alerts(tmp_path: Path, because: str) -> None:
    """Taken back, or closed with its record, a late application is no alert any longer."""
    async with county(tmp_path, "linxia") as harness:
        repair: dict[str, Any] = {"fact_id": "f", "application_id": "a", "enterprise_id": ENTERPRISE, "area": AREA}
        late = RepairOverdue(**repair, step="decision", due=date(2026, 1, 14), clause="LX-12", version=5)
        await harness.deliver(late, RepairClockStopped(**repair, because=because, version=6))
        assert [alert["state"] for alert in await listed(harness, "/v1/alerts")] == ["cleared"]


async def test_a_late_objection_raises_an_alert_that_its_decision_clears(tmp_path: Path) -> None:
    """An objection that nobody decided in time raises one alert; the decision clears it."""
    async with county(tmp_path, "linxia") as harness:
        objection = {"objection_id": "objection-1", "enterprise_id": ENTERPRISE, "area": AREA}
        late = GradeObjectionOverdue(**objection, due_on=date(2026, 1, 14), clause="LX-11", version=3)
        await harness.deliver(late, late)
        [alert] = await listed(harness, "/v1/alerts")
        assert (alert["kind"], alert["clause"], alert["state"]) == ("objection_overdue", "LX-11", "open")
        assert "2026-01-14" in alert["message"]
        decided = GradeObjectionDecided(
            **objection,
            against="grade",
            target_id="grade-1",
            upheld=False,
            reason="等级依据充分",
            remedies="可以申请行政复议",
            decided_at=AT,
            version=4,
        )
        await harness.deliver(decided)
        assert [alert["state"] for alert in await listed(harness, "/v1/alerts")] == ["cleared"]


async def test_figures_come_from_events_alone(tmp_path: Path) -> None:
    """Each figure is the number of its events, whatever their order, and each event counts once."""
    async with county(tmp_path, "quzhou") as harness:
        named = "张三执法证件已被暂扣"
        events = [
            PenaltyDecided(
                case_id="case-1",
                case_no="1",
                enterprise_id=ENTERPRISE,
                agency_id="market",
                area=AREA,
                procedure="summary",
                violation="food",
                outcome="waived",
                fine_fen=0,
                kinds=(),
                educated=True,
                decided_on=date(2026, 1, 5),
                officers=OFFICERS,
                version=2,
            ),
            CaseOpened(
                case_id="case-1",
                case_no="1",
                enterprise_id=ENTERPRISE,
                enterprise_name="沧县铸造有限公司",
                agency_id="market",
                area=AREA,
                violation="food",
                officers=OFFICERS,
                opened_on=date(2026, 1, 5),
                version=1,
            ),
            FinePaid(
                case_id="case-2",
                enterprise_id=ENTERPRISE,
                agency_id="market",
                area=AREA,
                paid_fen=100,
                surcharge_fen=0,
                settled=True,
                paid_on=date(2026, 1, 5),
                version=3,
            ),
            InspectionRefused(
                refusal_id="r1",
                stage="task",
                agency_id="market",
                enterprise_id=ENTERPRISE,
                area=AREA,
                requested_by="planner",
                refused_at=AT,
                refusals=(
                    refusal("cap.reached", "QZ-16", "今年已检查2次"),
                    refusal("cap.grade", "QZ-16", "信用优良企业"),
                ),
                version=1,
            ),
            EntryRefused(
                attempt_id="a1",
                enterprise_id=ENTERPRISE,
                area=AREA,
                officers=("o1",),
                refusals=(refusal("door.certificate_suspended", "YZ-09", named),),
                refused_at=AT,
                version=1,
            ),
            InspectionStarted(
                entry_id="e1",
                enterprise_id=ENTERPRISE,
                area=AREA,
                agencies=("market",),
                officers=OFFICERS,
                mode="scan",
                started_at=AT,
                version=1,
            ),
            InspectionStarted(
                entry_id="e2",
                enterprise_id=ENTERPRISE,
                area=AREA,
                agencies=("market",),
                officers=OFFICERS,
                mode="exception",
                started_at=AT,
                version=1,
            ),
            TasksMerged(
                merge_id="m1", area=AREA, tasks=9, visits=4, visits_unmerged=7, unserved=1, held_at=AT, version=1
            ),
            *(
                EmergencyFiled(
                    filing_id=f"f{late}",
                    enterprise_id=ENTERPRISE,
                    agency_id="market",
                    area=AREA,
                    ground="emergency",
                    source_record="s",
                    officers=OFFICERS,
                    item_ids=(),
                    began_at=AT,
                    filed_at=AT,
                    after_the_fact=True,
                    late=late,
                    clause="QZ-10",
                    version=1,
                )
                for late in (False, True)
            ),
            *(
                VisitEvaluated(
                    evaluation_id=f"v{mark}",
                    visit_id="v",
                    area=AREA,
                    agencies=("market",),
                    satisfaction=mark,
                    code_shown=True,
                    certificates_shown=True,
                    disturbed=False,
                    fees_asked=False,
                    evaluated_at=AT,
                    version=1,
                )
                for mark in (4, 5)
            ),
        ]
        messages = [message_of(event) for event in events]
        assert isinstance(harness.bus, MemoryBus)
        for _ in range(2):
            assert set(await harness.bus.publish(messages)) == {None}
        found = await figures(harness)
        refusals = found["refusals"]
        assert (refusals["total"], refusals["entries_refused"], refusals["for_certificate"]) == (2, 1, 1)
        assert [(c["clause"], c["count"]) for c in refusals["by_clause"]] == [("QZ-16", 1), ("YZ-09", 1)]
        assert {c["code"]: c["message"] for c in refusals["by_code"]} == {
            "cap.reached": "今年已检查2次",
            "cap.grade": "信用优良企业",
            "door.certificate_suspended": "有关人员执法证件已被暂扣",
        }
        assert found["merging"]["saved"] == 3
        assert found["filings"] == {"on_time": 1, "late": 1, "on_time_permille": 500}
        assert (found["inspections"]["started"], found["inspections"]["scan_permille"]) == (2, 500)
        assert (found["evaluations"]["count"], found["evaluations"]["mean"]) == (2, 4.5)
        assert (found["cases"]["opened"], found["cases"]["by_outcome"], found["cases"]["fines_paid"]) == (
            1,
            {"waived": 1},
            1,
        )
        answer = await harness.client.get(
            f"/v1/statistics?area={AREA}&from=2026-01-06&to=2026-02-01", headers=supervisor(harness)
        )
        assert answer.json()["figures"]["refusals"]["total"] == 0
        for where in ("area=130922", f"area={AREA}&from=2026-02-01&to=2026-01-01", "area=100100"):
            answer = await harness.client.get(f"/v1/statistics?{where}", headers=supervisor(harness))
            assert answer.status_code in (403, 422)
        page = await harness.client.get(f"/board?area={AREA}")
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        for shown in ("同一主体对同一企业每年现场检查次数上限", "QZ-16 · 文号 QZ-16", "首违不罚", "50.0%", "扫码入企"):
            assert shown in page.text
        assert "张三" not in page.text
        assert "://" not in page.text
        answer = await harness.client.get("/board?area=<script>")
        assert answer.status_code == 422


async def test_no_answer_ranks_anybody_by_fines(tmp_path: Path) -> None:
    """No parameter of any list sorts, and no figure is an amount or names an agency (DT-06)."""
    async with county(tmp_path, "dingtao") as harness:
        document = (await harness.client.get("/openapi.json")).json()
        names = {
            parameter["name"]
            for operations in document["paths"].values()
            for operation in operations.values()
            for parameter in operation.get("parameters", [])
        }
        assert not {name for name in names if "sort" in name or "order_by" in name or "fine" in name}
        figures_schema = document["components"]["schemas"]["CaseFigures"]["properties"]
        assert not {name for name in figures_schema if "fen" in name or "amount" in name or "agency" in name}


async def test_replicas_keep_the_newest_version(tmp_path: Path) -> None:
    """An older version that arrives late changes nothing."""
    async with county(tmp_path, "quzhou") as harness:
        known = OfficerCertified(
            officer_id="o5",
            name="李四",
            agency_id="market",
            area="130922",
            certificate_no="5",
            valid_from=date(2025, 1, 1),
            valid_to=date(2030, 1, 1),
            version=4,
        )
        await harness.deliver(known, known.model_copy(update={"area": AREA, "version": 3}))
        body = {"officer_id": "o5", "sanction": "suspend", "reason": "未报备入企"}
        answer = await harness.client.post("/v1/sanctions", json=body, headers=supervisor(harness))
        assert (answer.status_code, answer.json()["code"]) == (403, "other_area")
