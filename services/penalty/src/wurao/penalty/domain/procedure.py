"""The order of a case: filing, notice, statements and hearing, review, decision (QZ-23, PL-44, YZ-11, LX-05).

Each rule gives the refusals it finds, so that a caller learns everything that is missing at once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from wurao.common.contracts.shared import Outcome, Refusal
from wurao.common.errors import Conflict
from wurao.common.packs import Bases, Param
from wurao.penalty.domain.benchmark import Proposal, Range, gravity
from wurao.penalty.domain.heavy import hearing_grounds, is_major
from wurao.penalty.domain.outcome import ALWAYS_OPEN, EDUCATED, LABELS, NO_PENALTY
from wurao.penalty.domain.policy import ProcedureSection, refusal

State = Literal["filed", "noticed", "decided", "closed"]
Procedure = Literal["summary", "ordinary"]

FILED, NOTICED, DECIDED, CLOSED = "filed", "noticed", "decided", "closed"
_NAMES = {FILED: "已立案", NOTICED: "已告知", DECIDED: "已决定", CLOSED: "已结案"}
_PENALTY_LAW = "行政处罚法"


class WrongStep(Conflict):
    """A step was tried before the step that it needs, or after the case had moved on (QZ-23)."""

    code = "case.wrong_step"


def require_state(state: str, allowed: Collection[str], step: str, bases: Bases) -> None:
    """A step is taken only in its place (QZ-23). Raises WrongStep, which names the lawful states."""
    if state in allowed:
        return
    names = "、".join(_NAMES[name] for name in allowed)
    message = f"案件{_NAMES[state]}，不能办理“{step}”"
    found = refusal(WrongStep.code, bases.procedure_order, message, f"案件{names}时方可办理")
    raise WrongStep(message, clause=found.clause, refusals=[found], alternatives=found.alternatives)


@dataclass(frozen=True, slots=True)
class Notice:
    """What the party was told, and until when it may speak."""

    fine_fen: int
    kinds: frozenset[str]
    statement_due: date
    hearing_due: date | None
    waived: bool


@dataclass(frozen=True, slots=True)
class Hearing:
    """Whether one was asked for in time, and whether it was held."""

    requested: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What has happened in a case so far. `review` is that of the notice in force: passed, failed, or none."""

    officers: frozenset[str]
    notice: Notice | None
    statements: int = 0
    unanswered: int = 0
    hearing: Hearing = Hearing()
    review: bool | None = None
    discussed: bool = False
    situations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be decided, by whom, and what is written down with it."""

    procedure: Procedure
    outcome: Outcome
    fine_fen: int
    kinds: frozenset[str]
    decider: str
    by_head: bool = True
    told: bool = False
    education: str | None = None
    assessment: str | None = None


def before_ordinary(
    standing: Standing, decision: Decision, today: date, section: ProcedureSection, bases: Bases
) -> list[Refusal]:
    """What an ordinary decision still lacks: notice, statements, hearing, review, discussion, a second pair of eyes.

    Not to punish needs no notice; a transfer to the judiciary waits for nothing.
    """
    refusals = [] if decision.by_head else [_not_the_head(bases)]
    refusals += [_same_person(bases)] if decision.decider in standing.officers else []
    if decision.outcome == "transferred":
        return refusals
    heard = [] if decision.outcome in NO_PENALTY else _before_party_was_heard(standing, today, bases)
    return [
        *refusals,
        *heard,
        *_before_review(standing, decision, section, bases),
        *not_heavier(standing.notice, decision),
    ]


def _same_person(bases: Bases) -> Refusal:
    """Who investigated does not decide (QZ-23)."""
    message = "办案人员不得作出本案处罚决定"
    return refusal("decision.by_case_officer", bases.head_decides, message, "由本机关负责人审查决定")


def _not_the_head(bases: Bases) -> Refusal:
    """The head decides in the ordinary procedure (QZ-23)."""
    message = "普通程序的处罚决定由行政机关负责人作出"
    return refusal("decision.not_by_head", bases.head_decides, message, "报本机关负责人审查决定")


def on_the_spot_by(standing: Standing, decision: Decision) -> list[Refusal]:
    """On the spot the officers of the case decide, or the head (PL-51)."""
    if decision.by_head or decision.decider in standing.officers:
        return []
    return [
        Refusal(
            code="decision.not_case_officer",
            clause="PL-51",
            cite="行政处罚法 第五十一条、第五十二条",
            message="当场处罚由本案执法人员作出",
            alternatives=("由本案执法人员作出决定",),
        )
    ]


def _before_party_was_heard(standing: Standing, today: date, bases: Bases) -> list[Refusal]:
    """Notice first, every statement answered, and the time to speak over, used or waived (PL-44, LX-05, QZ-26)."""
    notice = standing.notice
    if notice is None:
        message = "作出决定前未告知拟处罚内容、事实、理由、依据和权利"
        return [_heard("decision.no_notice", "PL-44", "第四十四条、第六十二条", message, "先送达行政处罚告知书")]
    if standing.unanswered:
        message = f"尚有{standing.unanswered}份陈述、申辩意见未复核答复"
        return [_heard("decision.statement_unanswered", "PL-44", "第四十五条", message, "复核并书面答复后再决定")]
    if notice.waived:
        return []
    refusals = []
    if not standing.statements and today <= notice.statement_due:
        message = f"陈述、申辩期限至{notice.statement_due.isoformat()}，尚未届满"
        code = "decision.statement_time_runs"
        refusals.append(refusal(code, bases.statements_first, message, "期满后决定", "当事人书面放弃后决定"))
    if standing.hearing.requested and not standing.hearing.held:
        message = "当事人已在期限内要求听证，听证前不得作出决定"
        refusals.append(refusal("decision.hearing_pending", bases.hearing_first, message, "先组织听证"))
    elif notice.hearing_due and not standing.hearing.requested and today <= notice.hearing_due:
        message = f"要求听证的期限至{notice.hearing_due.isoformat()}，尚未届满"
        code = "decision.hearing_time_runs"
        refusals.append(_heard(code, "PL-63", "第六十三条、第六十四条", message, "期满后决定", "当事人书面放弃后决定"))
    return refusals


def _heard(code: str, clause: str, article: str, message: str, *alternatives: str) -> Refusal:
    return Refusal(
        code=code, clause=clause, cite=f"{_PENALTY_LAW} {article}", message=message, alternatives=alternatives
    )


def _before_review(standing: Standing, decision: Decision, section: ProcedureSection, bases: Bases) -> list[Refusal]:
    """Legal review where the pack or a listed situation asks for it; discussion of major decisions (PL-58, YZ-11)."""
    major = is_major(decision.fine_fen, decision.kinds, section)
    refusals = []
    if standing.review is False:
        refusals.append(
            _review(section, "decision.review_failed", "法制审核未通过，不得作出决定", "按审核意见补正后重新送审")
        )
    elif standing.review is None and (major or review_grounds(standing, section)):
        refusals.append(_review(section, "decision.not_reviewed", "未经法制审核，不得作出决定", "先提交法制审核"))
    if major and decision.outcome not in NO_PENALTY and not standing.discussed:
        message = "重大处罚决定未经负责人集体讨论"
        way = "记录集体讨论结论后再决定"
        refusals.append(refusal("decision.not_discussed", bases.collective_discussion, message, way))
    return refusals


def review_grounds(standing: Standing, section: ProcedureSection) -> tuple[str, ...]:
    """Why a case must be reviewed apart from its weight: all ordinary ones, or the situations it is in."""
    if section.legal_review.value == "ordinary_all":
        return ("ordinary_all",)
    situations = standing.situations | ({"major_rights_after_hearing"} if standing.hearing.held else frozenset())
    return tuple(name for name in section.legal_review_situations.value if name in situations)


def _review(section: ProcedureSection, code: str, message: str, alternative: str) -> Refusal:
    return refusal(code, section.legal_review, message, alternative)


def not_heavier(notice: Notice | None, decision: Decision) -> list[Refusal]:
    """A decision is not heavier than what the party was told (PL-44)."""
    if notice is None:
        return []
    heaviest = max((gravity(kind) for kind in notice.kinds), default=-1)
    graver = sorted(kind for kind in decision.kinds - notice.kinds if gravity(kind) >= heaviest or kind == "fine")
    if decision.fine_fen <= notice.fine_fen and not graver:
        return []
    return [
        Refusal(
            code="decision.heavier_than_noticed",
            clause="PL-44",
            cite="行政处罚法 第四十四条、第四十五条、第六十二条",
            message=f"拟作决定重于已告知的内容（告知罚款{notice.fine_fen}分，拟罚{decision.fine_fen}分）",
            alternatives=("重新告知并听取陈述申辩", f"罚款不超过{notice.fine_fen}分"),
        )
    ]


def notice_not_raised_for_defence(
    previous: Notice | None, fine_fen: int, kinds: frozenset[str], statements: int, new_facts: str | None
) -> list[Refusal]:
    """A heavier notice after a statement needs new facts: nobody pays for defending himself (PL-44)."""
    if previous is None or not statements or new_facts:
        return []
    raised = Decision("ordinary", "ordinary", fine_fen, kinds, "")
    if not not_heavier(previous, raised):
        return []
    return [
        Refusal(
            code="notice.heavier_after_defence",
            clause="PL-44",
            cite="行政处罚法 第四十五条第二款",
            message="不得因当事人陈述、申辩而给予更重的处罚",
            alternatives=("写明另行查明的新事实后重新告知", "维持或者减轻原拟处罚"),
        )
    ]


def told_on_the_spot(standing: Standing, decision: Decision, bases: Bases) -> list[Refusal]:
    """On the spot too the party is told and heard before the decision (PL-44; 行政处罚法 art. 62)."""
    if standing.unanswered:
        return _before_party_was_heard(standing, date.max, bases)
    if decision.told or standing.notice is not None or decision.outcome in ALWAYS_OPEN:
        return []
    message = "当场处罚前也应告知拟处罚内容、事实、理由、依据并听取陈述申辩"
    return [
        _heard(
            "decision.not_told", "PL-44", "第四十四条、第四十五条、第六十二条", message, "当场告知并听取意见后再决定"
        )
    ]


def self_checks(proposal: Proposal, decision: Decision, section: ProcedureSection) -> list[Refusal]:
    """Whether outcome, kinds and amount follow from the proposal (PL-33, PL-32, DT-06), and what must be recorded."""
    return [
        *_outcome_open(proposal, decision.outcome),
        *_kinds_allowed(proposal, decision),
        *_within(proposal, decision),
        *_recorded(decision, section),
    ]


def _outcome_open(proposal: Proposal, outcome: Outcome) -> list[Refusal]:
    judgement = proposal.judgement
    if outcome in judgement.permitted | ALWAYS_OPEN:
        return []
    why = "；".join(reason.text for reason in judgement.reasons)
    open_to = "、".join(sorted(LABELS[name] for name in judgement.permitted))
    return [
        Refusal(
            code="decision.outcome_not_open",
            clause=judgement.reasons[0].clause if judgement.entry is None else judgement.reasons[-1].clause,
            cite="行政处罚法 第三十二条、第三十三条",
            message=f"依法不能作出“{LABELS[outcome]}”：{why}",
            alternatives=(open_to, "有关情节不成立的，列入 not_established 并书面说明理由"),
        )
    ]


def _kinds_allowed(proposal: Proposal, decision: Decision) -> list[Refusal]:
    allowed = frozenset(proposal.benchmark.kinds) if proposal.benchmark else frozenset()
    if decision.outcome in NO_PENALTY:
        allowed = frozenset()
    strange = sorted(decision.kinds - allowed)
    refusals = []
    if strange:
        message = f"裁量基准未规定的处罚种类：{'、'.join(strange)}"
        refusals.append(
            _discretion(proposal, "decision.kind_not_allowed", message, f"可选种类：{'、'.join(sorted(allowed))}")
        )
    if (decision.fine_fen > 0) != ("fine" in decision.kinds):
        message = "处罚种类与罚款数额不一致"
        refusals.append(
            _discretion(proposal, "decision.kinds_and_amount", message, "罚款大于零时种类应含 fine，反之不含")
        )
    if decision.outcome not in NO_PENALTY and not decision.kinds:
        refusals.append(
            _discretion(proposal, "decision.no_kind", "给予处罚的决定须写明处罚种类", "写明处罚种类或者作不予处罚决定")
        )
    return refusals


def _within(proposal: Proposal, decision: Decision) -> list[Refusal]:
    """The bound that a fine breaks is named (DT-06). A penalty of other kinds alone needs no fine."""
    allowed = proposal.range_for(decision.outcome)
    if allowed.holds(decision.fine_fen) or (decision.fine_fen == 0 and "fine" not in decision.kinds):
        return []
    return [_discretion(proposal, "decision.fine_out_of_range", _broken(allowed, decision.fine_fen), _span(allowed))]


def _broken(allowed: Range, fine_fen: int) -> str:
    if fine_fen < allowed.min_fen:
        return f"罚款{fine_fen}分低于裁量基准下限{allowed.min_fen}分"
    return f"罚款{fine_fen}分高于裁量基准上限{allowed.max_fen}分"


def _span(allowed: Range) -> str:
    return f"罚款应在{allowed.min_fen}分至{allowed.max_fen}分之间" if allowed.max_fen else "此情形不得罚款"


def _discretion(proposal: Proposal, code: str, message: str, *alternatives: str) -> Refusal:
    """A decision beyond the benchmark; its article is cited first (DT-06)."""
    found, benchmark = refusal(code, proposal.duty, message, *alternatives), proposal.benchmark
    law = f"{benchmark.law} {benchmark.article}；" if benchmark else ""
    return found.model_copy(update={"cite": f"{law}{found.cite}"})


def _recorded(decision: Decision, section: ProcedureSection) -> list[Refusal]:
    """Education with every decision not to punish (PL-33), an impact assessment above the threshold (YZ-15)."""
    refusals = []
    required = section.education_required
    if decision.outcome in EDUCATED and required.value and not (decision.education or "").strip():
        message = "依法不予行政处罚的，应当对当事人进行教育并记录"
        refusals.append(refusal("decision.no_education", required, message, "填写教育内容后再决定"))
    threshold = section.impact_assessment_fen
    if threshold and decision.fine_fen >= threshold.value and not (decision.assessment or "").strip():
        message = f"罚款达到{threshold.value}分的，应当先作经济影响评估"
        way = "完成经济影响评估并写入决定"
        refusals.append(refusal("decision.no_impact_assessment", threshold, message, way))
    return refusals


def reason_for_departure(reason: str | None, *, departed: bool, entry: str | None, duty: Param[Any]) -> list[Refusal]:
    """Departing from a list entry, or holding a circumstance not established, needs a written reason (YZ-12)."""
    if not departed or (reason or "").strip():
        return []
    what = f"偏离清单条目{entry}" if entry else "认定情节不成立"
    message = f"{what}须写明理由"
    return [refusal("decision.departure_without_reason", duty, message, "按清单处理", "填写 departure_reason")]


def hearing_right(fine_fen: int, kinds: Collection[str], section: ProcedureSection) -> bool:
    """Whether a proposed penalty gives the right to a hearing (PL-63)."""
    return bool(hearing_grounds(fine_fen, kinds, section))
