"""Loads what the gate knows, for many requests at once: preflight and task creation use the very same loader."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from wurao.common.clock import SHANGHAI
from wurao.common.db import ReadSession
from wurao.common.policy import calendar_for, pack_for
from wurao.common.workdays import CalendarUnknown, WorkCalendar
from wurao.scheduling.domain.checkonce import consent
from wurao.scheduling.domain.gate import (
    AgencyFact,
    EnterpriseFact,
    Facts,
    JoinFact,
    OwnTaskFact,
    TaskRequest,
    VisitFact,
)
from wurao.scheduling.domain.gate.question import joined, year_of
from wurao.scheduling.domain.policy import Policy
from wurao.scheduling.repository import area_approvals, caps, joins, plans, replicas, tasks

COUNTRY = "000000"


class Policies:
    """The policy of each area on a day, asked for once."""

    def __init__(self, session: ReadSession, on: date) -> None:
        self._session, self._on = session, on
        self._known: dict[str, Policy] = {}

    async def of(self, area: str) -> Policy:
        """The policy in force in an area."""
        if area not in self._known:
            self._known[area] = Policy.of(await pack_for(self._session, area, self._on), self._on)
        return self._known[area]


async def load(session: ReadSession, requests: Sequence[TaskRequest], today: date) -> list[tuple[Facts, Policy]]:
    """The facts and the policy for each request, in order. The law is that of the enterprise's place today."""
    enterprise_ids = list(dict.fromkeys(request.enterprise_id for request in requests))
    enterprises = await replicas.enterprises(session, enterprise_ids, today)
    items = await replicas.items(session, (item for request in requests for item in request.item_ids))
    unfinished = await tasks.unfinished(session, enterprise_ids)
    agency_ids = [request.agency_id for request in requests] + [row[1] for row in unfinished]
    agencies = await replicas.agencies(session, agency_ids)
    known_plans = await plans.facts(session, (request.plan_id for request in requests if request.plan_id))
    drawn = await plans.drawn(session, known_plans, enterprise_ids)
    served = await tasks.of_draws(session, drawn)
    places = await caps.taken(session, enterprise_ids)
    visits = await tasks.coming_visits(session, enterprise_ids, today)
    others = tasks.task_facts(unfinished, agencies)
    results = await replicas.results(session, enterprise_ids)
    since = min((request.earliest for request in requests), default=today).replace(month=1, day=1)
    days = await tasks.visit_days(session, enterprise_ids, since - timedelta(days=7))
    pairs = {
        (agencies[request.agency_id].line, enterprises[request.enterprise_id].area)
        for request in requests
        if request.agency_id in agencies and request.enterprise_id in enterprises
    }
    locals_ = await replicas.counterparts(session, pairs)
    policies = Policies(session, today)
    laws = [
        await policies.of(law_area(enterprises.get(request.enterprise_id), agencies.get(request.agency_id)))
        for request in requests
    ]
    own: dict[tuple[str, str], list[OwnTaskFact]] = {}
    if any(law.pressure.same_matter_once.value for law in laws):
        own = await tasks.own_unfinished(session, enterprise_ids, {request.agency_id for request in requests})
    approvals: dict[area_approvals.Key, date] = {}
    if any(request.superior_approval for request in requests):
        approvals = await area_approvals.until(session, enterprise_ids)
    newcomers = await _joining(session, requests, visits, laws, today)

    def wanted(request: TaskRequest) -> frozenset[str]:
        return frozenset(request.item_ids)

    def facts(request: TaskRequest, newcomer: JoinFact | None) -> Facts:
        agency = agencies.get(request.agency_id)
        enterprise = enterprises.get(request.enterprise_id)
        year = year_of(request, today, visits.get(request.enterprise_id, ()))
        place = caps.Place("on_site", request.agency_id, request.enterprise_id, year)
        draws = [one for one in drawn.get((request.plan_id or "", request.enterprise_id), ()) if one >= wanted(request)]
        used = sum(
            task.agency_id == request.agency_id
            and task.task_id != request.task_id
            and not wanted(request).isdisjoint(task.item_ids)
            for task in served.get((request.plan_id or "", request.enterprise_id), ())
        )
        triggered = caps.Place("triggered", request.agency_id, request.enterprise_id, year)
        return Facts(
            today=today,
            agency=agency,
            enterprise=enterprise,
            items={item_id: items[item_id] for item_id in request.item_ids if item_id in items},
            plan=known_plans.get(request.plan_id or ""),
            drawn=used < len(draws),
            drawn_before=0 < len(draws) <= used,
            on_site_taken=places.get(place, 0),
            triggered_taken=places.get(triggered, 0),
            visits=tuple(visits.get(request.enterprise_id, ())),
            others=tuple(t for t in others.get(request.enterprise_id, ()) if t.agency.agency_id != request.agency_id),
            results=tuple(results.get(request.enterprise_id, ())),
            counterpart=_counterpart(agency, enterprise, locals_),
            visit_days=tuple(days.get(request.enterprise_id, ())),
            own=tuple(own.get((request.agency_id, request.enterprise_id), ())),
            joining=newcomer,
            approved_until=approvals.get(
                (request.enterprise_id, request.agency_id, (request.superior_approval or "").strip())
            ),
        )

    return [(facts(request, newcomer), law) for request, newcomer, law in zip(requests, newcomers, laws, strict=True)]


async def _joining(
    session: ReadSession,
    requests: Sequence[TaskRequest],
    visits: Mapping[str, Sequence[VisitFact]],
    law: Sequence[Policy],
    today: date,
) -> list[JoinFact | None]:
    """What each request needs that wants to join a visit of other agencies; None for all others."""
    wishes: dict[int, joins.Wish] = {}
    for number, (request, policy) in enumerate(zip(requests, law, strict=True)):
        visit = joined(request, visits.get(request.enterprise_id, ()))
        if visit is not None and request.agency_id not in visit.agencies:
            wishes[number] = joins.Wish(request.agency_id, request.enterprise_id, visit, policy)
    found: list[JoinFact | None] = [None] * len(requests)
    if wishes:
        able, calendar = await joins.able(session, list(wishes.values())), await calendar_for(session)
        for (number, wish), officers in zip(wishes.items(), able, strict=True):
            found[number] = _asking(len(officers), today, wish.policy, calendar)
    return found


def _asking(officers: int, today: date, policy: Policy, calendar: WorkCalendar) -> JoinFact:
    if policy.merge.consent_working_days is None:
        return JoinFact(officers)
    try:
        # The day of the question does not count, whatever its hour.
        return JoinFact(officers, consent.due(datetime.combine(today, time(12), SHANGHAI), policy, calendar).due)
    except CalendarUnknown:
        return JoinFact(officers, calendar_known=False)


def law_area(enterprise: EnterpriseFact | None, agency: AgencyFact | None, otherwise: str = COUNTRY) -> str:
    """Where the law is taken from: the enterprise's place, else the agency's, else the country's or the caller's."""
    return enterprise.area if enterprise else agency.area if agency else otherwise


def _counterpart(
    agency: AgencyFact | None, enterprise: EnterpriseFact | None, known: dict[tuple[str, str], AgencyFact]
) -> AgencyFact | None:
    if agency is None or enterprise is None:
        return None
    local = known.get((agency.line, enterprise.area))
    return local if local and local.agency_id != agency.agency_id else None


__all__ = ["Policies", "law_area", "load"]
