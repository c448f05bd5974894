"""Complaints, corrections and leads over HTTP, under the packs whose duties they are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.contracts.registry import AgencyPublished, EnterpriseRegistered, OfficerCertified, PackActivated
from wurao.common.contracts.scheduling import VisitApproved
from wurao.common.contracts.shared import Level, OfficerRef, Window
from wurao.common.contracts.supervision import (
    AlertCleared,
    AlertRaised,
    ComplaintClosed,
    ComplaintFiled,
    CorrectionOrdered,
    LeadReferred,
)
from wurao.common.packs import load_pack
from wurao.common.testing import Harness, running
from wurao.supervision.app import build

AREA = "330802"
ENTERPRISE = "91330802MA28F00001"
OTHER = "91330802MA28F00002"
AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


def agency(agency_id: str = "market") -> AgencyPublished:
    """A published county agency."""
    return AgencyPublished(
        agency_id=agency_id,
        name="市场监督管理局",
        kind="organ",
        level="county",
        area=AREA,
        line="market",
        authority="《食品安全法》第六条",
        published_on=date(2025, 1, 1),
        version=1,
    )


def officer(officer_id: str, authority: Level = "county") -> OfficerCertified:
    """A certified officer of the county agency."""
    return OfficerCertified(
        officer_id=officer_id,
        name=f"人员{officer_id}",
        agency_id="market",
        area=AREA,
        certificate_no=officer_id,
        valid_from=date(2025, 1, 1),
        valid_to=date(2030, 1, 1),
        management_authority=authority,
        version=1,
    )


def enterprise(enterprise_id: str = ENTERPRISE) -> EnterpriseRegistered:
    """A registered enterprise in a township of the county."""
    return EnterpriseRegistered(
        enterprise_id=enterprise_id,
        name="柯城食品有限公司",
        kind="company",
        industry="C1391",
        size="small",
        area="330802001",
        address="一号路",
        version=1,
    )


def visit() -> VisitApproved:
    """An approved visit of two officers."""
    return VisitApproved(
        visit_id="visit-1",
        enterprise_id=ENTERPRISE,
        enterprise_name="柯城食品有限公司",
        area="330802001",
        lead_agency_id="market",
        agencies=("market",),
        officers=(OfficerRef(officer_id="o1", agency_id="market"), OfficerRef(officer_id="o2", agency_id="market")),
        items=(),
        kind="random",
        window=Window(opens=AT, closes=AT + timedelta(days=1)),
        code_id="code-1",
        code="token",
        approved_by="head",
        approved_at=AT,
        version=1,
    )


@asynccontextmanager
async def county(folder: Path, pack: str) -> AsyncIterator[Harness]:
    """A county under a pack, with one agency, two officers and two enterprises."""
    found = load_pack(pack)
    activated = PackActivated(
        area="330800",
        pack=pack,
        digest=found.digest,
        effective_from=date(2025, 6, 1),
        document=found.to_document(),
        approved_by=("a", "b"),
        version=1,
    )
    async with running(build, "supervision", folder) as harness:
        await harness.deliver(
            activated, agency(), officer("o1"), officer("o2", "prefecture"), enterprise(), enterprise(OTHER), visit()
        )
        yield harness


def supervisor(harness: Harness, area: str = AREA) -> dict[str, str]:
    """Headers of the county's supervisor."""
    return harness.headers(Role.SUPERVISOR, area=area, agency_id="justice")


def complaint(**change: Any) -> dict[str, Any]:
    """A complaint's body."""
    return {
        "channel": "hotline_12345",
        "category": "arbitrary_inspection",
        "enterprise_id": ENTERPRISE,
        "agency_id": "market",
        "description": "一周内来了三次",
        **change,
    }


async def filed(harness: Harness, **change: Any) -> dict[str, Any]:
    """A complaint filed by the platform."""
    platform = harness.headers(Role.PLATFORM, area=AREA)
    answer = await harness.client.post("/v1/complaints", json=complaint(**change), headers=platform)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"/v1/complaints/{body['complaint_id']}"
    return body


@pytest.mark.clause("YZ-19")
@pytest.mark.parametrize("channel", ["hotline_12345", "portal", "telephone", "supervisor", "enterprise", "platform"])
async def test_complaint_of_each_channel_gets_a_deadline(tmp_path: Path, channel: str) -> None:
    """A complaint enters by every channel and is due ten working days later under Yongzhou's document."""
    async with county(tmp_path, "yongzhou") as harness:
        body = await filed(harness, channel=channel)
        assert (body["due"], body["clause"], body["state"]) == ("2026-01-19", "YZ-19", "open")
        assert body["explanation"]
        event = await harness.recorder.wait_for(ComplaintFiled)
        assert (event.channel, event.due) == (channel, date(2026, 1, 19))


