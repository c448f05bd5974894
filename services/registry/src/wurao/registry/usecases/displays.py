"""Displays of adverse facts: noticed when the fact is entered, settled by payment, restored on the due day (LX-12)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from wurao.common.area import covers
from wurao.common.bulk import Row, insert_rows, update_rows
from wurao.common.contracts.penalty import FinePaid, PenaltyDecided
from wurao.common.contracts.registry import CreditRestored, RepairClockStopped, RepairNoticed
from wurao.common.db import ReadSession, WriteSession
from wurao.common.ids import new_id
from wurao.common.outbox import stage_bodies
from wurao.common.policy import pack_for
from wurao.registry.domain import displays as rules
from wurao.registry.domain.facts import RESTORED
from wurao.registry.domain.notices import notice
from wurao.registry.domain.repair import CLOSED, Record, repairable_from
from wurao.registry.domain.repair_policy import RepairSection
from wurao.registry.repository import grading as fact_repository
from wurao.registry.repository import repair as repository
from wurao.registry.repository.bulk import Values
from wurao.registry.tables import Display, FactRow, Repair, RepairStep
from wurao.registry.usecases.grading import grade, occasion

FACTS, DISPLAYS = FactRow.metadata.tables["facts"], Display.metadata.tables["displays"]
ENDING = ("counts_until", "agency_id", "lapsed", "lapsed_at", "ended")
NO_CASE: Values = {"case_id": None, "violation": None, "officers": [], "owes": False, "barred_until": None}
NOTICED = tuple(RepairNoticed.model_fields)


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


def as_met(row: Display) -> Record:
    """A record as an application meets it."""
    return Record(
        state=row.state,
        severity=row.severity,
        violation=row.violation,
        apply_from=row.apply_from,
        owes=row.owes,
        barred_until=row.barred_until,
    )


async def repairable(session: ReadSession, fact_ids: Sequence[str], area: str, on: date) -> dict[str, date]:
    """The first day to apply for the repair of each of these facts; absent: it is not repaired, or ends before."""
    law = await law_for(session, area, on)
    found = await repository.displays_of(session, fact_ids)
    days = {fact_id: repairable_from(as_met(row), law) for fact_id, row in found.items()}
    return {
        fact_id: day
        for fact_id, day in days.items()
        if day is not None and not _is_over(found[fact_id].shown_until, day)
    }


async def notice_facts(session: WriteSession, fact_ids: Sequence[str], today: date, now: datetime) -> int:
    """Give every adverse one of these facts its term of display and its notice; how many were noticed.

    A fact whose longest display is over on the day is restored at once: it never counts. Facts and fresh displays
    are written in bulk: who holds one as an object refreshes it.
    """
    facts = await repository.standing_facts(session, fact_ids)
    known = await repository.displays_of(session, fact_ids)
    places = await repository.areas_of(session, [fact.enterprise_id for fact in facts])
    named = await repository.agencies_named(session, [fact.source for fact in facts if fact.agency_id is None])
    law, found = RepairLaw(today), _Found(today, now)
    for fact in facts:
        if fact.enterprise_id not in places:
            continue
        party, area = places[fact.enterprise_id]
        section = await law.of(session, area)
        severity = section.indicators.value.get(fact.indicator)
        if severity is None:
            continue
        term = rules.term(severity, section.terms.value[severity], fact.occurred_on, fact.expires_on)
        before = known.get(fact.fact_id)
        if before is not None and _as_noticed(before, term):
            found.keep(fact, term, fact.agency_id)
            continue
        agency_id = fact.agency_id or _by_name(named.get(fact.source, ()), area)
        found.keep(fact, term, agency_id)
        found.show(fact, before, _columns(section, fact, agency_id, term, area, party, now))
    standing = {fact.fact_id for fact in facts}
    for gone in (row for fact_id, row in known.items() if fact_id not in standing and row.state == rules.RUNNING):
        gone.state, gone.version = rules.WITHDRAWN, gone.version + 1
        await close_open(session, gone, now, "该记录已由来源单位更正")
    for row in found.restored:
        await close_open(session, row, now, "最长公示期届满，已自动恢复")
    await _write(session, found)
    return len(found.events)


def _as_noticed(row: Display, term: rules.Term) -> bool:
    return row.state == rules.RUNNING and (row.shown_from, row.shown_until) == (term.shown_from, term.shown_until)


@dataclass
class _Found:
    """What becomes of adverse facts and their displays, to be written together."""

    today: date
    now: datetime
    facts: list[Row] = field(default_factory=list)
    fresh: list[Values] = field(default_factory=list)
    restored: list[Display] = field(default_factory=list)
    events: list[RepairNoticed] = field(default_factory=list)

    def keep(self, fact: Any, term: rules.Term, agency_id: str | None) -> None:
        """A fact counts no longer than it is shown; one whose display was over before it came never counts."""
        until = rules.earliest(fact.counts_until, term.shown_until)
        over = _is_over(term.shown_until, self.today)
        if over or (until, agency_id) != (fact.counts_until, fact.agency_id):
            ended = (True, self.now, RESTORED) if over else (False, None, None)
            self.facts.append((fact.fact_id, until, agency_id, *ended))

    def show(self, fact: Any, before: Display | None, columns: Values) -> None:
        """A fact's display begins or changes; it is noticed, or settled where it was over before it came."""
        over = _is_over(columns["shown_until"], self.today)
        version = before.version + 1 if before is not None else 1
        columns |= {"state": rules.RESTORED if over else rules.RUNNING, "version": version}
        if before is None:
            self.fresh.append(columns | {"fact_id": fact.fact_id} | NO_CASE)
        else:
            _set(before, columns)
            self.restored += [before] if over else []
        if not over:
            case_id = before.case_id if before is not None else None
            self.events.append(_noticed(columns | {"fact_id": fact.fact_id, "case_id": case_id}))


