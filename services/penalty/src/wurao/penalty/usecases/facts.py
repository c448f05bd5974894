"""From rows and packs to the facts that rules are asked about."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm.attributes import flag_modified

from wurao.common.contracts.shared import OfficerRef
from wurao.common.db import ReadSession
from wurao.common.packs import Bases, Pack
from wurao.common.policy import calendar_for, pack_for
from wurao.common.workdays import WorkCalendar
from wurao.penalty.domain import procedure as steps
from wurao.penalty.domain.benchmark import Act, Proposal, propose
from wurao.penalty.domain.circumstances import ProvenAct, established
from wurao.penalty.domain.people import Officer
from wurao.penalty.domain.policy import DiscretionSection, ProcedureSection, TermSection, WorkingTerms, discretion
from wurao.penalty.repository import cases as repository
from wurao.penalty.tables import Case, Notice, OfficerReplica, Review, Statement


@dataclass(frozen=True)
class Laws:
    """The law that governs a step taken on `today`: discretion of the act and of today, procedure of today."""

    today: date
    pack: Pack
    calendar: WorkCalendar
    then: DiscretionSection
    now: DiscretionSection

    @property
    def procedure(self) -> ProcedureSection:
        """Limits and reviews."""
        return self.pack.section(ProcedureSection, on=self.today)

    @property
    def terms(self) -> TermSection:
        """Periods."""
        return self.pack.section(TermSection, on=self.today)

    @property
    def bases(self) -> Bases:
        """What refusals rest on."""
        return self.pack.section(Bases, on=self.today)

    @property
    def working(self) -> WorkingTerms:
        """Which numbers of days are working days."""
        return self.pack.section(WorkingTerms, on=self.today)


async def laws(session: ReadSession, area: str, act_on: date, today: date) -> Laws:
    """The packs in force in an area on the day of the act and today."""
    then, now = await pack_for(session, area, act_on), await pack_for(session, area, today)
    return Laws(today, now, await calendar_for(session), discretion(then, act_on), discretion(now, today))


async def bases(session: ReadSession, area: str, on: date) -> Bases:
    """What refusals rest on in an area on a day."""
    return (await pack_for(session, area, on)).section(Bases, on=on)


async def require_state(session: ReadSession, case: Case, allowed: Collection[str], step: str, today: date) -> Bases:
    """A step is taken only in its place (QZ-23); the bases of the case's area. Raises WrongStep."""
    found = await bases(session, case.area, today)
    steps.require_state(case.state, allowed, step, found)
    return found


@dataclass(frozen=True)
class Steps:
    """The rows of what has happened in a case."""

    notices: Sequence[Notice]
    statements: Sequence[Statement]
    reviews: Sequence[Review]

    @property
    def notice(self) -> Notice | None:
        """The notice in force."""
        return self.notices[-1] if self.notices else None

    def standing(self, case: Case) -> steps.Standing:
        """The facts for the rules of procedure."""
        notice = self.notice
        current = [review for review in self.reviews if review.notice_id == (notice.notice_id if notice else None)]
        return steps.Standing(
            officers=frozenset(ref["officer_id"] for ref in case.officers),
            notice=as_notice(notice),
            statements=len(self.statements),
            unanswered=sum(statement.answer is None for statement in self.statements),
            hearing=steps.Hearing(case.hearing_requested_on is not None, case.hearing_held_on is not None),
            review=current[-1].passed if current else None,
            discussed=case.discussed_on is not None,
            situations=frozenset(case.situations),
        )


def as_notice(row: Notice | None) -> steps.Notice | None:
    """A notice as the rules see it."""
    if row is None:
        return None
    return steps.Notice(
        row.fine_fen, frozenset(row.kinds), row.statement_due, row.hearing_due, row.waived_on is not None
    )


async def taken(session: ReadSession, case_id: str) -> Steps:
    """The steps taken in a case."""
    return Steps(
        await repository.notices(session, case_id),
        await repository.statements(session, case_id),
        await repository.reviews(session, case_id),
    )


async def history(session: ReadSession, case: Case) -> list[ProvenAct]:
    """What other cases proved against the enterprise for this violation."""
    return await repository.history(session, case.enterprise_id, case.violation, case.case_id)


def act_of(case: Case, past: Sequence[ProvenAct], terms: TermSection) -> Act:
    """The act with its circumstances as this service knows them (DT-07)."""
    circumstances = established(case.circumstances, past, act_on=case.act_on, period_years=terms.limitation_years.value)
    return Act(case.violation, case.act_on, circumstances, case.goods_value_fen, case.strict_liability)


async def proposal_for(session: ReadSession, case: Case, law: Laws) -> tuple[Act, Proposal]:
    """The act and what is proposed for it."""
    act = act_of(case, await history(session, case), law.terms)
    return act, propose(act, law.then, law.now, law.bases)


def officer_of(row: OfficerReplica) -> Officer:
    """An officer as the rules see it."""
    return Officer(
        officer_id=row.officer_id,
        agency_id=row.agency_id,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        legal_reviewer=row.legal_reviewer,
        legal_qualified=row.legal_qualified,
        suspended=row.suspended,
        suspended_until=row.suspended_until,
        exited=row.exited,
    )


def refs(case: Case) -> tuple[OfficerRef, ...]:
    """The case's officers for events."""
    return tuple(OfficerRef.model_validate(ref) for ref in case.officers)


def scope_of(case: Case) -> dict[str, str]:
    """The columns that say whose a row is."""
    return {"agency_id": case.agency_id, "area": case.area, "enterprise_id": case.enterprise_id}


def touch(case: Case) -> None:
    """Raise the case's version with the commit, though only rows beside it changed: a step taken at the same time
    by somebody who did not see this one then fails."""
    flag_modified(case, "state")
