"""Read cases: with their steps and clocks, their proposal, their document, the ledger of exemptions."""

from collections.abc import Callable
from datetime import date
from typing import Any

from wurao.common.auth import Principal
from wurao.common.clock import Clock
from wurao.common.db import ReadSession
from wurao.common.errors import Conflict
from wurao.common.legalclock import DueDate, Pause
from wurao.common.workdays import CalendarUnknown
from wurao.penalty.domain import clocks
from wurao.penalty.domain.benchmark import Proposal, limitation
from wurao.penalty.domain.document import Decided, Document, write
from wurao.penalty.domain.outcome import EDUCATED
from wurao.penalty.domain.policy import RemedySection, SurchargeSection
from wurao.penalty.domain.summary import beyond_summary
from wurao.penalty.repository import cases as repository
from wurao.penalty.schemas.cases import (
    CaseOut,
    ClockOut,
    DecisionOut,
    ExemptionOut,
    NoticeOut,
    ProposalOut,
    RangeOut,
    ReasonOut,
    ReviewOut,
    StatementOut,
)
from wurao.penalty.tables import Case
from wurao.penalty.usecases import facts
from wurao.penalty.usecases.deciding import PARTIES
from wurao.penalty.usecases.facts import Laws


async def view(session: ReadSession, case: Case, clock: Clock) -> CaseOut:
    """A case as its readers see it."""
    taken = await facts.taken(session, case.case_id)
    law = await facts.laws(session, case.area, case.act_on, clock.today())
    shown = CaseOut.model_validate(case)
    return shown.model_copy(
        update={
            "notice": NoticeOut.model_validate(taken.notice) if taken.notice else None,
            "statements": [StatementOut.model_validate(row) for row in taken.statements],
            "reviews": [ReviewOut.model_validate(row) for row in taken.reviews],
            "decided": decided(case),
            "clocks": _clocks(case, taken, law),
        }
    )


def decided(case: Case) -> DecisionOut | None:
    """The decision, once taken."""
    if case.decision is None:
        return None
    record: dict[str, Any] = case.decision
    return DecisionOut.model_validate(
        {
            **{name: record[name] for name in ("list_entry", "reason", "departure_reason", "education", "decided_by")},
            **{name: record[name] for name in ("reported_to", "reported_at")},
            **{
                name: getattr(case, name)
                for name in (
                    "procedure",
                    "outcome",
                    "fine_fen",
                    "kinds",
                    "form_no",
                    "decided_on",
                    "delivered_on",
                    "pay_by",
                )
            },
        }
    )


def _clocks(case: Case, taken: facts.Steps, law: Laws) -> list[ClockOut]:
    """Every clock that runs or ran, with its explanation."""
    terms, working, calendar = law.terms, law.working, law.calendar
    end = case.ended_on or case.act_on
    grave = case.grave_harm
    shown = [
        _clock(
            "limitation",
            "追究时效",
            "PL-36",
            lambda: limitation(end, grave_harm=grave, terms=terms, calendar=calendar),
        ),
        _clock(
            "decision",
            "作出决定",
            "PL-60",
            lambda: clocks.decision_due(case.opened_on, terms, working, calendar, _hearing_pause(case)),
        ),
    ]
    notice = taken.notice
    if notice is not None:
        served, hearing = notice.served_on, notice.hearing_due
        term = terms.statement_days.clause if terms.statement_days else "PL-44"
        shown.append(
            _clock("statement", "陈述、申辩", term, lambda: clocks.statement_due(served, terms, working, calendar))
        )
        if hearing:
            shown.append(
                _clock("hearing", "要求听证", "PL-63", lambda: clocks.hearing_due(served, terms, working, calendar))
            )
    return [*shown, *_clocks_after(case, law)]


def _clocks_after(case: Case, law: Laws) -> list[ClockOut]:
    terms, working, calendar = law.terms, law.working, law.calendar
    decided_on, delivered = case.decided_on, case.delivered_on
    shown = []
    if decided_on and delivered is None:
        shown.append(
            _clock("delivery", "送达", "PL-60", lambda: clocks.delivery_due(decided_on, terms, working, calendar))
        )
    if delivered and case.fine_fen:
        shown.append(
            _clock("payment", "缴纳罚款", "PL-67", lambda: clocks.payment_due(delivered, terms, working, calendar))
        )
    if delivered:
        remedy = law.pack.section(RemedySection, on=law.today)
        shown.append(_clock("review", "申请行政复议", "RL-23", lambda: clocks.review_due(delivered, remedy, calendar)))
    return shown


