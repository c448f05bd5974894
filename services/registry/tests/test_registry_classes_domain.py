"""Rules of adjustments, objections and class lists: what they refuse, when they act, what they leave alone."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.errors import Conflict, Kind, Refused
from wurao.common.packs import load_pack
from wurao.common.workdays import WorkCalendar
from wurao.registry.domain import adjustments, class_lists, objections
from wurao.registry.domain.facts import Fact
from wurao.registry.domain.grading import Hold, assess, explain
from wurao.registry.domain.policy import AdjustmentSection, ClassListSection, GradeSection
from wurao.registry.repository.class_lists import Listed
from wurao.registry.usecases.classing import by_day, classed

DAY = date(2026, 1, 5)
ADJUSTING = load_pack("linxia").section(AdjustmentSection, on=DAY)
GRADES = load_pack("linxia").section(GradeSection, on=DAY)
LISTS = load_pack("cangxian").section(ClassListSection, on=DAY)
CLASSES = load_pack("cangxian").section(GradeSection, on=DAY)
NONE, ALL = class_lists.Held(today=False, year=False), class_lists.Held(today=True, year=True)

levels = st.sampled_from(GRADES.scheme.value.levels)
days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
facts = st.lists(
    st.builds(
        Fact,
        fact_id=st.uuids().map(str),
        indicator=st.sampled_from(["penalties_24m", "serious_breach", "accidents_36m", "safety_standard_level"]),
        value=st.integers(0, 3),
        occurred_on=st.just(date(2025, 6, 1)),
    ),
    max_size=5,
)


def hold(way: str, level: str) -> Hold:
    """An adjustment in force."""
    return Hold("a1", "up" if way == "up" else "down", level, "某法第一条", "某局", date(2026, 6, 30), "LX-11")


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    """What was refused."""
    return {one.code for one in refused.value.refusals}


@pytest.mark.clause("LX-11")
@given(facts, levels, st.sampled_from(["down", "up"]))
def test_a_hold_moves_the_grade_its_own_way_only(found: list[Fact], level: str, way: str) -> None:
    """A downgrade never improves a grade, an upgrade never worsens one nor passes a hard rule; the score stays."""
    order = GRADES.scheme.value.levels
    free, held = assess(GRADES, found, DAY), assess(GRADES, found, DAY, hold(way, level))
    before, after, own = order.index(free.grade), order.index(held.grade), order.index(level)
    hard = max((order.index(one.rule.best_allowed) for one in free.holding), default=0)
    if way == "down":
        assert after == max(before, own)
    else:
        assert after == max(min(before, own), hard)
    assert held.score == free.score
    assert held.measure == GRADES.measures.value[held.grade]
    told = [reason for reason in explain(held, {}) if "某局依据某法第一条调整" in reason]
    assert len(told) == 1
    assert "2026-06-30" in told[0]
    assert "异议" in told[0]


def test_a_hold_at_a_level_of_another_scheme_moves_nothing() -> None:
    """After another scheme took over, an adjustment to a level that it does not know leaves the grade alone."""
    assert assess(GRADES, [], DAY, hold("down", "D")).grade == assess(GRADES, [], DAY).grade


@pytest.mark.clause("LX-11")
@given(st.lists(st.sampled_from(["approve", "serve", "enforce", "lift", "end"]), max_size=8))
def test_no_order_of_steps_skips_approval_or_notice(actions: list[str]) -> None:
    """Whatever is tried in whatever order, in force means approved and then notified before; what is over stays so."""
    state, passed = adjustments.PROPOSED, [adjustments.PROPOSED]
    clauses: set[str | None] = set()
    for action in actions:
        try:
            state = adjustments.step(state, action, ADJUSTING)
        except Refused as refused:
            clauses.add(refused.clause)
        else:
            passed.append(state)
    assert clauses <= {"LX-11"}
    if adjustments.IN_FORCE in passed:
        assert passed[:4] == ["proposed", "approved", "noticed", "in_force"]
    closed = [at for at, one in enumerate(passed) if one not in adjustments.OPEN]
    assert closed in ([], [len(passed) - 1])


@pytest.mark.clause("LX-11")
def test_the_time_to_object_counts_working_days_from_service() -> None:
    """Ten working days after service; service is never before approval or in the future."""
    calendar = WorkCalendar()
    until = adjustments.objection_until(DAY, DAY, DAY, ADJUSTING, calendar)
    assert until == date(2026, 1, 19)
    for served, approved in ((DAY - timedelta(days=1), DAY), (DAY + timedelta(days=1), DAY)):
        with pytest.raises(Conflict):
            adjustments.objection_until(served, approved, DAY, ADJUSTING, calendar)
    adjustments.require_ripe(until, False, until + timedelta(days=1), ADJUSTING)
    for objected, today in ((True, until + timedelta(days=1)), (False, until)):
        with pytest.raises(Refused):
            adjustments.require_ripe(until, objected, today, ADJUSTING)


@pytest.mark.clause("LX-11")
def test_an_objection_is_decided_once_by_an_outsider_with_remedies() -> None:
    """A decided objection, an involved person and a rejection without remedies are refused."""

    def decided(state: str, by: str, remedies: str = "六十日内可以申请行政复议") -> str:
        return objections.decide(state, by, ["a", "b"], upheld=False, remedies=remedies, section=ADJUSTING)

    assert decided(objections.OPEN, "c") == objections.REJECTED
    with pytest.raises(Refused) as involved:
        decided(objections.OPEN, "a")
    with pytest.raises(Refused) as bare:
        decided(objections.OPEN, "c", " ")
    with pytest.raises(Conflict):
        decided(objections.REJECTED, "c")
    assert codes(involved) | codes(bare) == {"objection.own_act", "objection.no_remedies"}
    for state in (adjustments.PROPOSED, adjustments.APPROVED, adjustments.ENDED, adjustments.LIFTED):
        with pytest.raises(Conflict):
            objections.require_open_to_objection(state, ADJUSTING)


def approval(**changes: object) -> class_lists.Approval:
    """The conference approves next year's list that another person proposed."""
    given = {
        "kind": class_lists.ANNUAL,
        "year": 2027,
        "state": class_lists.PROPOSED,
        "proposed_by": "a",
        "by": "b",
        "roles": frozenset({"conference"}),
        "published_until": None,
        "objected": False,
    }
    return class_lists.Approval(**(given | changes))  # type: ignore[arg-type]  # the test names the fields


