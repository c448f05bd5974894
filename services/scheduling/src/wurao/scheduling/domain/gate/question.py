"""What the gate is asked, what it knows, and what it answers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from wurao.common.contracts.shared import Refusal, Way
from wurao.scheduling.domain.policy import Policy

Origin = Literal["plan", "draw", "triggered", "campaign"]
Method = Literal["on_site", "off_site"]
CAMPAIGN = "special_campaign"


@dataclass(frozen=True, slots=True)
class TaskRequest:
    """An inspection that somebody wants. `by_head` tells whether the agency's head asks.

    With `or_off_site` the desk does where the gate would have it so (LX-09, QZ-15). `task_id` is that of a task
    which is asked about again.
    """

    agency_id: str
    enterprise_id: str
    item_ids: tuple[str, ...]
    earliest: date
    latest: date
    origin: Origin
    method: Method = "on_site"
    premises_id: str | None = None
    plan_id: str | None = None
    ground: str | None = None
    source_record: str | None = None
    reason: str | None = None
    unit: str | None = None
    superior_approval: str | None = None
    by_head: bool = False
    join_visit_id: str | None = None
    or_off_site: bool = False
    task_id: str | None = None

    @property
    def on_site(self) -> bool:
        """True when officers would come."""
        return self.method == "on_site"

    @property
    def claimed(self) -> str | None:
        """The ground that the request rests on; a campaign is its own ground."""
        return self.ground or (CAMPAIGN if self.origin == "campaign" else None)


@dataclass(frozen=True, slots=True)
class AgencyFact:
    """An agency as known here."""

    agency_id: str
    name: str
    level: str
    area: str
    line: str
    published: bool


@dataclass(frozen=True, slots=True)
class EnterpriseFact:
    """An enterprise as known here; `grade` is None before it is graded."""

    enterprise_id: str
    name: str
    area: str
    status: str
    tags: frozenset[str] = frozenset()
    premises: frozenset[str] = frozenset()
    grade: str | None = None


@dataclass(frozen=True, slots=True)
class ItemFact:
    """An inspection item as known here."""

    item_id: str
    agency_id: str
    name: str
    law: str
    article: str
    method: str
    random_list: bool
    special_industry: bool
    key_area: bool
    recognition_days: int | None
    published: bool
    minutes: int = 0
    officers: int = 0

    @property
    def matter(self) -> str:
        """What is inspected, whoever does it: items of several agencies on one matter are like (YZ-07)."""
        return matter(self.law, self.article, self.name)


def matter(law: str, article: str, name: str) -> str:
    """The name of a matter across agencies."""
    return f"{law}|{article}|{name}"


@dataclass(frozen=True, slots=True)
class PartFact:
    """An agency's part in a joint plan."""

    item_ids: frozenset[str]
    period_from: date
    period_to: date


@dataclass(frozen=True, slots=True)
class PlanFact:
    """A plan as it stands; `steps` are the approvals it passed, `parts` those of a joint plan's agencies."""

    plan_id: str
    agency_id: str
    kind: str
    state: str
    filed: bool
    item_ids: frozenset[str]
    period_from: date
    period_to: date
    steps: frozenset[str] = frozenset()
    parts: Mapping[str, PartFact] = field(default_factory=dict)

    def part_of(self, agency_id: str) -> PartFact | None:
        """What the plan lets an agency do; None when it takes no part."""
        if self.kind == "joint" and self.parts:
            return self.parts.get(agency_id)
        if self.kind == "joint" or agency_id == self.agency_id:
            return PartFact(self.item_ids, self.period_from, self.period_to)
        return None


@dataclass(frozen=True, slots=True)
class VisitFact:
    """A visit at the enterprise that is still to come; `officers` are sent, `premises_id` is None for any premises."""

    visit_id: str
    day: date
    agencies: tuple[str, ...]
    minutes: int = 0
    officers: int = 0
    premises_id: str | None = None


@dataclass(frozen=True, slots=True)
class JoinFact:
    """What an agency needs to join a visit of others: officers who could go on its day, and the others' consent.

    Who is there may object until the end of `consent_due`: None where nobody is asked, or where the calendar does
    not know (`calendar_known`).
    """

    officers: int
    consent_due: date | None = None
    calendar_known: bool = True