@pytest.mark.clause("YZ-19")
async def test_complaint_without_outcome_and_reply_stays_open(tmp_path: Path) -> None:
    """Closing is refused, with clause and alternatives, until there are an outcome and a reply."""
    async with county(tmp_path, "yongzhou") as harness:
        body = await filed(harness)
        where, who = f"/v1/complaints/{body['complaint_id']}", supervisor(harness)
        answer = await harness.client.post(f"{where}/close", json={}, headers=who)
        assert answer.status_code == 409
        codes = {refusal["code"]: refusal["clause"] for refusal in answer.json()["refusals"]}
        assert codes == {"complaint.no_outcome": "YZ-19", "complaint.no_reply": "YZ-19"}
        assert answer.json()["alternatives"]
        answer = await harness.client.post(f"{where}/close", json={"outcome": "unfounded", "reply": " "}, headers=who)
        assert answer.json()["code"] == "complaint.no_reply"
        assert (await harness.client.get(where, headers=who)).json()["state"] == "open"
        given = {"outcome": "unfounded", "reply": "经查不属实"}
        answer = await harness.client.post(f"{where}/close", json=given, headers=who)
        assert answer.status_code == 200, answer.text
        closed = answer.json()
        assert (closed["complaint"]["state"], closed["correction"], closed["leads"]) == ("closed", None, [])
        answer = await harness.client.post(f"{where}/close", json=given, headers=who)
        assert (answer.status_code, answer.json()["code"]) == (409, "complaint.closed")


@pytest.mark.clause("YZ-19")
@pytest.mark.clause("QZ-30")
async def test_overdue_complaint_escalates_once_and_clears(tmp_path: Path) -> None:
    """An overdue complaint raises one alert however often the sweep runs; closing it ends the alert."""
    async with county(tmp_path, "yongzhou") as harness:
        body = await filed(harness)
        harness.clock.set(datetime(2026, 1, 19, 15, 59, tzinfo=UTC))
        assert (await harness.service.sweep())["complaints"] == 0
        harness.clock.advance(timedelta(minutes=2))
        assert [(await harness.service.sweep())["complaints"] for _ in range(3)] == [1, 0, 0]
        raised = await harness.recorder.wait_for(AlertRaised)
        assert (raised.kind, raised.clause, raised.evidence) == (
            "complaint_overdue",
            "YZ-19",
            (f"complaint:{body['complaint_id']}",),
        )
        where = f"/v1/complaints/{body['complaint_id']}/close"
        given = {"outcome": "withdrawn", "reply": "已沟通"}
        assert (await harness.client.post(where, json=given, headers=supervisor(harness))).status_code == 200
        cleared = await harness.recorder.wait_for(AlertCleared)
        assert cleared.alert_id == raised.alert_id
        assert len(harness.recorder.of(AlertRaised)) == 1
        answer = await harness.client.get("/v1/alerts?state=cleared", headers=supervisor(harness))
        assert [alert["alert_id"] for alert in answer.json()["items"]] == [raised.alert_id]
        answer = await harness.client.post(
            f"/v1/alerts/{raised.alert_id}/clear", json={"reason": "已核查"}, headers=supervisor(harness)
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "alert.cleared")


@pytest.mark.clause("LX-16")
async def test_proven_complaint_gives_correction_and_leads(tmp_path: Path) -> None:
    """A proven complaint orders a correction due in five working days, and hands a suspected breach over."""
    async with county(tmp_path, "linxia") as harness:
        body = await filed(harness, category="disturbance", officer_ids=["o1"])
        given = {"outcome": "proven", "reply": "已查实", "suspected_breach": True, "officer_ids": ["o1"]}
        answer = await harness.client.post(
            f"/v1/complaints/{body['complaint_id']}/close", json=given, headers=supervisor(harness)
        )
        assert answer.status_code == 200, answer.text
        closed = answer.json()
        order = closed["correction"]
        assert (order["agency_id"], order["due"], order["clause"]) == ("market", "2026-01-12", "LX-16")
        assert ENTERPRISE not in order["demand"]
        assert {lead["recipient"] for lead in closed["leads"]} == {"discipline_inspection", "judiciary"}
        ordered = await harness.recorder.wait_for(CorrectionOrdered)
        assert (ordered.order_id, ordered.due) == (order["order_id"], date(2026, 1, 12))
        lead = await harness.recorder.wait_for(LeadReferred, lambda e: e.recipient == "discipline_inspection")
        assert (lead.clause, [o.officer_id for o in lead.officers]) == ("LX-16", ["o1"])
        event = await harness.recorder.wait_for(ComplaintClosed)
        assert (event.outcome, event.suspected_breach, event.version) == ("proven", True, 2)
        discipline = harness.headers(Role.DISCIPLINE, area=AREA)
        where = f"/v1/leads/{lead.lead_id}"
        answer = await harness.client.post(f"{where}/acknowledge", json={"note": "收到"}, headers=discipline)
        assert (answer.status_code, answer.json()["state"]) == (200, "acknowledged")
        answer = await harness.client.post(f"{where}/acknowledge", headers=discipline)
        assert (answer.status_code, answer.json()["code"]) == (409, "lead.acknowledged")


