"""Merging anew: what stands stays unless moving it helps; rounds keep apart what may not meet; conflicts by name."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from wurao.common.packs import load_pack
from wurao.common.workdays import WorkCalendar
from wurao.scheduling.domain.checkonce import consent
from wurao.scheduling.domain.checkonce.apart import Share, Together, conflicts
from wurao.scheduling.domain.checkonce.capacity import capacity, less, turns
from wurao.scheduling.domain.checkonce.planning import Instance, Planned, plan
from wurao.scheduling.domain.checkonce.rounds import How, Stand, how_of, rounds
from wurao.scheduling.domain.checkonce.solving import solve
from wurao.scheduling.domain.merge import Limits, MergeTask
from wurao.scheduling.domain.people import OfficerFact
from wurao.scheduling.domain.policy import Policy

START = date(2026, 3, 2)
DAYS = [START + timedelta(days=n) for n in range(5)]
LIMITS = Limits(agencies=3, minutes=300, officers=8)
HOW = How(LIMITS)
PLENTY = {(agency, day): 50 for agency in "abcd" for day in DAYS}


def task(number: int, first: int, last: int, *, agency: str = "a", enterprise: str = "e") -> MergeTask:
    """A task of an hour and two officers between two days by position."""
    return MergeTask(f"t{number:02}", agency, enterprise, "", DAYS[first], DAYS[last], 60, 2)


def policy(pack: str) -> Policy:
    """A shipped pack's policy on the first day."""
    return Policy.of(load_pack(pack), START)


@st.composite
def tasks(draw: st.DrawFn, start: int = 0) -> list[MergeTask]:
    """Up to five tasks of three agencies at two enterprises."""
    made = []
    for number in range(start, start + draw(st.integers(0, 5))):
        first = draw(st.integers(0, 4))
        last = draw(st.integers(first, 4))
        agency, enterprise = draw(st.sampled_from("abc")), draw(st.sampled_from("ef"))
        made.append(task(number, first, last, agency=agency, enterprise=enterprise))
    return made


def stands_of(planned: Planned) -> list[Stand]:
    """The visits of a first plan, as they stand when the second is made."""
    return [
        Stand(f"v{step.enterprise_id}{at}", step.enterprise_id, one.day, one.task_ids)
        for step in planned.steps
        for at, one in enumerate(step.placed)
    ]


def after(stands: list[Stand], planned: Planned) -> dict[tuple[str, date], set[str]]:
    """Tasks by enterprise and day once the steps are done. Fails when two visits share a day."""
    standing = {stand.visit_id: stand for stand in stands}
    found = {}
    for step in planned.steps:
        for visit_id in (*step.dropped, *(one.visit_id for one in step.placed if one.visit_id)):
            del standing[visit_id]
    for stand in standing.values():
        found[stand.enterprise_id, stand.day] = set(stand.task_ids)
    for step in planned.steps:
        for one in step.placed:
            assert (step.enterprise_id, one.day) not in found
            found[step.enterprise_id, one.day] = set(one.task_ids)
    return found


@settings(max_examples=300, deadline=None)
@given(tasks(), tasks(start=10))
def test_a_second_merge_serves_everything_once_within_the_windows(old: list[MergeTask], new: list[MergeTask]) -> None:
    """After a second merge each task is in one visit inside its window, or unserved; never two visits on a day."""
    stands = stands_of(plan(Instance(old, [], DAYS, set(), PLENTY), HOW))
    both = [*old, *new]
    planned = plan(Instance(both, stands, DAYS, set(), PLENTY), HOW)
    visits = after(stands, planned)
    served = sorted(task_id for held in visits.values() for task_id in held)
    assert sorted([*served, *planned.unserved]) == sorted(t.task_id for t in both)
    own = {t.task_id: t for t in both}
    for (enterprise_id, day), held in visits.items():
        for one in (own[task_id] for task_id in held):
            assert one.enterprise_id == enterprise_id
            assert one.first <= day <= one.last
    assert len(visits) == planned.visits


@settings(max_examples=300, deadline=None)
@given(tasks(), tasks(start=10))
def test_a_second_merge_is_as_good_as_one_that_forgets_what_stands(old: list[MergeTask], new: list[MergeTask]) -> None:
    """Keeping visits costs neither a task nor a visit against merging everything from the beginning."""
    stands = stands_of(plan(Instance(old, [], DAYS, set(), PLENTY), HOW))
    again = plan(Instance([*old, *new], stands, DAYS, set(), PLENTY), HOW)
    anew = plan(Instance([*old, *new], [], DAYS, set(), PLENTY), HOW)
    assert (len(again.unserved), again.visits) <= (len(anew.unserved), anew.visits)


