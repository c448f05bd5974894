"""Plans, filings, people and visits: the rules beside the gate."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.contracts.shared import VisitItem
from wurao.common.errors import Conflict, Refused
from wurao.common.packs import load_pack
from wurao.common.workdays import WorkCalendar
from wurao.scheduling.domain import filings, people, plans, visits
from wurao.scheduling.domain.gate import AgencyFact, ItemFact
from wurao.scheduling.domain.people import OfficerFact
from wurao.scheduling.domain.policy import Policy

TODAY = date(2026, 3, 2)
POLICIES = {name: Policy.of(load_pack(name), TODAY) for name in ("quzhou", "cangxian", "linxia", "dingtao", "yongzhou")}
AGENCY = AgencyFact("market", "市场监管局", "county", "330802", "market", True)
ITEM = ItemFact("i1", "market", "检查", "食品安全法", "第一百一十条", "on_site", True, False, False, None, True)
FULL = dict.fromkeys(plans.FIELDS, "有")
CALENDAR = WorkCalendar()
DAY = date(2026, 3, 10)


@pytest.mark.clause("LX-02")
@given(st.sets(st.sampled_from(sorted(plans.FIELDS))))
def test_each_missing_field_is_named(missing: set[str]) -> None:
    """Under the Linxia pack each of the six contents that a plan lacks is one refusal with its name."""
    contents = FULL | dict.fromkeys(missing, " ")
    found = list(plans.objections(AGENCY, "market", "annual", ["i1"], {"i1": ITEM}, contents, POLICIES["linxia"]))
    assert {refusal.message for refusal in found} == {f"检查计划缺少{plans.FIELDS[field]}" for field in missing}
    assert all(refusal.clause == "LX-02" for refusal in found)


@pytest.mark.clause("DT-10")
def test_plan_with_a_baseless_or_foreign_item_is_refused() -> None:
    """Items without a basis, of another agency or unpublished keep a plan out; a joint plan may hold others'."""
    items = {"i1": replace(ITEM, law=""), "i2": replace(ITEM, item_id="i2", agency_id="fire")}
    ids = ["i1", "i2", "i3"]
    found = list(plans.objections(AGENCY, "market", "annual", ids, items, FULL, POLICIES["dingtao"]))
    assert [refusal.code for refusal in found] == ["item.no_basis", "item.other_agency", "item.not_published"]
    joint = list(plans.objections(AGENCY, "market", "joint", ["i2"], items, FULL, POLICIES["dingtao"]))
    assert joint == []
    withdrawn = replace(AGENCY, published=False)
    [refusal] = plans.objections(withdrawn, "market", "annual", ["i2"], {"i2": ITEM}, FULL, POLICIES["dingtao"])
    assert refusal.clause == "DT-01"


def test_publication_follows_approval_once() -> None:
    """A draft is not published, an approved plan is, a published one not again."""
    with pytest.raises(Refused):
        plans.publish("annual", "draft", [], POLICIES["quzhou"])
    assert plans.publish("annual", "approved", ["head"], POLICIES["quzhou"]) == "published"
    with pytest.raises(Conflict):
        plans.publish("annual", "published", ["head"], POLICIES["quzhou"])


@pytest.mark.parametrize(
    ("pack", "kind", "period_from", "office", "due"),
    [
        ("linxia", "annual", date(2026, 1, 1), "justice", date(2026, 1, 31)),
        ("linxia", "quarterly", date(2026, 4, 1), "justice", None),
        ("cangxian", "annual", date(2026, 1, 1), "development", date(2026, 1, 31)),
        ("cangxian", "quarterly", date(2026, 4, 1), "development", date(2026, 3, 31)),
        ("cangxian", "joint", date(2026, 1, 1), "development", date(2025, 12, 31)),
        ("dingtao", "annual", date(2026, 1, 1), "justice", date(2026, 1, 31)),
        ("dingtao", "quarterly", date(2026, 4, 1), "justice", None),
        ("yongzhou", "annual", date(2026, 1, 1), "market", None),
    ],
)
def test_filing_term_follows_the_pack(pack: str, kind: str, period_from: date, office: str, due: date | None) -> None:
    """Each pack names its office and its last day, by kind of plan."""
    term = plans.filing_term(kind, period_from, POLICIES[pack])
    assert (term.office, term.due) == (office, due)


@pytest.mark.clause("CX-05")
def test_random_and_other_plans_go_through_different_lines() -> None:
    """Cang county checks random plans through the market regulator, others through justice."""
    assert plans.through([ITEM], POLICIES["cangxian"]) == "market"
    assert plans.through([ITEM, replace(ITEM, random_list=False)], POLICIES["cangxian"]) == "justice"
    assert plans.through([ITEM], POLICIES["quzhou"]) is None


NOW = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)  # a Friday


@pytest.mark.clause("CX-06")
@given(st.integers(-600, 600))
def test_cang_county_takes_no_filing_afterwards(minutes: int) -> None:
    """Up to 30 minutes after the beginning is the same moment; everything later is refused."""
    began = NOW - timedelta(minutes=minutes)
    if minutes <= 30:
        assert not filings.timing(began, None, NOW, POLICIES["cangxian"], CALENDAR).after_the_fact
        return
    with pytest.raises(Refused) as refused:
        filings.timing(began, None, NOW, POLICIES["cangxian"], CALENDAR)
    assert refused.value.clause == "CX-06"
    assert "30" in refused.value.alternatives[0]