async def test_proven_complaint_needs_an_agency(tmp_path: Path) -> None:
    """A complaint against nobody in particular cannot be proven before the agency is found."""
    async with county(tmp_path, "quzhou") as harness:
        body = await filed(harness, agency_id=None)
        where = f"/v1/complaints/{body['complaint_id']}/close"
        given = {"outcome": "proven", "reply": "已查实"}
        answer = await harness.client.post(where, json=given, headers=supervisor(harness))
        assert (answer.status_code, answer.json()["code"]) == (409, "complaint.no_agency")
        answer = await harness.client.post(where, json={**given, "officer_ids": ["o1"]}, headers=supervisor(harness))
        assert answer.json()["correction"]["agency_id"] == "market"


@pytest.mark.clause("LX-16")
async def test_correction_needs_feedback(tmp_path: Path) -> None:
    """An order is not closed without the agency's feedback, escalates when overdue, and feedback ends the alert."""
    async with county(tmp_path, "linxia") as harness:
        body = await filed(harness)
        given = {"outcome": "proven", "reply": "已查实"}
        answer = await harness.client.post(
            f"/v1/complaints/{body['complaint_id']}/close", json=given, headers=supervisor(harness)
        )
        where = f"/v1/corrections/{answer.json()['correction']['order_id']}"
        answer = await harness.client.post(f"{where}/close", headers=supervisor(harness))
        assert (answer.status_code, answer.json()["code"]) == (409, "correction.no_feedback")
        harness.clock.set(datetime(2026, 1, 13, 1, tzinfo=UTC))
        assert (await harness.service.sweep())["corrections"] == 1
        assert (await harness.service.sweep())["corrections"] == 0
        raised = await harness.recorder.wait_for(AlertRaised, lambda alert: alert.kind == "correction_overdue")
        stranger = harness.headers(Role.HEAD, agency_id="other", area=AREA)
        answer = await harness.client.post(f"{where}/feedback", json={"text": "已整改"}, headers=stranger)
        assert answer.status_code == 403
        head = harness.headers(Role.HEAD, agency_id="market", area=AREA)
        answer = await harness.client.post(f"{where}/feedback", json={"text": "已整改"}, headers=head)
        assert (answer.status_code, answer.json()["state"]) == (200, "answered")
        cleared = await harness.recorder.wait_for(AlertCleared)
        assert cleared.alert_id == raised.alert_id
        answer = await harness.client.post(f"{where}/close", headers=supervisor(harness))
        assert (answer.status_code, answer.json()["state"]) == (200, "closed")
        listed = (await harness.client.get("/v1/corrections", headers=head)).json()["items"]
        assert [order["state"] for order in listed] == ["closed"]


@pytest.mark.clause("QZ-29")
async def test_outside_id_never_enters_twice(tmp_path: Path) -> None:
    """A repeated external id answers the same complaint; about another enterprise it is a conflict."""
    async with county(tmp_path, "quzhou") as harness:
        platform = harness.headers(Role.PLATFORM, area=AREA)
        first = await filed(harness, external_id="12345-2026-0001")
        again = await harness.client.post(
            "/v1/complaints", json=complaint(external_id="12345-2026-0001", description="重复"), headers=platform
        )
        assert (again.status_code, again.json()["complaint_id"]) == (200, first["complaint_id"])
        other = await harness.client.post(
            "/v1/complaints", json=complaint(external_id="12345-2026-0001", enterprise_id=OTHER), headers=platform
        )
        assert (other.status_code, other.json()["clause"]) == (409, "QZ-29")
        elsewhere = await filed(harness, external_id="12345-2026-0001", channel="portal")
        assert elsewhere["complaint_id"] != first["complaint_id"]
        assert len((await harness.client.get("/v1/complaints", headers=platform)).json()["items"]) == 2


