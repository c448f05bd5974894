"""Pure rules of supervision: complaints, leads, callbacks, sanctions, alerts."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common import area as areas
from wurao.common.contracts.checkin import VisitEvaluated
from wurao.common.contracts.plans import PlanFiled
from wurao.common.contracts.scheduling import TriggeredBeyondReason
from wurao.common.contracts.shared import OfficerRef
from wurao.common.errors import Conflict, Malformed, Refused
from wurao.common.packs import load_pack, load_packs
from wurao.common.workdays import CalendarUnknown, WorkCalendar
from wurao.supervision.domain import alerts, callbacks, complaints, corrections, leads, sanctions
from wurao.supervision.domain.deadlines import deadline, is_overdue
from wurao.supervision.domain.policy import (
    CallbackSection,
    ComplaintSection,
    CorrectionSection,
    LeadSection,
    ListSection,
    SanctionSection,
)
from wurao.supervision.domain.titles import clause_titles
from wurao.supervision.domain.wording import impersonal

ON = date(2026, 1, 5)
AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
CALENDAR = WorkCalendar()
DAYS = st.dates(date(2020, 1, 1), date(2026, 6, 30))
OFFICER_IDS = st.lists(st.sampled_from([f"o{n}" for n in range(9)]), unique=True, max_size=9)
AUTHORITIES = st.sampled_from(["county", "prefecture", "province", "township"])


def complaint_section(pack: str) -> ComplaintSection:
    """A pack's section on complaints."""
    return load_pack(pack).section(ComplaintSection, on=ON)


@pytest.mark.parametrize("pack", sorted(load_packs()))
def test_every_pack_gives_what_supervision_reads(pack: str) -> None:
    """Each shipped pack has every section in force, and a Chinese name for each category."""
    for section in (ComplaintSection, CorrectionSection, LeadSection, CallbackSection, SanctionSection, ListSection):
        assert load_pack(pack).problems(section, on=ON) == []
    found = complaint_section(pack)
    assert set(found.categories.value) <= found.labels.value.keys()
    assert complaints.unfiled_category(found) in found.categories.value


@pytest.mark.parametrize(
    ("pack", "category"),
    [("cangxian", "unfiled_visit"), ("quzhou", "uncoded_visit"), ("linxia", "arbitrary_inspection")],
)
def test_unfiled_entry_has_its_category_in_each_jurisdiction(pack: str, category: str) -> None:
    """An entry without approval is handled under what the jurisdiction's document calls it."""
    assert complaints.unfiled_category(complaint_section(pack)) == category


@given(
    st.sampled_from(["proven", "unfounded", "withdrawn", None]),
    st.text(max_size=5),
    st.booleans(),
    st.sampled_from(["market", None]),
)
def test_closing_is_allowed_only_when_nothing_lacks(
    outcome: complaints.Outcome | None, reply: str, suspected: bool, agency: str | None
) -> None:
    """A complaint closes exactly when outcome and reply are there and the outcome is coherent; else each lack shows."""
    lacks = {
        "complaint.no_outcome": outcome is None,
        "complaint.no_reply": not reply.strip(),
        "complaint.contradiction": outcome == "unfounded" and suspected,
        "complaint.no_agency": outcome == "proven" and agency is None,
    }
    closing = complaints.Closing(outcome, reply, suspected, agency)
    expected = {code for code, holds in lacks.items() if holds}
    if not expected:
        complaints.require_closable(closing, complaint_section("yongzhou"))
        return
    with pytest.raises(Refused) as refused:
        complaints.require_closable(closing, complaint_section("yongzhou"))
    assert {refusal.code for refusal in refused.value.refusals} == expected
    assert all(refusal.clause == "YZ-19" and refusal.alternatives for refusal in refused.value.refusals)


def test_correction_names_the_conduct_in_chinese() -> None:
    """The demand of an order is about the conduct."""
    assert "干扰正常生产经营" in complaints.demand("disturbance", complaint_section("linxia"))


@given(st.text(min_size=1, max_size=9), st.text(min_size=1, max_size=9), st.text(min_size=1, max_size=9))
def test_outside_ids_of_two_enterprises_never_meet(external: str, one: str, other: str) -> None:
    """The same id chosen by two enterprises stands for two complaints; a platform's id stands for itself."""
    assert complaints.external_key(external, None) == external
    assert complaints.external_key(None, one) is None
    same = complaints.external_key(external, one) == complaints.external_key(external, other)
    assert same == (one == other)


@given(DAYS, st.integers(0, 30), st.sampled_from(["working", "calendar"]))
def test_deadlines_agree_with_the_calendar(start: date, days: int, unit: str) -> None:
    """A term of working days ends as the calendar counts them, one of calendar days as days; the last is in time."""
    found = deadline(start, days, "working" if unit == "working" else "calendar", "某规定", CALENDAR)
    expected = CALENDAR.add_workdays(start, days) if unit == "working" else start + timedelta(days=days)
    assert found.due == expected
    assert found.explanation
    assert not is_overdue(found.due, found.due)
    assert is_overdue(found.due, found.due + timedelta(days=1))
    assert not is_overdue(None, start)


