"""What a benchmark allows: range and tier of a fine, limitation, which version of the law applies (PL-36, PL-37)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from wurao.common.contracts.shared import Outcome, Refusal
from wurao.common.errors import Refused
from wurao.common.legalclock import DueDate, Period, due_date
from wurao.common.packs import Bases, Param
from wurao.common.packs.shapes import Benchmark
from wurao.common.workdays import WorkCalendar
from wurao.penalty.domain.circumstances import REFUSED
from wurao.penalty.domain.outcome import KINDEST_FIRST, NO_PENALTY, Judgement, Reason, judge
from wurao.penalty.domain.policy import DiscretionSection, TermSection, refusal

TIER_OF: dict[Outcome, str] = {"lighter": "slight", "ordinary": "ordinary", "heavier": "serious"}
# From the mildest to the gravest; compared before amounts when two versions of a law are weighed.
GRAVITY: tuple[str, ...] = (
    "warning",
    "abnormal_listing",
    "fine",
    "confiscation",
    "large_confiscation",
    "stop_sale",
    "stop_use",
    "licence_downgrade",
    "suspension",
    "business_ban",
    "licence_revocation",
    "closure",
)


@dataclass(frozen=True, slots=True)
class Range:
    """A fine from `min_fen` to `max_fen`, both included; `tier` None where no fine is due."""

    min_fen: int
    max_fen: int
    tier: str | None

    def holds(self, fine_fen: int) -> bool:
        """Tell whether the fine lies within."""
        return self.min_fen <= fine_fen <= self.max_fen


NO_FINE = Range(0, 0, None)


@dataclass(frozen=True, slots=True)
class Act:
    """What is judged: the violation, when it was done, and what weighs for and against."""

    violation: str
    act_on: date
    circumstances: frozenset[str]
    goods_value_fen: int | None = None
    strict_liability: str | None = None

    def without(self, codes: Collection[str]) -> "Act":
        """The act as it stands when these circumstances are found not established."""
        return replace(self, circumstances=self.circumstances - frozenset(codes))


@dataclass(frozen=True, slots=True)
class Proposal:
    """An outcome with its range under one version of the law; `duty` keeps decisions within it (DT-06)."""

    judgement: Judgement
    range: Range
    benchmark: Benchmark | None
    version: str
    goods_value_fen: int | None
    circumstances: frozenset[str]
    duty: Param[str]

    def range_for(self, outcome: Outcome) -> Range:
        """The range of another outcome under the same version."""
        if self.benchmark is None:
            return NO_FINE
        return fine_range(self.benchmark, outcome, self.circumstances, self.goods_value_fen, self.duty)


def fine_range(
    benchmark: Benchmark,
    outcome: Outcome,
    circumstances: Collection[str],
    goods_value_fen: int | None,
    duty: Param[str],
) -> Range:
    """The fine that an outcome allows (DT-06). Mitigated goes below the article's least fine, if it has one.

    No fine before an order to correct was refused, where the article wants that first. Where the article counts
    by the goods' value the share is rounded down to the fen. Raises Refused when that value is not known.
    """
    refused = REFUSED in circumstances
    if outcome in NO_PENALTY or (benchmark.after_refusal and not refused):
        return NO_FINE
    if benchmark.goods_permille is not None:
        return _by_goods(benchmark, outcome, goods_value_fen, duty)
    low, high = benchmark.min_fen, benchmark.max_fen
    uncorrected = benchmark.uncorrected if refused else None
    if uncorrected is not None:
        low, high = uncorrected.min_fen, uncorrected.max_fen
    if outcome == "mitigated" and low > 0:
        return Range(0, low - 1, "below_minimum")
    if uncorrected is not None:
        return Range(low, high, "uncorrected")
    tier = next(tier for tier in benchmark.tiers if tier.name == TIER_OF.get(outcome, "slight"))
    return Range(tier.min_fen, tier.max_fen, tier.name)


def _by_goods(benchmark: Benchmark, outcome: Outcome, goods_value_fen: int | None, duty: Param[str]) -> Range:
    tier = next(tier for tier in benchmark.tiers if tier.name == TIER_OF.get(outcome, "slight"))
    share = tier.goods_permille or 0
    if share and goods_value_fen is None:
        raise Refused(
            [
                Refusal(
                    code="benchmark.goods_value_unknown",
                    clause=duty.clause,
                    cite=f"{benchmark.law} {benchmark.article}",
                    message="该条按货值金额计罚，须先核定货值金额",
                    alternatives=("补充货值金额后再提出处罚建议",),
                )
            ]
        )
    return Range(0, (goods_value_fen or 0) * share // 1000, tier.name)


def propose(act: Act, then: DiscretionSection, now: DiscretionSection, bases: Bases) -> Proposal:
    """The proposal under the law of the act, or under today's where that is lighter (PL-37: 从旧兼从轻).

    An act that either version does not punish is not punished. Versions are weighed by outcome, then by the
    gravest kind, then by the highest and the least fine; the law of the act wins a tie. Raises Refused when no
    version names the violation.
    """
    duty = bases.fine_within_benchmark
    old, new = then.benchmark(act.violation), now.benchmark(act.violation)
    if then.benchmarks is None or (old is None and new is None):
        raise Refused([_no_benchmark(act, bases)])
    if old is None or new is None:
        why = "新的规定不再认为该行为应受处罚" if new is None else "行为发生时尚无处罚规定"
        return _unpunishable(act, why, "decision" if new is None else "act", duty)
    by_act, by_decision = _under(act, then, old, "act", duty), _under(act, now, new, "decision", duty)
    if _severity(by_decision) >= _severity(by_act):
        return by_act
    reason = Reason("PL-37", "作出决定时的规定处罚较轻，适用新的规定")
    return replace(
        by_decision, judgement=replace(by_decision.judgement, reasons=(*by_decision.judgement.reasons, reason))
    )


def _under(act: Act, discretion: DiscretionSection, benchmark: Benchmark, version: str, duty: Param[str]) -> Proposal:
    judgement = judge(act.violation, act.circumstances, discretion, duty, strict_liability=act.strict_liability)
    if benchmark.after_refusal and REFUSED not in act.circumstances and judgement.outcome not in NO_PENALTY:
        judgement = _order_first(judgement, benchmark, duty)
    allowed = fine_range(benchmark, judgement.outcome, act.circumstances, act.goods_value_fen, duty)
    return Proposal(judgement, allowed, benchmark, version, act.goods_value_fen, act.circumstances, duty)


def _order_first(judgement: Judgement, benchmark: Benchmark, duty: Param[str]) -> Judgement:
    """Where the article fines only a refused order, other kinds remain; where it knows only the fine, none does."""
    text = f"依{benchmark.law}{benchmark.article}，应先责令改正；拒不改正的方可罚款"
    found = replace(judgement, reasons=(*judgement.reasons, Reason(duty.clause, text)))
    if set(benchmark.kinds) != {"fine"}:
        return found
    return replace(found, outcome="exempt", force="must", permitted=frozenset({"exempt"}))


def _unpunishable(act: Act, why: str, version: str, duty: Param[str]) -> Proposal:
    judgement = Judgement("no_violation", "must", frozenset({"no_violation"}), None, (Reason("PL-37", why),))
    return Proposal(judgement, NO_FINE, None, version, act.goods_value_fen, act.circumstances, duty)


def _severity(proposal: Proposal) -> tuple[int, int, int, int]:
    kinds = proposal.benchmark.kinds if proposal.benchmark else ()
    return (
        KINDEST_FIRST.index(proposal.judgement.outcome),
        max((gravity(kind) for kind in kinds), default=-1),
        proposal.range.max_fen,
        proposal.range.min_fen,
    )


def gravity(kind: str) -> int:
    """How grave a kind of penalty is; one that is not known counts as the gravest."""
    return GRAVITY.index(kind) if kind in GRAVITY else len(GRAVITY)


def _no_benchmark(act: Act, bases: Bases) -> Refusal:
    """A benchmark is drawn up, published and filed before it is used (YZ-13)."""
    message = f"行为发生时没有可用的“{act.violation}”裁量基准"
    ways = ("先制定、公布并备案裁量基准", "按责令改正或者教育处理")
    return refusal("benchmark.none", bases.benchmark_filed, message, *ways)


def limitation(end_of_act: date, *, grave_harm: bool, terms: TermSection, calendar: WorkCalendar) -> DueDate:
    """The last day on which a found act may still be punished; a continuous act counts from its end (PL-36)."""
    param = terms.limitation_years_grave if grave_harm else terms.limitation_years
    return due_date(end_of_act, Period(param.value, "year", param.cite), calendar)


def require_in_time(
    end_of_act: date, found_on: date, *, grave_harm: bool, terms: TermSection, calendar: WorkCalendar
) -> None:
    """No penalty for an act found after the limitation (PL-36). Raises Refused."""
    last = limitation(end_of_act, grave_harm=grave_harm, terms=terms, calendar=calendar).due
    if found_on <= last:
        return
    param = terms.limitation_years_grave if grave_harm else terms.limitation_years
    raise Refused(
        [
            Refusal(
                code="case.time_barred",
                clause=param.clause,
                cite=param.cite,
                message=f"违法行为已过追究时效（最后一日为{last.isoformat()}），不再给予行政处罚",
                alternatives=("以指导、提醒方式督促整改",),
            )
        ]
    )
