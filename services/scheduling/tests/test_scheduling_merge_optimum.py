"""The engine against brute force on every small instance: as few unserved, as few visits, and the bound."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from wurao.scheduling.domain.merge import Limits, Merged, MergeTask, merge

DAYS = [date(2026, 3, 2) + timedelta(days=n) for n in range(5)]
Officers = Mapping[tuple[str, date], int]


class Instance(NamedTuple):
    """Tasks, limits, days taken, officers by agency and day (None without a limit)."""

    tasks: tuple[MergeTask, ...]
    limits: Limits
    taken: frozenset[tuple[str, date]]
    officers: Officers | None


@st.composite
def instances(draw: st.DrawFn, most: int = 6) -> Instance:
    """A few tasks of three agencies at two enterprises within a week, often with too few officers or days."""
    tasks = []
    for number in range(draw(st.integers(1, most))):
        first = draw(st.integers(0, 4))
        tasks.append(
            MergeTask(
                f"t{number}",
                draw(st.sampled_from("abc")),
                draw(st.sampled_from("ef")),
                draw(st.sampled_from(["", "", "", "p", "q"])),
                DAYS[first],
                DAYS[draw(st.integers(first, 4))],
                draw(st.sampled_from([30, 60, 90])),
                draw(st.sampled_from([1, 2, 2, 3])),
            )
        )
    limits = Limits(draw(st.integers(1, 3)), draw(st.sampled_from([90, 120, 240])), draw(st.integers(3, 7)))
    taken = frozenset(
        (e, DAYS[d]) for e, d in draw(st.sets(st.tuples(st.sampled_from("ef"), st.integers(0, 4)), max_size=2))
    )
    some = st.dictionaries(st.sampled_from("abc"), st.lists(st.integers(0, 4), min_size=5, max_size=5))
    chosen = draw(st.none() | some)
    officers = None
    if chosen is not None:
        officers = {(agency, DAYS[day]): count for agency, row in chosen.items() for day, count in enumerate(row)}
    return Instance(tuple(tasks), limits, taken, officers)


def solved(instance: Instance, previous: Mapping[str, date] | None = None) -> Merged:
    """The engine's plan."""
    return merge(instance.tasks, DAYS, instance.taken, instance.limits, instance.officers, previous)


def fits(members: Sequence[MergeTask], limits: Limits) -> bool:
    """Tell whether tasks may share a visit."""
    return (
        len({task.agency_id for task in members}) <= limits.agencies
        and sum(task.minutes for task in members) <= limits.minutes
        and sum(needs(members).values()) <= limits.officers
        and len({task.place for task in members if task.place}) <= 1
    )


def needs(members: Sequence[MergeTask]) -> dict[str, int]:
    """Officers by agency."""
    most: defaultdict[str, int] = defaultdict(int)
    for task in members:
        most[task.agency_id] = max(most[task.agency_id], task.officers)
    return dict(most)


def optimum(instance: Instance) -> tuple[int, int]:
    """Brute force: the fewest unserved tasks, and the fewest visits of plans with so few."""
    tasks, limits, taken, officers = instance

    @cache
    def rest(at: int, visits: frozenset[tuple[str, date, tuple[MergeTask, ...]]]) -> tuple[int, int]:
        if at == len(tasks):
            return 0, len(visits)
        task = tasks[at]
        unserved, count = rest(at + 1, visits)
        best = (unserved + 1, count)
        for visits_then in ways(task, visits):
            best = min(best, rest(at + 1, visits_then))
        return best

    def ways(
        task: MergeTask, visits: frozenset[tuple[str, date, tuple[MergeTask, ...]]]
    ) -> Iterator[frozenset[tuple[str, date, tuple[MergeTask, ...]]]]:
        for day in DAYS:
            if not task.first <= day <= task.last or (task.enterprise_id, day) in taken:
                continue
            there = next((v for v in visits if v[:2] == (task.enterprise_id, day)), None)
            members = (*there[2], task) if there else (task,)
            if not fits(members, limits):
                continue
            then = frozenset(visits - {there} if there else visits) | {(task.enterprise_id, day, members)}
            if enough(then, day):
                yield then

    def enough(visits: frozenset[tuple[str, date, tuple[MergeTask, ...]]], day: date) -> bool:
        if officers is None:
            return True
        used: defaultdict[str, int] = defaultdict(int)
        for _, on, members in visits:
            if on == day:
                for agency_id, count in needs(members).items():
                    used[agency_id] += count
        known = {agency_id for agency_id, _ in officers}
        return all(
            count <= officers.get((agency_id, day), 0) for agency_id, count in used.items() if agency_id in known
        )

    return rest(0, frozenset())