def test_deadline_in_an_unpublished_year_fails_loudly() -> None:
    """Working days are never guessed."""
    with pytest.raises(CalendarUnknown):
        deadline(date(2040, 1, 1), 5, "working", "某规定", CALENDAR)


@given(OFFICER_IDS, st.dictionaries(st.sampled_from([f"o{n}" for n in range(9)]), AUTHORITIES))
def test_every_officer_is_in_one_lead_of_each_recipient(officer_ids: list[str], authority_of: dict[str, str]) -> None:
    """Each recipient gets each officer once, in the lead of the level that manages the officer."""
    officers = [OfficerRef(officer_id=officer_id, agency_id="market") for officer_id in officer_ids]
    recipients = ["discipline_inspection", "procuratorate"]
    found = leads.routes(recipients, "130921100", officers, authority_of)
    for recipient in recipients:
        routed = [route for route in found if route.recipient == recipient]
        assert routed
        assert len({route.authority for route in routed}) == len(routed)
        assert sorted(o.officer_id for route in routed for o in route.officers) == sorted(officer_ids)
        for route in routed:
            assert all(authority_of.get(o.officer_id, "county") == route.authority for o in route.officers)
            assert areas.covers(route.area, "130921100")


@pytest.mark.parametrize(
    ("area", "authority", "routed"),
    [
        ("130921100", "county", "130921"),
        ("130921", "prefecture", "130900"),
        ("130921", "province", "130000"),
        ("130900", "county", "130900"),
        ("441900003", "county", "441900003"),
    ],
)
def test_lead_is_routed_up_and_never_down(area: str, authority: str, routed: str) -> None:
    """The managing level's area covers the place; where there is none of that level it stays where it is."""
    assert leads.area_of(area, authority) == routed


@given(
    st.sampled_from(["discipline_inspection", "procuratorate"]),
    st.sampled_from(["130000", "130900", "130921", "130922", None]),
)
def test_only_the_recipient_of_the_area_reads(as_recipient: str, within: str | None) -> None:
    """A lead is read by its own recipient at its level or above, and by nobody else."""
    readable = leads.may_read("procuratorate", "130900", as_recipient=as_recipient, within=within)
    assert readable == (as_recipient == "procuratorate" and within in ("130000", "130900"))


def test_lead_is_acknowledged_once() -> None:
    """A second acknowledgement is refused."""
    assert leads.acknowledge("referred") == "acknowledged"
    with pytest.raises(Conflict):
        leads.acknowledge("acknowledged")


