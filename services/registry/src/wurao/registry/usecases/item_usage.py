"""Count the use of items, judge it, and propose what to cancel (QZ-03)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from wurao.common.clock import legal_date
from wurao.common.contracts.checkin import InspectionFinished
from wurao.common.contracts.scheduling import OffSiteConcluded
from wurao.common.contracts.shared import ItemResult
from wurao.common.db import ReadSession, WriteSession
from wurao.common.ids import new_id
from wurao.common.policy import pack_for
from wurao.registry.domain import usage as rules
from wurao.registry.domain.policy import ItemSection
from wurao.registry.domain.usage import Finding, Thresholds, Usage
from wurao.registry.repository import agencies as agency_repository
from wurao.registry.repository import items as repository
from wurao.registry.repository import proposals as proposal_repository
from wurao.registry.tables import ItemProposal
from wurao.registry.usecases.bases import BasesOf
from wurao.registry.usecases.items import drop

PEACE = timedelta(days=365)
"""How long a dismissed proposal is not made again."""


@dataclass(frozen=True, slots=True)
class Used:
    """Use of an item in the period, and what the analysis says of it."""

    item_id: str
    name: str
    published_on: date
    inspections: int
    violations: int
    last_used_on: date | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """The use of an agency's published items since a day."""

    since: date
    thresholds: Thresholds
    clause: str
    cite: str
    items: Sequence[Used]


async def count_use(session: WriteSession, event: InspectionFinished) -> None:
    """Count each item that a finished visit inspected, once per visit (QZ-03)."""
    await _count(session, event.entry_id, event.results, legal_date(event.finished_at))


async def count_off_site_use(session: WriteSession, event: OffSiteConcluded) -> None:
    """An item that is checked off site is in use as well (QZ-03, LX-09)."""
    await _count(session, event.task_id, event.results, legal_date(event.concluded_at))


async def _count(session: WriteSession, entry_id: str, results: Iterable[ItemResult], day: date) -> None:
    if not await repository.count_entry(session, entry_id):
        return
    inspected = {result.item_id: result for result in results if result.result != "not_applicable"}
    for item_id, result in sorted(inspected.items()):
        await repository.add_use(session, item_id, day, violation=result.result == "violation")


async def analyse(
    session: ReadSession, agency_id: str, today: date, months: int | None = None, frequent_from: int | None = None
) -> Analysis:
    """Use of an agency's items; period and thresholds are the pack's unless given."""
    agency = await agency_repository.get(session, agency_id)
    section = (await pack_for(session, agency.area, today)).section(ItemSection, on=today)
    since = rules.months_before(today, months or section.unused_months.value)
    thresholds = Thresholds(frequent_from or section.frequent_from.value, section.fruitless_from.value)
    found = [
        Used(item_id, name, published_on, inspections, violations, last, ())
        for item_id, name, published_on, inspections, violations, last in await repository.usage(
            session, agency_id, since
        )
    ]
    judged = [_judged(used, since, thresholds) for used in found]
    return Analysis(since, thresholds, section.unused_months.clause, section.unused_months.cite, judged)


def _judged(used: Used, since: date, thresholds: Thresholds) -> Used:
    usage = Usage(used.inspections, used.violations, used.last_used_on, used.published_on)
    return Used(
        used.item_id,
        used.name,
        used.published_on,
        used.inspections,
        used.violations,
        used.last_used_on,
        rules.judge(usage, since, thresholds),
    )


async def propose(session: WriteSession, agency_id: str, today: date) -> Sequence[ItemProposal]:
    """Propose to cancel each long unused or fruitless item, unless that is proposed, or was dismissed of late."""
    analysis = await analyse(session, agency_id, today)
    settled = await proposal_repository.settled(session, agency_id, today - PEACE)
    fresh = [
        ItemProposal(
            proposal_id=new_id(),
            item_id=used.item_id,
            agency_id=agency_id,
            name=used.name,
            findings=list(used.findings),
            since=analysis.since,
            inspections=used.inspections,
            violations=used.violations,
            last_used_on=used.last_used_on,
            proposed_on=today,
        )
        for used in analysis.items
        if {"unused", "fruitless"} & set(used.findings) and used.item_id not in settled
    ]
    session.add_all(fresh)
    await session.flush()
    return fresh


async def decide(
    session: WriteSession, proposal: ItemProposal, *, cancel: bool, reason: str, by: str, today: date
) -> ItemProposal:
    """Cancel the item as proposed, or dismiss the proposal. Raises Conflict when decided before."""
    item = await repository.get(session, proposal.item_id)
    agency = await agency_repository.get(session, proposal.agency_id)
    bases = await BasesOf(session, today).area(agency.area)
    proposal.state = rules.decided(proposal.state, cancel=cancel, bases=bases)
    proposal.decided_by, proposal.decided_on, proposal.reason = by, today, reason
    if cancel:
        await drop(session, item, reason, today, bases)
    await session.flush()
    return proposal
