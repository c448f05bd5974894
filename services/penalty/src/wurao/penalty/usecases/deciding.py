"""Decide a case: check everything at once, guard against a second fine, number the form, tell who must know."""

from dataclasses import dataclass

from wurao.common.auth import Principal, Role
from wurao.common.clock import Clock
from wurao.common.contracts.penalty import HeavyCaseFiled, ListDeparted, PenaltyDecided
from wurao.common.contracts.shared import Outcome, Refusal
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict, Malformed, Refused
from wurao.penalty.access import actor
from wurao.penalty.domain import clocks, heavy
from wurao.penalty.domain import procedure as steps
from wurao.penalty.domain.benchmark import Act, Proposal, propose
from wurao.penalty.domain.outcome import NO_PENALTY, OUTCOMES, departs
from wurao.penalty.domain.summary import Party, beyond_summary
from wurao.penalty.repository import cases as repository
from wurao.penalty.schemas.cases import DecisionIn, DeliveryIn
from wurao.penalty.tables import Case, FinedAct, ProvenAct
from wurao.penalty.usecases import facts
from wurao.penalty.usecases.facts import Laws

PARTIES: dict[str, Party] = {"citizen": "citizen", "organisation": "organisation"}


@dataclass(frozen=True)
class _Question:
    """A decision and what it is measured against: `claimed` with all circumstances, `proposal` with those that hold."""

    act: Act
    claimed: Proposal
    proposal: Proposal
    decision: steps.Decision
    departed: bool


async def decide(session: WriteSession, case_id: str, body: DecisionIn, who: Principal, clock: Clock) -> Case:
    """Decide a case. Raises Refused with every reason against it."""
    case = await repository.get(session, case_id)
    who.require_agency(case.agency_id)
    await facts.require_state(session, case, (steps.FILED, steps.NOTICED), "作出决定", clock.today())
    law = await facts.laws(session, case.area, case.act_on, clock.today())
    question = await _question(session, case, body, who, law)
    refusals = await _refusals(session, case, body, question, law)
    if refusals:
        raise Refused(refusals)
    await _write(session, case, body, question, law, clock)
    if case.fine_fen:
        await _guard(session, case)
    if question.decision.outcome not in NO_PENALTY - {"exempt", "waived"}:
        session.add(_proven(case))
    await session.flush()
    session.record(*_events(case, question, law, clock))
    return case


async def _question(session: WriteSession, case: Case, body: DecisionIn, who: Principal, law: Laws) -> _Question:
    act, claimed = await facts.proposal_for(session, case, law)
    strange = sorted(set(body.not_established) - act.circumstances)
    if strange:
        raise Malformed(f"本案没有这些情节：{'、'.join(strange)}", code="decision.no_such_circumstance")
    proposal = (
        propose(act.without(body.not_established), law.then, law.now, law.bases) if body.not_established else claimed
    )
    decision = steps.Decision(
        procedure=body.procedure,
        outcome=body.outcome,
        fine_fen=body.fine_fen,
        kinds=frozenset(body.kinds),
        decider=actor(who),
        by_head=Role.HEAD in who.roles,
        told=body.told,
        education=body.education,
        assessment=body.impact_assessment,
    )
    departed = departs(claimed.judgement, body.outcome)
    return _Question(act, claimed, proposal, decision, departed)


async def _refusals(
    session: WriteSession, case: Case, body: DecisionIn, question: _Question, law: Laws
) -> list[Refusal]:
    section, decision = law.procedure, question.decision
    standing = (await facts.taken(session, case.case_id)).standing(case)
    entry = question.claimed.judgement.entry
    lists = law.then.lists or law.now.lists
    found = (
        _before_summary(standing, decision, case, law)
        if body.procedure == "summary"
        else steps.before_ordinary(standing, decision, law.today, section, law.bases)
    )
    return [
        *found,
        *steps.self_checks(question.proposal, decision, section),
        *steps.reason_for_departure(
            body.departure_reason,
            departed=question.departed or bool(body.not_established),
            entry=entry.code if entry and question.departed else None,
            duty=lists if lists and question.departed else law.bases.reasoned_departure,
        ),
    ]