@pytest.mark.clause("CX-13")
@given(days)
def test_next_year_s_list_is_approved_in_december_and_never_else(today: date) -> None:
    """On any day the list of 2027 is approved if and only if it is December 2026, and then from 1 January 2027."""
    if (today.year, today.month) == (2026, 12):
        class_lists.require_approvable(approval(), NONE, today, LISTS)
        assert class_lists.in_force_from(class_lists.ANNUAL, 2027, today) == date(2027, 1, 1)
        return
    with pytest.raises(Refused) as refused:
        class_lists.require_approvable(approval(), NONE, today, LISTS)
    assert refused.value.clause == "CX-13"
    assert refused.value.alternatives


@pytest.mark.clause("CX-13")
@pytest.mark.parametrize(
    ("changes", "held", "code"),
    [
        ({"roles": frozenset({"head", "platform"})}, NONE, "class_list.other_body"),
        ({"by": "a"}, NONE, "class_list.own_proposal"),
        ({"objected": True}, NONE, "class_list.objected"),
        ({"published_until": date(2026, 12, 10)}, NONE, "class_list.being_published"),
        ({}, ALL, "class_list.approved_already"),
        ({"kind": "first", "year": 2026}, ALL, "class_list.not_first"),
        ({"kind": "first", "year": 2027}, NONE, "class_list.not_first"),
        ({"kind": "supplementary", "year": 2027}, NONE, "class_list.nothing_to_supplement"),
    ],
)
def test_what_keeps_a_list_from_approval(changes: dict[str, object], held: class_lists.Held, code: str) -> None:
    """Each fault alone is refused by name with clause and way out."""
    with pytest.raises(Refused) as refused:
        class_lists.require_approvable(approval(**changes), held, date(2026, 12, 10), LISTS)
    assert codes(refused) == {code}
    assert refused.value.kind == (Kind.FORBIDDEN if code == "class_list.other_body" else Kind.CONFLICT)
    assert refused.value.alternatives


