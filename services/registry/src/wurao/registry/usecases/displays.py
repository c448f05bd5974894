"""Displays of adverse facts: noticed when the fact is entered, settled by payment, restored on the due day (LX-12)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from wurao.common.area import covers
from wurao.common.contracts.penalty import FinePaid, PenaltyDecided
from wurao.common.contracts.registry import CreditRestored, RepairNoticed
from wurao.common.db import ReadSession, WriteSession
from wurao.common.ids import new_id
from wurao.common.policy import pack_for
from wurao.registry.domain import displays as rules
from wurao.registry.domain.facts import RESTORED
from wurao.registry.domain.notices import notice
from wurao.registry.domain.repair import CLOSED
from wurao.registry.domain.repair_policy import RepairSection
from wurao.registry.repository import grading as fact_repository
from wurao.registry.repository import repair as repository
from wurao.registry.tables import Display, FactRow, Repair, RepairStep
from wurao.registry.usecases.grading import grade, occasion


@dataclass
class RepairLaw:
    """The rules of credit repair in force on a day, by area; each area's pack is looked up once."""

    on: date
    _known: dict[str, RepairSection] = field(default_factory=dict)

    async def of(self, session: ReadSession, area: str) -> RepairSection:
        """The rules of an area."""
        if area not in self._known:
            self._known[area] = (await pack_for(session, area, self.on)).section(RepairSection, on=self.on)
        return self._known[area]


async def law_for(session: ReadSession, area: str, on: date) -> RepairSection:
    """The rules of credit repair in an area on a day."""
    return await RepairLaw(on).of(session, area)


async def notice_facts(session: WriteSession, fact_ids: Sequence[str], today: date, now: datetime) -> int:
    """Give every adverse one of these facts its term of display and its notice; how many were noticed.

    A fact whose longest display is over on the day is restored at once: it never counts.
    """
    facts = await repository.standing_facts(session, fact_ids)
    known = await repository.displays_of(session, fact_ids)
    places = await repository.areas_of(session, [fact.enterprise_id for fact in facts])
    named = await repository.agencies_named(session, [fact.source for fact in facts if fact.agency_id is None])
    law, noticed = RepairLaw(today), 0
    for fact in facts:
        if fact.enterprise_id not in places:
            continue
        party, area = places[fact.enterprise_id]
        section = await law.of(session, area)
        severity = section.indicators.value.get(fact.indicator)
        before = known.get(fact.fact_id)
        if severity is None:
            continue
        term = rules.term(severity, section.terms.value[severity], fact.occurred_on, fact.expires_on)
        fact.counts_until = rules.earliest(fact.counts_until, term.shown_until)
        if before is not None and (before.shown_from, before.shown_until) == (term.shown_from, term.shown_until):
            continue
        fact.agency_id = fact.agency_id or _by_name(named.get(fact.source, ()), area)
        row = _display(section, fact, term, area, party, now, before)
        noticed += _begin(session, row, fact, today, now)
    standing = {fact.fact_id for fact in facts}
    for gone in (row for fact_id, row in known.items() if fact_id not in standing and row.state == rules.RUNNING):
        gone.state, gone.version = rules.WITHDRAWN, gone.version + 1
        await close_open(session, gone, now, "该记录已由来源单位更正")
    await session.flush()
    return noticed


def _begin(session: WriteSession, row: Display, fact: FactRow, today: date, now: datetime) -> bool:
    """Show and notice a record, or settle one whose display was over before it came; whether it was noticed."""
    if row.shown_until is None or row.shown_until >= today:
        _announce(session, row)
        return True
    row.state, row.version = rules.RESTORED, row.version + 1
    session.add(row)
    fact.lapsed, fact.lapsed_at, fact.ended = True, now, RESTORED
    return False


def _by_name(agencies: Iterable[tuple[str, str]], area: str) -> str | None:
    """The only one of the agencies (id, area) whose area covers the enterprise's."""
    found = [agency_id for agency_id, own in agencies if covers(own, area)]
    return found[0] if len(found) == 1 else None