def _before_summary(standing: steps.Standing, decision: steps.Decision, case: Case, law: Laws) -> list[Refusal]:
    kinds, section = decision.kinds, law.procedure
    return [
        *beyond_summary(PARTIES[case.party], decision.fine_fen, kinds, section),
        *steps.on_the_spot_by(standing, decision),
        *steps.told_on_the_spot(standing, decision, law.bases),
        *steps.not_heavier(standing.notice, decision),
    ]


async def _write(
    session: WriteSession, case: Case, body: DecisionIn, question: _Question, law: Laws, clock: Clock
) -> None:
    on_the_spot = body.procedure == "summary"
    series, letter = ("summary", "S") if on_the_spot else ("decision", "D")
    number = await repository.next_number(session, case.agency_id, law.today.year, series)
    delivered = law.today if on_the_spot or body.handed_over else None
    case.form_no = f"{case.agency_id}-{law.today.year}-{letter}{number:05d}"
    case.procedure, case.outcome = body.procedure, body.outcome
    case.fine_fen, case.kinds = body.fine_fen, sorted(question.decision.kinds)
    case.decided_on, case.delivered_on = law.today, delivered
    case.state = steps.DECIDED if body.fine_fen else steps.CLOSED
    case.settled = body.fine_fen == 0
    if body.fine_fen and delivered:
        case.first_pay_by = case.pay_by = clocks.payment_due(delivered, law.terms, law.working, law.calendar).due
    case.decision = _record(body, question, case, clock)


def _record(body: DecisionIn, question: _Question, case: Case, clock: Clock) -> dict[str, object]:
    """What the document and the ledger say of the decision, frozen as it was taken."""
    proposal, entry = question.proposal, question.claimed.judgement.entry
    allowed, benchmark = proposal.range_for(body.outcome), proposal.benchmark
    on_the_spot = body.procedure == "summary"
    return {
        "reason": body.reason,
        "departure_reason": body.departure_reason,
        "education": body.education,
        "impact_assessment": body.impact_assessment,
        "not_established": sorted(set(body.not_established)),
        "circumstances": sorted(proposal.circumstances),
        "decided_by": question.decision.decider,
        "list_entry": entry.code if entry else None,
        "list_condition": entry.condition if entry else None,
        "reasons": [{"clause": r.clause, "text": r.text} for r in proposal.judgement.reasons],
        "proposed": proposal.judgement.outcome,
        "version": proposal.version,
        "min_fen": allowed.min_fen,
        "max_fen": allowed.max_fen,
        "tier": allowed.tier,
        "law": benchmark.law if benchmark else None,
        "article": benchmark.article if benchmark else None,
        "violation_name": benchmark.name if benchmark else case.violation,
        # An on-the-spot penalty is reported to the body the moment it is taken (行政处罚法 art. 52).
        "reported_to": case.agency_id if on_the_spot else None,
        "reported_at": clock.now().isoformat() if on_the_spot else None,
    }


def act_keys(case: Case) -> list[str]:
    """Each way in which the case's act may be named (PL-29)."""
    keys = [f"violation:{case.violation}@{case.act_on.isoformat()}"]
    return [*keys, f"act:{case.act_id}"] if case.act_id else keys


async def _guard(session: WriteSession, case: Case) -> None:
    """One act is fined once, whoever decides first (PL-29). Raises Refused, naming the first fine."""
    assert case.decided_on is not None
    for key in act_keys(case):
        earlier = await repository.claim_fine(
            session,
            FinedAct(
                enterprise_id=case.enterprise_id,
                act_key=key,
                case_id=case.case_id,
                case_no=case.case_no,
                agency_id=case.agency_id,
                decided_on=case.decided_on,
            ),
        )
        if earlier is not None:
            raise Refused([_fined_already(earlier)])


def _fined_already(earlier: FinedAct) -> Refusal:
    return Refusal(
        code="decision.fined_already",
        clause="PL-29",
        cite="行政处罚法 第二十九条",
        message=f"同一违法行为已由案件{earlier.case_no}于{earlier.decided_on.isoformat()}处以罚款，不得再次罚款",
        alternatives=("依法给予罚款以外的处罚", "责令改正"),
    )