def _is_over(shown_until: date | None, today: date) -> bool:
    return shown_until is not None and shown_until < today


async def _write(session: WriteSession, found: _Found) -> None:
    await session.flush()
    if found.facts:
        await update_rows(session, FACTS, "fact_id", ENDING, found.facts)
    if found.fresh:
        names = tuple(found.fresh[0])
        await insert_rows(session, DISPLAYS, names, ([row[name] for name in names] for row in found.fresh))
    if found.events:
        await stage_bodies(session, RepairNoticed, ((event.key, event.model_dump_json()) for event in found.events))


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
    row = known or Display(fact_id=fact.fact_id, version=0, **NO_CASE)
    _set(row, _columns(section, fact, fact.agency_id, term, event.area, party, now) | {"state": rules.RUNNING})
    row.case_id, row.violation = event.case_id, event.violation
    row.officers = sorted({officer.officer_id for officer in event.officers})
    row.owes = event.fine_fen > 0 and not settled
    row.version += 1
    session.add(row)
    session.record(_noticed({name: getattr(row, name) for name in NOTICED}))


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
    row.state = rules.WITHDRAWN
    await close_open(session, row, now, "该记录已撤回或者已更正")
    row.version += 1
    return row.version


async def close_open(session: WriteSession, row: Display, now: datetime, why: str) -> None:
    """An application on a record that has ended by itself is closed."""
    application = await repository.open_for(session, row.fact_id)
    if application is not None:
        application.state = CLOSED
        application.reason, application.due, application.remind_on = why, None, None
        session.add(step_row(application, "close", "system", now, why))
        stop_clock(session, row, application, "closed")


def stop_clock(
    session: WriteSession,
    row: Display,
    application: Repair,
    because: Literal["accepted", "returned", "taken_back", "closed"],
) -> None:
    """Tell that an application waits for its check or decision no longer: whoever was alerted may rest."""
    row.version += 1
    session.record(
        RepairClockStopped(
            fact_id=application.fact_id,
            application_id=application.application_id,
            enterprise_id=application.enterprise_id,
            agency_id=application.agency_id,
            area=application.area,
            because=because,
            version=row.version,
        )
    )


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


def _columns(
    law: RepairSection, fact: Any, agency_id: str | None, term: rules.Term, area: str, party: str, now: datetime
) -> Values:
    """The columns of a fact's display and notice, apart from its state and its case."""
    text = notice(law, term, party=party, record=fact.evidence or fact.source, agency=fact.source)
    return {
        "enterprise_id": fact.enterprise_id,
        "area": area,
        "agency_id": agency_id,
        "severity": term.severity,
        "shown": term.shown,
        "shown_from": term.shown_from,
        "shown_until": term.shown_until,
        "apply_from": term.apply_from,
        "title": text.title,
        "paragraphs": list(text.paragraphs),
        "clause": text.clause,
        "cite": text.cite,
        "noticed_at": now,
    }


def _set(row: Display, columns: Values) -> None:
    for name, value in columns.items():
        setattr(row, name, value)


def _noticed(columns: Values) -> RepairNoticed:
    return RepairNoticed(**{name: columns[name] for name in NOTICED})
