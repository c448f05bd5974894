"""What should come of an act: statute first, then the published lists (PL-32, PL-33, YZ-12, QZ-26).

Precedence: what the statute demands binds; among what fits, the outcome kindest to the party is proposed, and
entries of several lists follow the pack's `penalty.list_precedence`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from wurao.common.contracts.shared import Outcome
from wurao.common.packs import Param
from wurao.common.packs.shapes import ListEntry
from wurao.penalty.domain.circumstances import (
    AGGRAVATING,
    EXEMPTING,
    LIGHTENING,
    NO_FAULT,
    REFUSED,
    WAIVABLE,
)
from wurao.penalty.domain.policy import DiscretionSection

Force = Literal["must", "may", "none"]

NO_PENALTY: frozenset[Outcome] = frozenset({"no_fault", "no_violation", "exempt", "waived", "transferred"})
EDUCATED: frozenset[Outcome] = frozenset({"no_fault", "exempt", "waived"})
ALWAYS_OPEN: frozenset[Outcome] = frozenset({"no_violation", "transferred"})
OUTCOMES: dict[str, Outcome] = {
    "exempt": "exempt",
    "may_waive": "waived",
    "mitigated": "mitigated",
    "lighter": "lighter",
    "heavier": "heavier",
}
KINDEST_FIRST: tuple[Outcome, ...] = (
    "no_violation",
    "no_fault",
    "exempt",
    "waived",
    "mitigated",
    "lighter",
    "ordinary",
    "heavier",
)
LABELS: dict[Outcome, str] = {
    "no_fault": "没有主观过错，不予行政处罚",
    "no_violation": "违法事实不能成立，不予行政处罚",
    "exempt": "不予行政处罚",
    "waived": "可以不予行政处罚",
    "mitigated": "减轻行政处罚",
    "lighter": "从轻行政处罚",
    "ordinary": "一般行政处罚",
    "heavier": "从重行政处罚",
    "transferred": "移送司法机关",
}
SEVERAL_LIGHTENING = 2


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground of a proposal: the clause it rests on and a Chinese sentence."""

    clause: str
    text: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The proposed outcome, its force, every outcome that the law leaves open, and why."""

    outcome: Outcome
    force: Force
    permitted: frozenset[Outcome]
    entry: ListEntry | None
    reasons: tuple[Reason, ...]


def judge(
    violation: str,
    circumstances: Collection[str],
    discretion: DiscretionSection,
    duty: Param[str],
    *,
    strict_liability: str | None = None,
) -> Judgement:
    """Propose an outcome; its degree rests on the `duty` to keep to the benchmark (DT-06).

    `strict_liability` cites the law that punishes without fault (PL-33).
    """
    statute = by_statute(frozenset(circumstances), duty, strict_liability)
    entry = matching_entry(violation, circumstances, discretion)
    lists = discretion.lists
    return statute if entry is None or lists is None else _with_list(statute, entry, lists)


def by_statute(circumstances: frozenset[str], duty: Param[str], strict_liability: str | None = None) -> Judgement:
    """What 行政处罚法 art. 32 and 33 say of the circumstances, with their different force (PL-33, PL-32)."""
    without_fault = NO_FAULT in circumstances
    if without_fault and strict_liability is None:
        return _statutory("no_fault", "must", {"no_fault"}, "当事人证明没有主观过错（第三十三条第二款）")
    if circumstances >= EXEMPTING:
        return _statutory("exempt", "must", {"exempt"}, "违法行为轻微并及时改正，没有造成危害后果（第三十三条第一款）")
    judgement = _degree(circumstances, duty)
    if without_fault:
        text = f"虽无主观过错，但{strict_liability}另有规定，不适用第三十三条第二款"
        return _also(judgement, Reason("PL-33", text))
    return judgement


def _degree(circumstances: frozenset[str], duty: Param[str]) -> Judgement:
    """Lighter, ordinary or heavier within the benchmark (PL-32, DT-06)."""
    lightening = [code for code in LIGHTENING if code in circumstances]
    softer: set[Outcome] = {"mitigated", "lighter"}
    if circumstances >= WAIVABLE:
        instead: set[Outcome] = softer if lightening else {"lighter", "ordinary"}
        permitted: set[Outcome] = {"waived", *instead}
        first = _statutory("waived", "may", permitted, "初次违法且危害后果轻微并及时改正（第三十三条第一款）")
        return _also(first, *_lightening_reasons(lightening))
    if lightening:
        outcome: Outcome = "mitigated" if len(lightening) >= SEVERAL_LIGHTENING else "lighter"
        return Judgement(outcome, "must", frozenset(softer), None, _lightening_reasons(lightening))
    if circumstances & AGGRAVATING:
        why = "责令改正后拒不改正" if REFUSED in circumstances else "同类违法行为经处理后再次实施"
        return Judgement("heavier", "none", frozenset({"ordinary", "heavier"}), None, (Reason(duty.clause, why),))
    return Judgement(
        "ordinary", "none", frozenset({"ordinary"}), None, (Reason(duty.clause, "无从轻、减轻或者从重情节"),)
    )


def _lightening_reasons(codes: Collection[str]) -> tuple[Reason, ...]:
    names = {
        "harm_removed": "主动消除或者减轻危害后果",
        "coerced": "受他人胁迫或者诱骗",
        "confessed": "主动供述行政机关尚未掌握的违法行为",
        "merit": "配合查处有立功表现",
    }
    return tuple(Reason("PL-32", f"{names[code]}，应当从轻或者减轻（第三十二条{LIGHTENING[code]}）") for code in codes)


def matching_entry(violation: str, circumstances: Collection[str], discretion: DiscretionSection) -> ListEntry | None:
    """The list entry that fits, by the documented precedence of the lists, then by code (YZ-12, QZ-26)."""
    entries = discretion.lists.value if discretion.lists else ()
    order = discretion.list_precedence.value if discretion.list_precedence else ()
    fitting = [
        entry
        for entry in entries
        if entry.list in order and entry.violation == violation and set(entry.circumstances) <= set(circumstances)
    ]
    return min(fitting, key=lambda entry: (order.index(entry.list), entry.code), default=None)


def no_coercion_entry(
    violation: str, circumstances: Collection[str], discretion: DiscretionSection
) -> ListEntry | None:
    """The entry of the no-coercion list that fits (CX-10)."""
    entries = discretion.lists.value if discretion.lists else ()
    return next(
        (
            entry
            for entry in entries
            if entry.list == "no_coercion"
            and entry.violation == violation
            and set(entry.circumstances) <= set(circumstances)
        ),
        None,
    )


def _with_list(statute: Judgement, entry: ListEntry, lists: Param[tuple[ListEntry, ...]]) -> Judgement:
    """What a list entry makes of the statute's judgement (YZ-12)."""
    listed = OUTCOMES[entry.list]
    if _harsher(listed, statute):
        return statute
    reason = Reason(lists.clause, f"符合清单条目{entry.code}：{entry.condition}（{entry.basis}）")
    kindest: Outcome = min(statute.outcome, listed, key=KINDEST_FIRST.index)
    force: Force = statute.force if kindest == statute.outcome else _force_of(entry)
    return Judgement(kindest, force, statute.permitted | {listed}, entry, (reason, *statute.reasons))


def _harsher(listed: Outcome, statute: Judgement) -> bool:
    """A list may never be harsher than all that the statute leaves open."""
    worst = max(KINDEST_FIRST.index(outcome) for outcome in statute.permitted)
    return KINDEST_FIRST.index(listed) > worst


def _force_of(entry: ListEntry) -> Force:
    return "may" if entry.list == "may_waive" else "none" if entry.list == "heavier" else "must"


def _statutory(outcome: Outcome, force: Force, permitted: Collection[Outcome], text: str) -> Judgement:
    return Judgement(outcome, force, frozenset(permitted), None, (Reason("PL-33", text),))


def _also(judgement: Judgement, *reasons: Reason) -> Judgement:
    return Judgement(
        judgement.outcome, judgement.force, judgement.permitted, judgement.entry, (*judgement.reasons, *reasons)
    )


def departs(judgement: Judgement, decided: Outcome) -> bool:
    """A decision departs when an entry fits and the decision is neither its outcome nor the proposed one (YZ-12)."""
    if judgement.entry is None or decided in ALWAYS_OPEN:
        return False
    return decided not in (judgement.outcome, OUTCOMES[judgement.entry.list])