async def notice_penalty(
    session: WriteSession, fact: FactRow, event: PenaltyDecided, today: date, now: datetime
) -> None:
    """The notice that goes with a penal decision; that of a later version of the case replaces it."""
    section = await law_for(session, event.area, today)
    severity = rules.severity_of(section.severity.value, event.procedure, event.fine_fen, event.kinds)
    places = await repository.areas_of(session, [event.enterprise_id])
    party = places.get(event.enterprise_id, (event.enterprise_id, ""))[0]
    known = await repository.locked_display(session, fact.fact_id)
    settled = known is not None and not known.owes
    term = rules.term(severity, section.terms.value[severity], fact.occurred_on, fact.expires_on)
    fact.counts_until = rules.earliest(fact.counts_until, term.shown_until)
    row = _display(section, fact, term, event.area, party, now, known)
    row.case_id, row.violation = event.case_id, event.violation
    row.officers = sorted({officer.officer_id for officer in event.officers})
    row.owes = event.fine_fen > 0 and not settled
    _announce(session, row)


async def settle(session: WriteSession, event: FinePaid) -> None:
    """A fine that is settled in full stands in the way of repair no longer."""
    row = await repository.locked_display(session, f"penalty-{event.case_id}")
    if row is not None and event.settled:
        row.owes = False


async def restore(session: WriteSession, today: date, now: datetime, limit: int = 2_000) -> int:
    """Restore what was shown to the last day, without application; how many records (LX-12)."""
    over = await repository.ending(session, today, limit)
    for row in over:
        row.state, row.version = rules.RESTORED, row.version + 1
        session.record(
            CreditRestored(
                fact_id=row.fact_id,
                enterprise_id=row.enterprise_id,
                agency_id=row.agency_id,
                area=row.area,
                restored_on=today,
                version=row.version,
            )
        )
        await close_open(session, row, now, "最长公示期届满，已自动恢复")
    await session.flush()
    # Where the source itself ended the fact, it expires: that is another's sweep.
    expiring = await repository.ended_by_source(session, [row.fact_id for row in over], today)
    ending = [row for row in over if row.fact_id not in expiring]
    await repository.end_facts(session, [row.fact_id for row in ending], RESTORED, now)
    graded = await fact_repository.already_graded(session, [row.enterprise_id for row in ending])
    await grade(session, graded, occasion("repair", today, now))
    return len(over)


async def withdraw(session: WriteSession, fact_id: str, now: datetime) -> int:
    """End the display of a fact that stands no more; the version for the event that tells so."""
    row = await repository.locked_display(session, fact_id)
    if row is None:
        return 1
    row.state, row.version = rules.WITHDRAWN, row.version + 1
    await close_open(session, row, now, "该记录已撤回或者已更正")
    return row.version


async def close_open(session: WriteSession, row: Display, now: datetime, why: str) -> None:
    """An application on a record that has ended by itself is closed."""
    application = await repository.open_for(session, row.fact_id)
    if application is not None:
        application.state = CLOSED
        application.reason, application.due, application.remind_on = why, None, None
        session.add(step_row(application, "close", "system", now, why))


def step_row(application: Repair, act: str, by: str, now: datetime, note: str = "") -> RepairStep:
    """A line of an application's course; its state is the one after the act."""
    return RepairStep(
        step_id=new_id(),
        application_id=application.application_id,
        act=act,
        state=application.state,
        by=by,
        at=now,
        note=note,
    )


def _display(
    law: RepairSection,
    fact: FactRow,
    term: rules.Term,
    area: str,
    party: str,
    now: datetime,
    known: Display | None = None,
) -> Display:
    text = notice(law, term, party=party, record=fact.evidence or fact.source, agency=fact.source)
    row = known or Display(
        fact_id=fact.fact_id, officers=[], case_id=None, violation=None, owes=False, barred_until=None, version=0
    )
    row.enterprise_id, row.area, row.agency_id = fact.enterprise_id, area, fact.agency_id
    row.severity, row.shown, row.apply_from = term.severity, term.shown, term.apply_from
    row.shown_from, row.shown_until, row.state = term.shown_from, term.shown_until, rules.RUNNING
    row.title, row.paragraphs, row.clause, row.cite = text.title, list(text.paragraphs), text.clause, text.cite
    row.noticed_at = now
    return row


def _announce(session: WriteSession, row: Display) -> None:
    row.version += 1
    session.add(row)
    session.record(
        RepairNoticed(
            fact_id=row.fact_id,
            enterprise_id=row.enterprise_id,
            agency_id=row.agency_id,
            area=row.area,
            case_id=row.case_id,
            severity=row.severity,
            shown=row.shown,
            shown_from=row.shown_from,
            shown_until=row.shown_until,
            apply_from=row.apply_from,
            title=row.title,
            paragraphs=tuple(row.paragraphs),
            clause=row.clause,
            version=row.version,
        )
    )
