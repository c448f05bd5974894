"""Merging: never more visits than tasks, nobody twice a day, nobody outside the window, as few as possible."""

from datetime import date, timedelta
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from wurao.scheduling.domain.merge import Limits, MergeTask, merge

START = date(2026, 3, 2)
DAYS = [START + timedelta(days=n) for n in range(6)]
WIDE = Limits(agencies=100, minutes=100_000, officers=1_000)
TIGHT = Limits(agencies=2, minutes=150, officers=4)


def task(number: int, first: int, last: int, *, agency: str = "a", minutes: int = 60, place: str = "") -> MergeTask:
    """A task at the one enterprise between two days of the calendar, by position."""
    return MergeTask(f"t{number:02}", agency, "e", place, DAYS[first], DAYS[last], minutes, 2)


@st.composite
def instances(draw: st.DrawFn) -> list[MergeTask]:
    """Up to six tasks of three agencies at one enterprise."""
    made = []
    for number in range(draw(st.integers(0, 6))):
        first = draw(st.integers(0, 5))
        last = draw(st.integers(first, 5))
        agency = draw(st.sampled_from("abc"))
        place = draw(st.sampled_from(["", "", "p1", "p2"]))
        made.append(task(number, first, last, agency=agency, minutes=draw(st.sampled_from([30, 60, 120])), place=place))
    return made


def fewest_points(tasks: list[MergeTask]) -> int:
    """Brute force: the least number of days that meet every window."""
    for count in range(len(DAYS) + 1):
        for chosen in combinations(DAYS, count):
            if all(any(t.first <= day <= t.last for day in chosen) for t in tasks):
                return count
    raise AssertionError("a window without a day")


def most_alone(tasks: list[MergeTask], free: list[date]) -> int:
    """Brute force: how many tasks can have a day of their own."""
    best = 0
    for days in product([None, *free], repeat=len(tasks)):
        used = [(t, day) for t, day in zip(tasks, days, strict=True) if day is not None]
        distinct = len({day for _, day in used}) == len(used)
        if distinct and all(t.first <= day <= t.last for t, day in used):
            best = max(best, len(used))
    return best


@settings(max_examples=150, deadline=None)
@given(instances(), st.sets(st.sampled_from(DAYS), max_size=3))
def test_merge_is_feasible(tasks: list[MergeTask], taken: set[date]) -> None:
    """Every task is in one visit or unserved; visits keep windows, limits, premises and one visit a day."""
    merged = merge(tasks, DAYS, {("e", day) for day in taken}, TIGHT)
    served = [t for group in merged.groups for t in group.tasks]
    assert sorted([*served, *merged.unserved]) == sorted(tasks)
    days = [group.day for group in merged.groups]
    assert len(set(days)) == len(days)
    assert not set(days) & taken
    for group in merged.groups:
        assert all(t.first <= group.day <= t.last for t in group.tasks)
        if len(group.tasks) > 1:
            assert len({t.agency_id for t in group.tasks}) <= TIGHT.agencies
            assert sum(t.minutes for t in group.tasks) <= TIGHT.minutes
            assert len({t.place for t in group.tasks if t.place}) <= 1
    assert len(merged.groups) <= len(served)


@settings(max_examples=60, deadline=None)
@given(instances().filter(lambda tasks: len(tasks) <= 5), st.sets(st.sampled_from(DAYS), max_size=4))
def test_merging_serves_no_fewer_than_going_alone(tasks: list[MergeTask], taken: set[date]) -> None:
    """Merging serves at least as many tasks as one visit for each could, found by brute force."""
    merged = merge(tasks, DAYS, {("e", day) for day in taken}, TIGHT)
    free = [day for day in DAYS if day not in taken]
    assert len(tasks) - len(merged.unserved) >= most_alone(tasks, free)


@settings(max_examples=150, deadline=None)
@given(instances())
def test_without_limits_visits_are_as_few_as_can_be(tasks: list[MergeTask]) -> None:
    """With nothing in the way the greedy choice reaches the brute-force optimum."""
    anywhere = [t._replace(place="") for t in tasks]
    merged = merge(anywhere, DAYS, set(), WIDE)
    assert not merged.unserved
    assert len(merged.groups) == fewest_points(anywhere)


@given(st.permutations([task(n, n % 3, n % 3 + 2, agency="abc"[n % 3]) for n in range(6)]))
def test_merge_does_not_depend_on_the_order_of_tasks(tasks: list[MergeTask]) -> None:
    """The same tasks give the same visits, whatever their order."""
    assert merge(tasks, DAYS, set(), TIGHT) == merge(sorted(tasks), DAYS, set(), TIGHT)


def test_task_without_a_working_day_is_unserved() -> None:
    """A window that holds no working day gives no visit."""
    weekend = MergeTask("t", "a", "e", "", START - timedelta(days=2), START - timedelta(days=1), 60, 2)
    assert merge([weekend], DAYS, set(), WIDE).unserved == (weekend,)


def test_single_task_beyond_the_limits_is_still_served() -> None:
    """Limits bind merging; a task that is too long by itself goes alone."""
    long, short = task(1, 0, 5, minutes=600), task(2, 0, 5)
    assert sorted(len(group.tasks) for group in merge([long, short], DAYS, set(), TIGHT).groups) == [1, 1]


def test_enterprises_do_not_share_visits() -> None:
    """Tasks at two enterprises make two visits, which may fall on one day."""
    one, other = task(1, 0, 0), task(2, 0, 0)._replace(enterprise_id="f")
    assert [group.day for group in merge([one, other], DAYS, set(), WIDE).groups] == [START, START]