def require_lawful(instance: Instance, merged: Merged) -> None:
    """Every rule holds in a plan."""
    tasks, limits, taken, officers = instance
    served = [task for group in merged.groups for task in group.tasks]
    assert sorted([*served, *merged.unserved]) == sorted(tasks)
    assert set(merged.reasons) == {task.task_id for task in merged.unserved}
    assert len({(group.enterprise_id, group.day) for group in merged.groups}) == len(merged.groups)
    used: defaultdict[tuple[str, date], int] = defaultdict(int)
    for group in merged.groups:
        assert (group.enterprise_id, group.day) not in taken
        assert fits(group.tasks, limits)
        assert all(task.first <= group.day <= task.last for task in group.tasks)
        for agency_id, count in needs(group.tasks).items():
            used[agency_id, group.day] += count
    if officers is not None:
        known = {agency_id for agency_id, _ in officers}
        assert all(count <= officers.get(key, 0) for key, count in used.items() if key[0] in known)


@settings(max_examples=2500, deadline=None)
@given(instances())
def test_small_plans_are_the_optimum(instance: Instance) -> None:
    """No plan leaves fewer tasks unserved, none that leaves so few has fewer visits, and the bound never exceeds it."""
    merged = solved(instance)
    require_lawful(instance, merged)
    assert (len(merged.unserved), len(merged.groups)) == optimum(instance)
    assert bool(merged.groups) <= merged.lower_bound <= len(merged.groups)


@settings(max_examples=200, deadline=None)
@given(instances(), st.randoms(use_true_random=False))
def test_a_plan_depends_on_nothing_but_its_tasks(instance: Instance, chance: object) -> None:
    """Another order of the same tasks gives the same plan."""
    shuffled = list(instance.tasks)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert solved(instance._replace(tasks=tuple(shuffled))) == solved(instance)


@settings(max_examples=300, deadline=None)
@given(instances())
def test_merging_again_moves_nothing(instance: Instance) -> None:
    """A plan that is made again from itself stays as it was."""
    once = solved(instance)
    previous = {task.task_id: group.day for group in once.groups for task in group.tasks}
    again = solved(instance, previous)
    assert again.moved == ()
    assert again.groups == once.groups


@settings(max_examples=300, deadline=None)
@given(instances(), st.integers(0, 5))
def test_a_cancelled_task_costs_no_visit(instance: Instance, gone: int) -> None:
    """Made again without one of its tasks, a plan is best again, and without limits of officers nothing moves."""
    once = solved(instance)
    previous = {task.task_id: group.day for group in once.groups for task in group.tasks}
    fewer = instance._replace(tasks=tuple(task for task in instance.tasks if task.task_id != f"t{gone}"))
    again = solved(fewer, previous)
    require_lawful(fewer, again)
    assert (len(again.unserved), len(again.groups)) == optimum(fewer)


def test_the_bound_of_a_plan_that_leaves_many_tasks_unserved() -> None:
    """As many unserved as visits wanted: one visit is needed all the same, and as many as minutes are served."""
    tasks = tuple(
        MergeTask(f"{owner}{agency}", agency, owner, "", DAYS[0], DAYS[0], 60, 1) for owner in "ef" for agency in "ab"
    )
    officers = {(agency, DAYS[0]): 1 for agency in "ab"}
    merged = merge(tasks, DAYS, (), Limits(4, 240, 8), officers)
    assert (len(merged.groups), len(merged.unserved), merged.lower_bound) == (1, 2, 1)
    long = [MergeTask(f"t{n}", "a", "e", "", DAYS[0], DAYS[-1], 120, 1) for n in range(30)]
    merged = merge(long, DAYS, (), Limits(4, 240, 8))
    assert (len(merged.groups), len(merged.unserved), merged.lower_bound) == (5, 20, 5)
