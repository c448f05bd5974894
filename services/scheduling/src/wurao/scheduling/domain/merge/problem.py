"""What is merged, and what comes of it."""

from collections.abc import Mapping
from datetime import date
from typing import Literal, NamedTuple

Reason = Literal["no_workday", "too_long", "too_many_officers", "no_officers", "days_taken", "officers_busy", "crowded"]

REASONS: Mapping[Reason, str] = {
    "no_workday": "时限内没有工作日",
    "too_long": "单项任务的时间超过每次检查的上限",
    "too_many_officers": "单项任务的人数超过每次检查的上限",
    "no_officers": "时限内该机关没有足够的执法人员",
    "days_taken": "时限内该企业每个工作日都已有检查",
    "officers_busy": "时限内该机关的执法人员都已排满",
    "crowded": "时限内该企业的检查日已排满，又不能并入其中任何一次",
}


class MergeTask(NamedTuple):
    """A task to be served between two days, both included. `place` is "" where any premises will do."""

    task_id: str
    agency_id: str
    enterprise_id: str
    place: str
    first: date
    last: date
    minutes: int
    officers: int


class Limits(NamedTuple):
    """What one merged visit may hold."""

    agencies: int
    minutes: int
    officers: int


class Group(NamedTuple):
    """Tasks that share a visit on a day."""

    enterprise_id: str
    day: date
    tasks: tuple[MergeTask, ...]


class Merged(NamedTuple):
    """The visits, the tasks that no visit serves with the reason of each, and how good the plan is.

    No plan that leaves as few tasks unserved has fewer visits than `lower_bound`. `moved` are (enterprise, day) of
    visits of the earlier plan that do not take place, or not with all their tasks.
    """

    groups: tuple[Group, ...]
    unserved: tuple[MergeTask, ...]
    reasons: Mapping[str, Reason] = {}
    lower_bound: int = 0
    moved: tuple[tuple[str, date], ...] = ()