def _proven(case: Case) -> ProvenAct:
    assert case.decided_on is not None
    return ProvenAct(
        case_id=case.case_id,
        case_no=case.case_no,
        enterprise_id=case.enterprise_id,
        violation=case.violation,
        act_on=case.act_on,
        decided_on=case.decided_on,
    )


def _events(
    case: Case, question: _Question, law: Laws, clock: Clock
) -> list[PenaltyDecided | ListDeparted | HeavyCaseFiled]:
    events: list[PenaltyDecided | ListDeparted | HeavyCaseFiled] = [_decided(case, question)]
    entry = question.claimed.judgement.entry
    if question.departed and entry is not None:
        events.append(_departed(case, entry.code, OUTCOMES[entry.list], clock))
    grounds = heavy.heavy_grounds(case.fine_fen, case.kinds, law.procedure)
    if new := [ground for ground in grounds if ground not in case.heavy_grounds]:
        case.heavy_grounds = [*case.heavy_grounds, *new]
        events.append(heavy_case(case, clock))
    return events


def _decided(case: Case, question: _Question) -> PenaltyDecided:
    assert case.decided_on is not None
    assert case.decision is not None
    return PenaltyDecided(
        case_id=case.case_id,
        case_no=case.case_no,
        enterprise_id=case.enterprise_id,
        agency_id=case.agency_id,
        area=case.area,
        procedure=question.decision.procedure,
        violation=case.violation,
        outcome=question.decision.outcome,
        fine_fen=case.fine_fen,
        kinds=tuple(case.kinds),
        list_entry=case.decision["list_entry"],
        educated=bool(case.decision["education"]),
        decided_on=case.decided_on,
        pay_by=case.pay_by,
        officers=facts.refs(case),
        version=case.version,
    )


def _departed(case: Case, entry: str, proposed: Outcome, clock: Clock) -> ListDeparted:
    assert case.decision is not None
    return ListDeparted.model_validate(
        {
            "case_id": case.case_id,
            **facts.scope_of(case),
            "list_entry": entry,
            "proposed": proposed,
            "decided": case.outcome,
            "reason": case.decision["departure_reason"],
            "departed_at": clock.now(),
            "version": case.version,
        }
    )


def heavy_case(case: Case, clock: Clock) -> HeavyCaseFiled:
    """The filing of a heavy case, which nobody does by hand (QZ-31)."""
    return HeavyCaseFiled(
        case_id=case.case_id,
        case_no=case.case_no,
        **facts.scope_of(case),
        grounds=tuple(case.heavy_grounds),
        fine_fen=case.fine_fen,
        filed_at=clock.now(),
        version=case.version,
    )


async def deliver(session: WriteSession, case_id: str, body: DeliveryIn, who: Principal, clock: Clock) -> Case:
    """Record the delivery of a decision that was not handed over at once; the time to pay starts (PL-60, PL-67)."""
    case = await repository.get(session, case_id)
    who.require_agency(case.agency_id)
    bases = await facts.require_state(session, case, (steps.DECIDED, steps.CLOSED), "送达", clock.today())
    assert case.decided_on is not None
    if case.delivered_on is not None:
        raise Conflict("决定书已经送达", code="delivery.done", clause=bases.procedure_order.clause)
    if body.method == "electronic" and not body.consent:
        raise Refused([_no_consent()])
    if not case.decided_on <= body.delivered_on <= clock.today():
        raise Malformed("送达日期应在决定之日至今日之间", code="delivery.dates")
    case.delivered_on = body.delivered_on
    if case.fine_fen:
        law = await facts.laws(session, case.area, case.act_on, clock.today())
        case.first_pay_by = case.pay_by = clocks.payment_due(
            body.delivered_on, law.terms, law.working, law.calendar
        ).due
    await session.flush()
    return case


def _no_consent() -> Refusal:
    return Refusal(
        code="delivery.no_consent",
        clause="PL-60",
        cite="行政处罚法 第六十一条第二款",
        message="当事人未签订确认书的，不得以电子方式送达",
        alternatives=("直接送达或者依民事诉讼法的规定送达", "取得当事人签订的确认书"),
    )