def _hearing_pause(case: Case) -> list[Pause]:
    """The time of a hearing does not count towards the decision."""
    if case.hearing_requested_on is None or case.hearing_held_on is None:
        return []
    if case.hearing_held_on <= case.hearing_requested_on:
        return []
    return [Pause(case.hearing_requested_on, case.hearing_held_on, "听证")]


def _clock(name: str, label: str, clause: str, compute: Callable[[], DueDate]) -> ClockOut:
    try:
        found = compute()
    except CalendarUnknown as error:
        return ClockOut(name=name, label=label, clause=clause, due=None, explained=[str(error)])
    return ClockOut(name=name, label=label, clause=clause, due=found.due, explained=found.explain())


async def proposal(session: ReadSession, case: Case, clock: Clock) -> ProposalOut:
    """What lists and benchmarks propose for a case. Raises Refused where no benchmark is in force."""
    law = await facts.laws(session, case.area, case.act_on, clock.today())
    act, found = await facts.proposal_for(session, case, law)
    entry, judgement = found.judgement.entry, found.judgement
    return ProposalOut(
        outcome=judgement.outcome,
        force=judgement.force,
        permitted=sorted(judgement.permitted),
        range=RangeOut(min_fen=found.range.min_fen, max_fen=found.range.max_fen),
        tier=found.range.tier,
        list_entry=entry.code if entry else None,
        kinds=list(found.benchmark.kinds) if found.benchmark else [],
        version="act" if found.version == "act" else "decision",
        circumstances=sorted(act.circumstances),
        education_required=judgement.outcome in EDUCATED and law.procedure.education_required.value,
        summary_allowed=not beyond_summary(PARTIES[case.party], found.range.min_fen, _kinds(found), law.procedure),
        reasons=[ReasonOut(clause=reason.clause, text=reason.text) for reason in judgement.reasons],
    )


def _kinds(found: Proposal) -> tuple[str, ...]:
    return ("fine",) if found.range.max_fen else ()


async def document(session: ReadSession, case: Case, clock: Clock) -> Document:
    """The decision's text. Raises Conflict before the decision (QZ-23)."""
    if case.decision is None or case.decided_on is None or case.outcome is None:
        order = (await facts.bases(session, case.area, clock.today())).procedure_order
        raise Conflict("案件尚未作出决定", code="case.not_decided", clause=order.clause)
    on: date = case.decided_on
    law = await facts.laws(session, case.area, case.act_on, on)
    agency = await repository.agency(session, case.agency_id)
    return write(
        Decided(
            case_no=case.case_no,
            form_no=case.form_no or case.case_no,
            agency_name=agency.name if agency else case.agency_id,
            party_name=case.enterprise_name,
            address=case.address,
            summary=case.procedure == "summary",
            outcome=case.outcome,
            fine_fen=case.fine_fen,
            kinds=tuple(case.kinds),
            act_on=case.act_on,
            description=case.description,
            decision=case.decision,
            labels=law.procedure.circumstance_labels.value,
            statements=len(await repository.statements(session, case.case_id)),
            decided_on=on,
            pay_by=case.first_pay_by,
            payment_days=law.terms.payment_days.value,
            surcharge_permille=law.pack.section(SurchargeSection, on=on).late_surcharge_permille_per_day.value,
            review_days=law.pack.section(RemedySection, on=on).days_to_apply.value,
            officers=tuple(ref["name"] or ref["officer_id"] for ref in case.officers),
        )
    )


def exemption(case: Case) -> ExemptionOut:
    """A line of the ledger of exemptions (DT-07)."""
    record: dict[str, Any] = case.decision or {}
    return ExemptionOut.model_validate(
        {
            **{
                name: getattr(case, name)
                for name in (
                    "case_id",
                    "case_no",
                    "enterprise_id",
                    "enterprise_name",
                    "agency_id",
                    "violation",
                    "outcome",
                    "record_digest",
                    "decided_on",
                )
            },
            "grounds": record["reasons"],
            "circumstances": record["circumstances"],
            "education": record["education"],
        }
    )


async def readable(session: ReadSession, case_id: str, who: Principal) -> Case:
    """The case, if the caller may see it. Raises NotFound."""
    return await repository.get(session, case_id, who.scope())