@pytest.mark.clause("CX-06")
def test_quzhou_grants_one_working_day() -> None:
    """Ended on Friday: due on Monday at midnight, late on Tuesday; filed before it begins: no due at all."""
    began, ended = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    timing = filings.timing(began, ended, NOW, POLICIES["quzhou"], CALENDAR)
    assert timing.after_the_fact
    assert not timing.late
    assert timing.due is not None
    assert timing.due.date() == date(2026, 3, 9)
    tuesday = NOW + timedelta(days=4)
    assert filings.timing(began, ended, tuesday, POLICIES["quzhou"], CALENDAR).late
    ahead = filings.timing(NOW + timedelta(minutes=5), None, NOW, POLICIES["quzhou"], CALENDAR)
    assert (ahead.after_the_fact, ahead.due, ahead.late) == (False, None, False)


def officer(number: int, **changes: object) -> OfficerFact:
    """An officer whose certificate is valid all year."""
    fact = OfficerFact(f"o{number}", f"执法员{number}", "market", date(2026, 1, 1), date(2026, 12, 31), "active")
    return replace(fact, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "valid"),
    [
        ({}, True),
        ({"state": "exited"}, False),
        ({"state": "suspended"}, False),
        ({"state": "suspended", "suspended_until": DAY}, False),
        ({"state": "suspended", "suspended_until": DAY - timedelta(days=1)}, True),
        ({"valid_to": DAY - timedelta(days=1)}, False),
        ({"valid_from": DAY + timedelta(days=1)}, False),
        ({"valid_from": None, "valid_to": None}, False),
    ],
)
@pytest.mark.clause("YZ-10")
def test_certificate_is_judged_on_the_day_of_the_visit(changes: dict[str, object], valid: bool) -> None:
    """Expired, not yet valid, suspended over the day, exited or without certificate: not on this visit."""
    fact = officer(1, **changes)
    assert people.valid_on(fact, DAY) is valid
    assert bool(people.objections([fact], [], (), DAY, POLICIES["yongzhou"].basis)) is not valid


def test_unknown_person_has_no_certificate() -> None:
    """Somebody whom the registry never certified may not go."""
    [refusal] = people.objections([], ["o9"], (), DAY, POLICIES["yongzhou"].basis)
    assert (refusal.code, refusal.clause) == ("officer.unknown", "YZ-09")


@given(st.lists(st.integers(0, 50), unique=True, max_size=12), st.integers(0, 5), st.sets(st.integers(0, 50)))
def test_lowest_officer_tickets_go(numbers: list[int], count: int, busy: set[int]) -> None:
    """Officers are drawn by ticket among those who are free, whatever the order of the pool."""
    pool = [officer(number) for number in numbers]
    names = {f"o{number}" for number in busy}
    drawn = people.drawn(pool, count, "seed", "v1", DAY, names)
    able = sorted(people.ticket("seed", "v1", o.officer_id) for o in pool if o.officer_id not in names)
    assert [people.ticket("seed", "v1", o.officer_id) for o in drawn] == able[:count]
    assert drawn == people.drawn(pool[::-1], count, "seed", "v1", DAY, names)


def test_agency_with_most_items_leads_ties_by_id() -> None:
    """Most items first, then the id."""
    items = [VisitItem(item_id=f"{a}{n}", agency_id=a, name="") for n, a in enumerate("cbbacc")]
    assert visits.by_weight(items) == ["c", "b", "a"]
    assert visits.by_weight([*items, VisitItem(item_id="x", agency_id="a", name="")])[1:] == ["a", "b"]


@pytest.mark.parametrize(
    ("origins", "kind"),
    [(["plan", "draw"], "random"), (["triggered", "triggered"], "triggered"), (["triggered", "campaign"], "planned")],
)
def test_kind_of_a_visit_follows_its_tasks(origins: list[str], kind: str) -> None:
    """Any drawn task makes a visit random; only triggered ones make it triggered."""
    tasks = [visits.TaskShare(str(n), "a", origin, (), None, None) for n, origin in enumerate(origins)]
    assert visits.kind_of(tasks) == kind


def test_visit_is_not_approved_after_its_day_or_with_withdrawn_agencies() -> None:
    """Past days, withdrawn agencies and too few officers are each named."""
    closed = visits.window(DAY).closes
    found = visits.objections(DAY, closed, ["fire"], POLICIES["linxia"], officers_suffice=False)
    assert [r.code for r in found] == ["visit.past", "agency.not_published", "visit.too_few_officers"]
    assert [r.clause for r in found] == ["LX-01", "PL-39", "LX-03"]
    assert visits.objections(DAY, closed - timedelta(seconds=1), [], POLICIES["linxia"], officers_suffice=True) == []


def test_visit_moves_only_within_its_tasks_days() -> None:
    """Past days, rest days and days outside a task's window are each named."""
    windows = [(date(2026, 3, 5), date(2026, 3, 20)), (date(2026, 3, 9), date(2026, 3, 31))]
    basis = POLICIES["quzhou"].basis
    assert visits.day_objections(DAY, TODAY, windows, basis, workday=True) == []
    found = visits.day_objections(date(2026, 3, 1), TODAY, windows, basis, workday=False)
    assert [r.code for r in found] == ["visit.past", "visit.not_a_workday", "visit.outside_window"]


def test_window_is_the_day_in_shanghai() -> None:
    """A visit may begin at 07:30 and must be over at 19:00, Shanghai time."""
    window = visits.window(DAY)
    assert window.opens.astimezone(UTC) == datetime(2026, 3, 9, 23, 30, tzinfo=UTC)
    assert window.closes.astimezone(UTC) == datetime(2026, 3, 10, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize("state", ["started", "finished", "cancelled", "lapsed", "approved"])
def test_only_a_proposed_visit_is_approved(state: str) -> None:
    """Any other state is a conflict."""
    with pytest.raises(Conflict):
        visits.require_proposed(state, POLICIES["quzhou"].basis)