@pytest.mark.clause("YZ-18")
async def test_each_prohibited_conduct_is_reportable_in_one_step(tmp_path: Path) -> None:
    """An enterprise reports each listed conduct with one request, linked to the visit, its agency and officers."""
    async with county(tmp_path, "yongzhou") as harness:
        listed = (await harness.client.get("/v1/complaints/categories?area=330802")).json()
        names = {category["category"] for category in listed}
        assert {"arbitrary_inspection", "arbitrary_fee", "arbitrary_fine", "levy", "gift", "reimbursement"} <= names
        assert all(category["label"] != category["category"] for category in listed)
        who = harness.headers(Role.ENTERPRISE, enterprise_id=ENTERPRISE, area="330802001")
        for name in sorted(names):
            body = complaint(channel="enterprise", category=name, agency_id=None, visit_id="visit-1")
            answer = await harness.client.post("/v1/complaints", json=body, headers=who)
            assert answer.status_code == 201, answer.text
            filed_ = answer.json()
            assert (filed_["visit_id"], filed_["agency_id"], filed_["officers"]) == ("visit-1", "market", ["o1", "o2"])


@pytest.mark.parametrize(
    ("pack", "category"),
    [
        pytest.param("dingtao", "forced_purchase", marks=pytest.mark.clause("DT-08")),
        pytest.param("dingtao", "sponsorship", marks=pytest.mark.clause("DT-08")),
        pytest.param("dingtao", "subscription", marks=pytest.mark.clause("DT-08")),
        pytest.param("linxia", "disturbance", marks=pytest.mark.clause("LX-03")),
    ],
)
async def test_conduct_is_reportable_and_counted(tmp_path: Path, pack: str, category: str) -> None:
    """Forced purchases, sponsorship, subscriptions and disturbance are categories and count in the figures."""
    async with county(tmp_path, pack) as harness:
        await filed(harness, category=category)
        answer = await harness.client.get(f"/v1/statistics?area={AREA}", headers=supervisor(harness))
        assert answer.json()["figures"]["complaints"]["by_category"] == {category: 1}


async def test_category_that_the_pack_does_not_list_is_refused(tmp_path: Path) -> None:
    """An unknown category is refused with the clause of the list and the list itself."""
    async with county(tmp_path, "quzhou") as harness:
        platform = harness.headers(Role.PLATFORM, area=AREA)
        answer = await harness.client.post("/v1/complaints", json=complaint(category="weather"), headers=platform)
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["clause"]) == (409, "complaint.unknown_category", "QZ-13")
        assert "uncoded_visit：检查未亮码" in problem["alternatives"]


@pytest.mark.clause("QZ-13")
@pytest.mark.parametrize("category", ["uncoded_visit", "penalty_without_decision"])
async def test_report_of_an_uncoded_visit_is_heard_at_once(tmp_path: Path, category: str) -> None:
    """An enterprise's report of a visit without code or a penalty without decision alerts with a deadline."""
    async with county(tmp_path, "quzhou") as harness:
        who = harness.headers(Role.ENTERPRISE, enterprise_id=ENTERPRISE, area="330802001")
        body = complaint(channel="enterprise", category=category)
        answer = await harness.client.post("/v1/complaints", json=body, headers=who)
        assert answer.status_code == 201, answer.text
        alert = await harness.recorder.wait_for(AlertRaised)
        assert (alert.kind, alert.clause, alert.agency_id) == ("urgent_report", "QZ-13", "market")
        assert answer.json()["due"] in alert.message
        [seen] = (await harness.client.get("/v1/alerts?state=open", headers=supervisor(harness))).json()["items"]
        assert seen["alert_id"] == alert.alert_id
        listed = (await harness.client.get("/v1/complaints?state=open", headers=supervisor(harness))).json()["items"]
        assert [row["complaint_id"] for row in listed] == [answer.json()["complaint_id"]]