@settings(max_examples=200, deadline=None)
@given(tasks())
def test_merging_again_without_a_change_changes_nothing(old: list[MergeTask]) -> None:
    """A second merge over the same tasks leaves every visit on its day with its tasks."""
    stands = stands_of(plan(Instance(old, [], DAYS, set(), PLENTY), HOW))
    again = plan(Instance(old, stands, DAYS, set(), PLENTY), HOW)
    assert (again.steps, again.moved, again.dropped) == ((), (), ())


def test_a_visit_moves_only_where_that_saves_one() -> None:
    """A new task that the visit's day suits joins it there; one that it does not suit draws it to another day."""
    old = [task(1, 0, 4)]
    stand = Stand("v", "e", DAYS[4], ("t01",))
    fits = plan(Instance([*old, task(2, 3, 4, agency="b")], [stand], DAYS, set(), PLENTY), HOW)
    assert (fits.visits, fits.moved) == (1, ())
    drawn = plan(Instance([*old, task(2, 0, 1, agency="b")], [stand], DAYS, set(), PLENTY), HOW)
    assert drawn.visits == 1
    [moved] = drawn.moved
    assert (moved.visit_id, moved.before) == ("v", DAYS[4])
    assert moved.after in DAYS[:2]


def test_a_visit_whose_officers_are_gone_is_planned_anew() -> None:
    """A loose visit is not held on a day on which its agency can send nobody."""
    stand = Stand("v", "e", DAYS[4], ("t01",))
    planned = plan(Instance([task(1, 0, 4)], [stand], DAYS, set(), PLENTY | {("a", DAYS[4]): 0}), HOW, {"v"})
    [moved] = planned.moved
    assert moved.after != DAYS[4]


def test_departments_that_must_be_asked_do_not_meet_before_they_could_answer() -> None:
    """Before the period is over a task meets its own agency only; later days are open to all."""
    how = How(LIMITS, joint_from=DAYS[2])
    early, late, other = task(1, 0, 1), task(2, 0, 4), task(3, 0, 4, agency="b")
    found = {tuple(sorted(t.task_id for t in part.tasks)): part for part in rounds([early, late, other], {}, how)}
    assert found["t01",].limits.agencies == 1
    assert {t.first for t in found["t02", "t03"].tasks} == {DAYS[2]}
    assert rounds([early, late], {}, how)[0].tasks == (early, late)  # one agency: nobody to ask


def test_objected_and_drawn_tasks_are_kept_apart() -> None:
    """A task whose agency objected meets only its own agency; drawn ones meet drawn ones where the pack says so."""
    apart = How(LIMITS, random_with_others=False, random={"t01"}, objected={"t03"})
    parts = rounds([task(1, 0, 4), task(2, 0, 4), task(3, 0, 4)], {}, apart)
    assert [[t.task_id for t in part.tasks] for part in parts] == [["t02"], ["t01"], ["t03"]]
    assert [part.limits.agencies for part in parts] == [3, 3, 1]


def test_without_check_once_only_one_agency_or_one_task_comes() -> None:
    """Where nothing is merged across agencies an agency's own tasks still are, unless that is off as well."""
    one = rounds([task(1, 0, 4)], {}, How(LIMITS, check_once=False))[0]
    none = rounds([task(1, 0, 4)], {}, How(LIMITS, check_once=False, same_agency=False))[0]
    assert (one.limits.agencies, one.limits.minutes) == (1, 300)
    assert none.limits.minutes == 1  # no two tasks fit


def test_the_packs_say_how() -> None:
    """Yongzhou asks for consents; no shipped pack keeps random and other tasks apart."""
    how = how_of(policy("cangxian"), None)
    assert (how.check_once, how.random_with_others) == (True, True)
    assert policy("yongzhou").merge.consent_working_days is not None
    assert policy("quzhou").merge.consent_working_days is None


def test_officers_turns_are_counted_or_said() -> None:
    """A valid certificate is a turn for each longest visit that a day holds; what the agency says goes before."""
    officers = [
        OfficerFact("o1", "", "a", date(2024, 1, 1), date(2027, 1, 1), "active"),
        OfficerFact("o2", "", "a", date(2024, 1, 1), DAYS[0], "active"),
    ]
    free = capacity({"a": officers}, {("a", DAYS[2]): 0}, DAYS[:3], turns(policy("quzhou")))
    assert free == {("a", DAYS[0]): 4, ("a", DAYS[1]): 2, ("a", DAYS[2]): 0}
    assert less(free, {("a", DAYS[0]): 3, ("a", DAYS[2]): 1}) == {
        ("a", DAYS[0]): 1,
        ("a", DAYS[1]): 2,
        ("a", DAYS[2]): 0,
    }