@dataclass(frozen=True, slots=True)
class TaskFact:
    """Another agency's unfinished task at the enterprise; `day` is its visit's, if it has one."""

    agency: AgencyFact
    earliest: date
    latest: date
    day: date | None
    visit_id: str | None


@dataclass(frozen=True, slots=True)
class OwnTaskFact:
    """The agency's own unfinished on-site task at the enterprise; `visit_id` once it is part of a visit."""

    item_ids: frozenset[str]
    earliest: date
    latest: date
    source_record: str | None
    visit_id: str | None


@dataclass(frozen=True, slots=True)
class ResultFact:
    """The latest result of a matter at the enterprise."""

    matter: str
    agency_name: str
    entry_id: str
    finished_on: date


def joined(request: TaskRequest, visits: Iterable[VisitFact]) -> VisitFact | None:
    """The visit among those to come that the request wants to join."""
    return next((visit for visit in visits if visit.visit_id == request.join_visit_id), None)


def year_of(request: TaskRequest, today: date, visits: Iterable[VisitFact]) -> int:
    """The year in which the inspection takes place: that of the visit it joins, else of its first day to come.

    It is scheduled within that year; days that went by make no inspection one of an earlier year (QZ-16).
    """
    visit = joined(request, visits)
    return visit.day.year if visit is not None else max(request.earliest, today).year


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the rules may know about one request, as of `today`.

    `own` tasks are known only where the pack asks for them. `drawn`: a draw of the plan chose the enterprise for these
    items, and no task has come of it yet; `drawn_before`: one has. `approved_until` is the last day of the superior's
    approval that the request cites, if such a one is on record.
    """

    today: date
    agency: AgencyFact | None
    enterprise: EnterpriseFact | None
    items: Mapping[str, ItemFact] = field(default_factory=dict)
    plan: PlanFact | None = None
    drawn: bool = False
    drawn_before: bool = False
    on_site_taken: int = 0
    triggered_taken: int = 0
    visits: tuple[VisitFact, ...] = ()
    others: tuple[TaskFact, ...] = ()
    results: tuple[ResultFact, ...] = ()
    counterpart: AgencyFact | None = None
    visit_days: tuple[date, ...] = ()
    own: tuple[OwnTaskFact, ...] = ()
    joining: JoinFact | None = None
    approved_until: date | None = None

    def wanted(self, request: TaskRequest) -> tuple[ItemFact, ...]:
        """The request's items that are known."""
        return tuple(self.items[item_id] for item_id in request.item_ids if item_id in self.items)

    def joined(self, request: TaskRequest) -> VisitFact | None:
        """The coming visit that the request wants to join, if it is one of the enterprise's."""
        return joined(request, self.visits)

    def year(self, request: TaskRequest) -> int:
        """The year whose cap the inspection falls under (QZ-16)."""
        return year_of(request, self.today, self.visits)

    def shares_own_visit(self, request: TaskRequest) -> bool:
        """True when the request joins a visit of its own agency: nobody comes a further time."""
        visit = self.joined(request)
        return visit is not None and request.agency_id in visit.agencies

    def own_visits(self, request: TaskRequest) -> tuple[VisitFact, ...]:
        """Coming visits in which the agency already takes part."""
        return tuple(visit for visit in self.visits if request.agency_id in visit.agencies)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Permitted, or every reason why not."""

    refusals: tuple[Refusal, ...] = ()

    @property
    def permitted(self) -> bool:
        """True when no rule objects."""
        return not self.refusals


Rule = Callable[[TaskRequest, Facts, Policy], Iterator[Refusal]]


def chinese(day: date) -> str:
    """A day as people read it."""
    return f"{day.year}年{day.month}月{day.day}日"


def join(visit: VisitFact) -> Way:
    """Joining a visit, as a way."""
    return Way(kind="join_visit", visit_id=visit.visit_id, day=visit.day)


def visit_option(visit: VisitFact) -> str:
    """Joining a visit, as an alternative."""
    return f"并入{chinese(visit.day)}的检查（编号{visit.visit_id}）"
