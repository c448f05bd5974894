"""What the gate is asked, what it knows, and what it answers."""

from collections.abc import Callable, Iterator, Mapping
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
    """An inspection that somebody wants. `by_head` tells whether the agency's head asks."""

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

    @property
    def on_site(self) -> bool:
        """True when officers would come."""
        return self.method == "on_site"

    @property
    def claimed(self) -> str | None:
        """The ground that the request rests on; a campaign is its own ground."""
        return self.ground or (CAMPAIGN if self.origin == "campaign" else None)

    @property
    def year(self) -> int:
        """The year whose cap the inspection falls under; it is scheduled within that year."""
        return self.earliest.year


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
    """A visit at the enterprise that is still to come."""

    visit_id: str
    day: date
    agencies: tuple[str, ...]
    minutes: int = 0


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


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the rules may know about one request, as of `today`.

    `own` tasks are known only where the pack asks for them.
    """

    today: date
    agency: AgencyFact | None
    enterprise: EnterpriseFact | None
    items: Mapping[str, ItemFact] = field(default_factory=dict)
    plan: PlanFact | None = None
    drawn: bool = False
    on_site_taken: int = 0
    triggered_taken: int = 0
    visits: tuple[VisitFact, ...] = ()
    others: tuple[TaskFact, ...] = ()
    results: tuple[ResultFact, ...] = ()
    counterpart: AgencyFact | None = None
    visit_days: tuple[date, ...] = ()
    own: tuple[OwnTaskFact, ...] = ()

    def wanted(self, request: TaskRequest) -> tuple[ItemFact, ...]:
        """The request's items that are known."""
        return tuple(self.items[item_id] for item_id in request.item_ids if item_id in self.items)

    def joined(self, request: TaskRequest) -> VisitFact | None:
        """The coming visit that the request wants to join, if it is one of the enterprise's."""
        return next((visit for visit in self.visits if visit.visit_id == request.join_visit_id), None)

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