def test_silence_runs_out_on_a_working_day() -> None:
    """Three working days from a Friday before a holiday, explained day by day."""
    due = consent.due(datetime(2026, 4, 3, 2, tzinfo=UTC), policy("yongzhou"), WorkCalendar())
    assert due.due == date(2026, 4, 9)
    assert any("清明节" in line for line in due.explain())
    assert consent.asked("abc", "b", policy("yongzhou")) == ["a", "c"]
    assert consent.asked("bb", "b", policy("yongzhou")) == []
    assert consent.asked("abc", "b", policy("quzhou")) == []


VISIT = Together("v1", DAYS[2], "p1", 200, {"a": 2, "b": 2, "c": 2, "d": 2}, drawn=False, open=True)
FITTING = Share("t", "a", "甲局", DAYS[0], DAYS[4], "", 30, 2, drawn=False)


def codes(share: Share, visit: Together = VISIT, pack: str = "quzhou") -> dict[str, str]:
    """The conflicts by code with their clauses."""
    return {one.code.removeprefix("apart."): one.clause for one in conflicts(share, visit, policy(pack))}


def test_each_conflict_is_told_by_name() -> None:
    """Window, premises, agencies, minutes and officers each have their own reason with the pack's clause."""
    share = Share("t", "x", "乙局", DAYS[3], DAYS[4], "p2", 60, 2, drawn=False)
    assert codes(share) == {
        "window_near": "BE-54",
        "premises": "QZ-06",
        "too_many_agencies": "QZ-06",
        "too_long": "QZ-06",
        "too_many_officers": "QZ-06",
    }
    found = conflicts(share, VISIT, policy("quzhou"))
    assert all(one.message and one.alternatives and one.cite for one in found)
    far = Share("t", "a", "甲局", DAYS[2] + timedelta(days=16), DAYS[2] + timedelta(days=20), "", 30, 2, drawn=False)
    assert codes(far).keys() == {"window"}


def test_a_task_without_a_conflict_may_join_or_is_served_elsewhere() -> None:
    """Where nothing is in the way the explanation names the visit to join, or the one that serves the task."""
    [later] = conflicts(FITTING, VISIT, policy("quzhou"))
    assert later.code == "apart.later"
    assert any("v1" in option for option in later.alternatives)
    served = Share("t", "a", "甲局", DAYS[0], DAYS[4], "", 30, 2, False, other_visit_id="v2", other_day=DAYS[1])
    [elsewhere] = conflicts(served, VISIT, policy("quzhou"))
    assert (elsewhere.code, "v2" in elsewhere.message) == ("apart.elsewhere", True)


def test_an_objection_is_the_reason_where_the_pack_asks() -> None:
    """An agency that objected is named with its reason."""
    share = Share("t", "x", "乙局", DAYS[0], DAYS[4], "", 30, 2, drawn=False, objection="人手不足")
    small = Together("v1", DAYS[2], "", 60, {"a": 2}, drawn=False, open=True)
    [one] = conflicts(share, small, policy("yongzhou"))
    assert (one.code, one.clause, "人手不足" in one.message) == ("apart.objection", "YZ-04", True)


def test_limits_hold_in_every_round() -> None:
    """No visit of a plan has more agencies than its round allows."""
    made = [task(n, 0, 4, agency="abcd"[n % 4]) for n in range(8)]
    planned = plan(Instance(made, [], DAYS, set(), PLENTY), HOW)
    own = {t.task_id: t for t in made}
    agencies = defaultdict(set)
    for step in planned.steps:
        for one in step.placed:
            agencies[one.day] |= {own[task_id].agency_id for task_id in one.task_ids}
    assert all(len(found) <= LIMITS.agencies for found in agencies.values())


def test_a_delegated_task_needs_no_officers_of_its_agency() -> None:
    """A task that others check shares a visit although its agency can send nobody on any day; its others stay open."""
    nobody = PLENTY | {("b", day): 0 for day in DAYS}
    simple = task(2, 0, 4, agency="b")._replace(officers=0)
    planned = plan(Instance([task(1, 0, 4), simple, task(3, 0, 4, agency="b")], [], DAYS, set(), nobody), HOW)
    [step] = planned.steps
    assert [set(one.task_ids) for one in step.placed] == [{"t01", "t02"}]
    assert dict(planned.unserved) == {"t03": "no_officers"}


@settings(max_examples=200, deadline=None)
@given(tasks(), st.sets(st.tuples(st.sampled_from("ef"), st.sampled_from(DAYS)), max_size=4))
def test_the_bound_of_rounds_is_never_above_their_visits(made: list[MergeTask], taken: set[tuple[str, date]]) -> None:
    """However tasks are parted into rounds, and whatever days are taken, the bound added up holds."""
    for how in (HOW, How(LIMITS, random_with_others=False, random={"t00", "t02"}, objected={"t01"})):
        solved = solve(made, {}, DAYS, taken, PLENTY, how, {})
        assert solved.lower_bound <= len(solved.groups)
