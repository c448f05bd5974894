"""Which tasks may share a visit at all: the pack's yes and no, consents that take days, objections (QZ-06, YZ-04)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from wurao.scheduling.domain.merge import Limits, MergeTask
from wurao.scheduling.domain.policy import Policy


class Stand(NamedTuple):
    """A visit that is proposed and not approved: what it holds and when."""

    visit_id: str
    enterprise_id: str
    day: date
    task_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class How:
    """How tasks may be merged. `joint_from` is the first day on which the round of consents is surely over."""

    limits: Limits
    check_once: bool = True
    same_agency: bool = True
    random_with_others: bool = True
    joint_from: date | None = None
    random: Collection[str] = field(default_factory=frozenset)
    objected: Collection[str] = field(default_factory=frozenset)


class Round(NamedTuple):
    """Tasks that are merged with each other only, under their limits."""

    tasks: tuple[MergeTask, ...]
    limits: Limits


def how_of(
    policy: Policy, joint_from: date | None, random: Collection[str] = (), objected: Collection[str] = ()
) -> How:
    """What the pack says on merging (merge.check_once, merge.same_agency, merge.random_with_non_random)."""
    merge = policy.merge
    return How(
        limits=Limits(merge.max_agencies.value, merge.max_minutes.value, merge.max_officers.value),
        check_once=merge.check_once.value,
        same_agency=merge.same_agency.value,
        random_with_others=merge.random_with_non_random.value,
        joint_from=joint_from,
        random=random,
        objected=objected,
    )


def rounds(tasks: Iterable[MergeTask], pins: Mapping[str, Stand], how: How) -> list[Round]:
    """The tasks by whom they may meet: jointly, or only tasks of their own agency; drawn ones apart if so ruled.

    Tasks of one standing visit stay in one round. A joint visit lies no earlier than `how.joint_from`; a task whose
    days are over by then, and one whose agency objected, meets nobody but its own agency.
    """
    joint, own = _limits(how), how.limits._replace(agencies=1)
    parts: defaultdict[tuple[bool, bool], list[MergeTask]] = defaultdict(list)
    several = _of_several_agencies(tasks := list(tasks))
    for task in tasks:
        pinned = task.task_id in pins
        alone = task.task_id in how.objected
        if how.joint_from is not None and not pinned and task.enterprise_id in several and not alone:
            if task.last < how.joint_from:
                alone = True
            else:
                task = task._replace(first=max(task.first, how.joint_from))
        first = min(pins[task.task_id].task_ids) if pinned else task.task_id
        drawn = not how.random_with_others and first in how.random
        parts[alone, drawn].append(task)
    return [Round(tuple(parts[key]), own if key[0] else joint) for key in sorted(parts)]


def _limits(how: How) -> Limits:
    if how.check_once:
        return how.limits
    return how.limits._replace(agencies=1, minutes=how.limits.minutes if how.same_agency else 1)


def _of_several_agencies(tasks: Sequence[MergeTask]) -> set[str]:
    agencies: defaultdict[str, set[str]] = defaultdict(set)
    for task in tasks:
        agencies[task.enterprise_id].add(task.agency_id)
    return {enterprise_id for enterprise_id, found in agencies.items() if len(found) > 1}