async def test_agency_never_learns_who_complained(tmp_path: Path) -> None:
    """The agency sees the complaint against it without complainant, channel, visit, wording and reply."""
    async with county(tmp_path, "quzhou") as harness:
        body = await filed(harness, visit_id="visit-1", external_id="h-1")
        head = harness.headers(Role.HEAD, agency_id="market", area=AREA)
        [listed] = (await harness.client.get("/v1/complaints", headers=head)).json()["items"]
        one = (await harness.client.get(f"/v1/complaints/{body['complaint_id']}", headers=head)).json()
        assert listed == one
        assert (one["category"], one["officers"]) == ("arbitrary_inspection", ["o1", "o2"])
        hidden = ("enterprise_id", "enterprise_name", "channel", "external_id", "visit_id", "description", "reply")
        assert {one[name] for name in hidden} == {None}
        stranger = harness.headers(Role.HEAD, agency_id="other", area=AREA)
        assert (await harness.client.get("/v1/complaints", headers=stranger)).json()["items"] == []
        answer = await harness.client.get(f"/v1/complaints/{body['complaint_id']}", headers=stranger)
        assert answer.status_code == 404


async def test_everybody_acts_within_its_bounds(tmp_path: Path) -> None:
    """Enterprises speak for themselves by their own channels; supervisors handle their area only."""
    async with county(tmp_path, "quzhou") as harness:
        client = harness.client
        who = harness.headers(Role.ENTERPRISE, enterprise_id=ENTERPRISE, area="330802001")
        for change in ({"enterprise_id": OTHER, "channel": "enterprise"}, {"channel": "hotline_12345"}):
            answer = await client.post("/v1/complaints", json=complaint(**change), headers=who)
            assert answer.status_code == 403, answer.text
        abroad = harness.headers(Role.PLATFORM, area="330803")
        answer = await client.post("/v1/complaints", json=complaint(), headers=abroad)
        assert (answer.status_code, answer.json()["code"]) == (403, "other_area")
        body = await filed(harness)
        where = f"/v1/complaints/{body['complaint_id']}"
        given = {"outcome": "unfounded", "reply": "不属实"}
        answer = await client.post(f"{where}/close", json=given, headers=supervisor(harness, "330803"))
        assert answer.status_code == 403
        assert (await client.get(where, headers=supervisor(harness, "330803"))).status_code == 404
        rival = harness.headers(Role.ENTERPRISE, enterprise_id=OTHER, area="330802001")
        assert (await client.get(where, headers=rival)).status_code == 404
        assert (await client.get(where, headers=who)).json()["description"] == "一周内来了三次"


async def test_unknown_things_are_not_found(tmp_path: Path) -> None:
    """Unknown enterprises, agencies, complaints and leads answer 404, malformed ids 422."""
    async with county(tmp_path, "quzhou") as harness:
        platform = harness.headers(Role.PLATFORM, area=AREA)
        for change in ({"enterprise_id": "nobody"}, {"agency_id": "nobody"}):
            answer = await harness.client.post("/v1/complaints", json=complaint(**change), headers=platform)
            assert answer.status_code == 404, answer.text
        who = supervisor(harness)
        assert (await harness.client.get("/v1/complaints/nothing", headers=who)).status_code == 404
        assert (await harness.client.get("/v1/leads/nothing", headers=who)).status_code == 404
        assert (await harness.client.get("/v1/complaints/a%00b", headers=who)).status_code == 422
        answer = await harness.client.post("/v1/complaints", json=complaint(description="a\0b"), headers=platform)
        assert answer.status_code == 422
        answer = await harness.client.post("/v1/complaints", json=complaint(nonsense=1), headers=platform)
        assert answer.status_code == 422


async def test_stale_version_is_refused(tmp_path: Path) -> None:
    """Closing on a version that has changed meanwhile answers 412 and changes nothing."""
    async with county(tmp_path, "quzhou") as harness:
        body = await filed(harness)
        where, who = f"/v1/complaints/{body['complaint_id']}", supervisor(harness)
        given = {"outcome": "unfounded", "reply": "不属实"}
        answer = await harness.client.post(f"{where}/close", json=given, headers=who | {"If-Match": '"7"'})
        assert answer.status_code == 412
        read = await harness.client.get(where, headers=who)
        answer = await harness.client.post(
            f"{where}/close", json=given, headers=who | {"If-Match": read.headers["ETag"]}
        )
        assert answer.status_code == 200