@given(st.integers(2000, 2098), st.integers(1, 4))
def test_quarters_follow_each_other(year: int, number: int) -> None:
    """A quarter has 90 to 92 days and ends on the day before the next begins."""
    found = callbacks.quarter(year, number)
    following = callbacks.quarter(year + number // 4, number % 4 + 1)
    assert found.last + timedelta(days=1) == following.first
    assert 89 <= (found.last - found.first).days <= 91
    assert (found.first.year, found.first.month) == (year, 3 * number - 2)


@given(st.lists(st.sampled_from(["arbitrary_fee", "disturbance", "no_certificate_shown", "gift"])))
def test_taking_money_is_proposed_for_referral(issues: list[str]) -> None:
    """The proposal is to refer exactly when something was taken, to correct other conduct, else to ask again."""
    expected = "refer" if {"arbitrary_fee", "gift"} & set(issues) else "correct" if issues else "follow_up"
    assert callbacks.proposal(issues) == expected


@pytest.mark.parametrize(
    ("satisfied", "issues", "clue"), [(True, [], False), (None, [], False), (False, [], True), (True, ["gift"], True)]
)
def test_clue_is_dissatisfaction_or_an_issue(satisfied: bool | None, issues: list[str], clue: bool) -> None:
    """A contented enterprise without issues gives no clue."""
    assert callbacks.is_clue(satisfied, issues) is clue


@given(st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.sampled_from(sorted(load_packs())))
def test_suspension_never_ends_before_it_begins(asked: date, pack: str) -> None:
    """A named day counts when it is ahead and is refused otherwise."""
    section = load_pack(pack).section(SanctionSection, on=ON)
    if asked > ON:
        assert sanctions.until("suspend", asked, ON, section) == asked
    else:
        with pytest.raises(Malformed):
            sanctions.until("suspend", asked, ON, section)
    with pytest.raises(Malformed):
        sanctions.until("revoke", asked, ON, section)


def test_suspension_follows_the_pack_where_nobody_names_a_day() -> None:
    """Without a day and without a term in the pack a suspension lasts until it is lifted."""
    section = load_pack("dingtao").section(SanctionSection, on=ON)
    assert sanctions.until("suspend", None, ON, section) is None
    param = section.officer_suspension_days.model_copy(update={"value": 30})
    termed = section.model_copy(update={"officer_suspension_days": param})
    assert sanctions.until("suspend", None, ON, termed) == date(2026, 2, 4)
    assert sanctions.until("revoke", None, ON, termed) is None


def test_correction_closes_only_after_feedback() -> None:
    """An order goes from open over answered to closed, and nowhere else."""
    rule = load_pack("linxia").section(CorrectionSection, on=ON).days
    with pytest.raises(Refused) as refused:
        corrections.close("open", rule)
    assert refused.value.clause == "LX-16"
    assert corrections.close(corrections.answer("open"), rule) == "closed"
    assert corrections.answer("answered") == "answered"
    with pytest.raises(Conflict):
        corrections.close("closed", rule)
    with pytest.raises(Conflict):
        corrections.answer("closed")


@given(st.booleans(), st.booleans(), st.lists(st.sampled_from(["market", "fire"]), min_size=1, unique=True))
def test_evaluation_alerts_name_no_visit_and_blame_no_bystander(
    disturbed: bool, fees: bool, agencies: list[str]
) -> None:
    """Each bad answer is one alert; of a joint visit no single agency is named, and who rated stays unknown."""
    event = VisitEvaluated(
        evaluation_id="v1",
        visit_id="visit-1",
        area="130921",
        agencies=tuple(agencies),
        satisfaction=3,
        code_shown=True,
        certificates_shown=True,
        disturbed=disturbed,
        fees_asked=fees,
        evaluated_at=AT,
        version=1,
    )
    drafts = alerts.evaluation(event, "YZ-18")
    assert len(drafts) == disturbed + fees
    for draft in drafts:
        assert draft.agency_id == (agencies[0] if len(agencies) == 1 else None)
        assert draft.enterprise_id is None
        assert "visit-1" not in f"{draft}"


def test_beyond_reason_says_whether_a_head_or_nobody_was_asked() -> None:
    """A task names the head's approval; entries on an exception each agency's own alert."""
    values = {"enterprise_id": "E1", "area": "330802", "year": 2026, "taken": 5, "reasonable": 4, "clause": "QZ-17"}
    task = TriggeredBeyondReason(task_id="t1", agency_id="a", version=1, **values)
    draft = alerts.triggered_beyond_reason(task)
    assert (draft.cause, draft.evidence) == ("t1", ("task:t1",))
    assert "负责人批准" in draft.message
    entries = [task.model_copy(update={"task_id": "e1", "entry_id": "e1", "agency_id": agency}) for agency in "ab"]
    drafts = [alerts.triggered_beyond_reason(entry) for entry in entries]
    assert [(one.cause, one.evidence) for one in drafts] == [("e1:a", ("entry:e1",)), ("e1:b", ("entry:e1",))]
    assert "负责人" not in drafts[0].message


@given(st.booleans())
def test_only_late_plans_alert(late: bool) -> None:
    """A plan filed in time raises nothing."""
    event = PlanFiled(
        plan_id="p",
        agency_id="market",
        area="130921",
        office="justice",
        filed_at=AT,
        late=late,
        clause="CX-05",
        version=1,
    )
    draft = alerts.plan_filed_late(event)
    assert (draft is not None) == late


def test_every_alert_kind_has_a_chinese_name_and_clears_once() -> None:
    """Kinds are named for people, and an alert ends once."""
    assert all(name and not name.isascii() for name in alerts.KINDS.values())
    assert alerts.clear("open") == "cleared"
    with pytest.raises(Conflict):
        alerts.clear("cleared")


NAMES = st.lists(st.sampled_from(["张三", "张三丰", "李四", "沧县铸造有限公司", "o1"]), min_size=1, unique=True)


@given(NAMES, st.text("执法证件已被暂扣。，", max_size=8))
def test_wording_names_nobody(names: list[str], rest: str) -> None:
    """Whatever persons a refusal named, the kept sentence has none of them."""
    found = impersonal(rest.join(names) + rest, dict.fromkeys(names, "某人"))
    assert not [name for name in names if name in found]


def test_wording_loses_ids_but_not_the_rule() -> None:
    """Ids of visits and enterprises are left out of a kept sentence, numbers of the rule stay."""
    message = "该次检查已有记录（0196f0c0-1111-7222-8333-444455556666），91330802MA28F00001今年已检查2次"
    assert impersonal(message, {"": "x"}) == "该次检查已有记录（某号），某号今年已检查2次"


def test_titles_name_one_matter() -> None:
    """A clause with its own matter has a title, a clause under everything has none."""
    titles = clause_titles()
    assert titles["QZ-16"] == "同一主体对同一企业每年现场检查次数上限"
    assert "BE-54" not in titles