def test_first_and_supplementary_lists_act_at_once() -> None:
    """Where no list is in force the current year's acts from its approval; so does what supplements a list."""
    today = date(2026, 5, 6)
    for kind, held in (("first", NONE), ("supplementary", ALL)):
        class_lists.require_approvable(approval(kind=kind, year=2026), held, today, LISTS)
        assert class_lists.in_force_from(kind, 2026, today) == today
    assert class_lists.in_force_from("supplementary", 2027, date(2026, 12, 20)) == date(2027, 1, 1)


def test_where_grades_need_no_list_none_is_proposed() -> None:
    """A pack without a month of approval refuses class lists."""
    section = load_pack("linxia").section(ClassListSection, on=DAY)
    with pytest.raises(Refused) as refused:
        class_lists.require_proposable("annual", 2027, NONE, DAY, section)
    assert codes(refused) == {"class_list.not_by_list"}


@given(st.lists(st.tuples(st.uuids().map(str), st.sampled_from("ABC"), st.integers(0, 9999)), max_size=20))
def test_the_digest_tells_any_change_of_an_entry(rows: list[tuple[str, str, int]]) -> None:
    """The digest is that of the entries in order, and another one when a class, a score or a reason differs."""
    entries = [(one, grade, score, ["理由"]) for one, grade, score in rows]
    known = class_lists.digest(entries)
    assert class_lists.digest(list(entries)) == known
    for at, (one, grade, score, reasons) in enumerate(entries):
        for other in ((one, "D", score, reasons), (one, grade, score + 1, reasons), (one, grade, score, ["另一理由"])):
            assert class_lists.digest([*entries[:at], other, *entries[at + 1 :]]) != known


def test_changes_count_moves_between_classes() -> None:
    """Those that stay are not counted, and those that had no class are named by their new one alone."""
    pairs = [("A", "B"), ("A", "B"), ("B", "B"), (None, "C")]
    assert class_lists.changes(pairs) == {"A→B": 2, "→C": 1}


def listed(grade: str, since: date) -> Listed:
    """A class in an approved list."""
    return Listed(f"{grade}-{since}", since.year, since, "审定纪要", grade, 7000, ["理由"])


@pytest.mark.clause("CX-13")
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), days), max_size=6).map(lambda found: sorted(found, key=lambda x: x[1]))
)
def test_the_class_of_a_day_is_that_of_the_last_list_begun(found: list[tuple[str, date]]) -> None:
    """One class acts today, the last begun; each later day has one, and none of them acts before."""
    entries = [listed(grade, since) for grade, since in found]
    timeline = by_day(entries, DAY)
    acting = [entry for entry in entries if entry.in_force_from <= DAY]
    assert [entry for day, entry in timeline if day == DAY] == acting[-1:]
    later = [day for day, _ in timeline if day > DAY]
    assert later == sorted({entry.in_force_from for entry in entries if entry.in_force_from > DAY})
    assert all(entry.in_force_from == day for day, entry in timeline if day > DAY)


@pytest.mark.clause("CX-13")
@given(st.sampled_from("ABC"), st.sampled_from("ABC"), st.sampled_from(["down", "up", "none"]), st.booleans())
def test_an_adjustment_moves_a_listed_class_and_facts_do_not(own: str, level: str, way: str, breach: bool) -> None:
    """Today's facts never move a class that a list gave; an adjustment does, but lifts nobody past a hard rule."""
    found = [Fact("f", "serious_breach", 1, date(2025, 6, 1))] if breach else []
    wanted = None if way == "none" else hold(way, level)
    grade = classed(CLASSES, found, DAY, listed(own, DAY), wanted).grade
    if way == "none":
        assert grade == own
    elif way == "down":
        assert grade == max(own, level)
    else:
        assert grade == (own if breach else min(own, level))