@pytest.mark.clause("DT-17")
async def test_each_recipient_reads_only_its_own_stream(tmp_path: Path) -> None:
    """Under Dingtao's document three recipients get a lead each, read only their own, and acknowledge it."""
    async with county(tmp_path, "dingtao") as harness:
        body = await filed(harness, category="sponsorship", officer_ids=["o1"])
        given = {"outcome": "proven", "reply": "已查实", "suspected_breach": True}
        answer = await harness.client.post(
            f"/v1/complaints/{body['complaint_id']}/close", json=given, headers=supervisor(harness)
        )
        ids = {lead["recipient"]: lead["lead_id"] for lead in answer.json()["leads"]}
        assert set(ids) == {"discipline_inspection", "procuratorate", "organisation_department"}
        for recipient, lead_id in ids.items():
            who = harness.headers(Role.DISCIPLINE, area=AREA, recipient=recipient)
            items = (await harness.client.get("/v1/leads", headers=who)).json()["items"]
            assert [(lead["recipient"], lead["clause"]) for lead in items] == [(recipient, "DT-17")]
            for other in set(ids.values()) - {lead_id}:
                assert (await harness.client.get(f"/v1/leads/{other}", headers=who)).status_code == 404
                answer = await harness.client.post(f"/v1/leads/{other}/acknowledge", headers=who)
                assert answer.status_code == 404
            answer = await harness.client.post(f"/v1/leads/{lead_id}/acknowledge", headers=who)
            assert answer.status_code == 200
            streamed = await harness.recorder.wait_for(LeadReferred, lambda e, i=lead_id: e.lead_id == i)  # type: ignore[misc]
            assert streamed.recipient == recipient
        elsewhere = harness.headers(Role.DISCIPLINE, area="330803")
        assert (await harness.client.get("/v1/leads", headers=elsewhere)).json()["items"] == []


@pytest.mark.clause("CX-19")
async def test_lead_goes_to_the_level_that_manages_the_officer(tmp_path: Path) -> None:
    """Officers managed by county and prefecture give two leads; the county does not read the prefecture's."""
    async with county(tmp_path, "cangxian") as harness:
        body = await filed(harness, officer_ids=["o1", "o2"])
        given = {"outcome": "proven", "reply": "已查实", "suspected_breach": True}
        answer = await harness.client.post(
            f"/v1/complaints/{body['complaint_id']}/close", json=given, headers=supervisor(harness)
        )
        routed = {
            (lead["management_authority"], lead["routed_area"]): [o["officer_id"] for o in lead["officers"]]
            for lead in answer.json()["leads"]
        }
        assert routed == {("county", "330802"): ["o1"], ("prefecture", "330800"): ["o2"]}
        below = harness.headers(Role.DISCIPLINE, area="330802")
        above = harness.headers(Role.DISCIPLINE, area="330800")
        assert [
            len((await harness.client.get("/v1/leads", headers=who)).json()["items"]) for who in (below, above)
        ] == [1, 2]


async def test_two_handlers_close_once(tmp_path: Path) -> None:
    """Two supervisors closing the same complaint at once: one succeeds, and there is one order to correct."""
    async with county(tmp_path, "linxia") as harness:
        body = await filed(harness)
        where, given = f"/v1/complaints/{body['complaint_id']}/close", {"outcome": "proven", "reply": "已查实"}
        answers = await asyncio.gather(
            *(harness.client.post(where, json=given, headers=supervisor(harness)) for _ in range(8))
        )
        statuses = [answer.status_code for answer in answers]
        assert statuses.count(200) == 1
        assert set(statuses) <= {200, 409, 412}
        assert len((await harness.client.get("/v1/corrections", headers=supervisor(harness))).json()["items"]) == 1


async def test_repeats_at_once_are_one_complaint(tmp_path: Path) -> None:
    """The same outside id sent several times at once gives one complaint and the same answer to all."""
    async with county(tmp_path, "quzhou") as harness:
        platform = harness.headers(Role.PLATFORM, area=AREA)
        body = complaint(external_id="12345-1")
        answers = await asyncio.gather(
            *(harness.client.post("/v1/complaints", json=body, headers=platform) for _ in range(8))
        )
        assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
        assert len({answer.json()["complaint_id"] for answer in answers}) == 1


async def test_lists_are_paged(tmp_path: Path) -> None:
    """Complaints come in pages that neither repeat nor lose any."""
    async with county(tmp_path, "quzhou") as harness:
        ids = [(await filed(harness))["complaint_id"] for _ in range(5)]
        seen, cursor = [], ""
        while True:
            where = f"/v1/complaints?limit=2{cursor}"
            answer = (await harness.client.get(where, headers=supervisor(harness))).json()
            seen += [row["complaint_id"] for row in answer["items"]]
            if answer["next_cursor"] is None:
                break
            cursor = f"&cursor={answer['next_cursor']}"
        assert seen == ids
