"""A merged visit in Chinese sentences: why together, who leads, one form, who goes, limits (QZ-06, QZ-07)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wurao.common.contracts.shared import Question, VisitItem
from wurao.common.packs import Param
from wurao.scheduling.domain.checkonce.apart import Share
from wurao.scheduling.domain.gate.question import chinese
from wurao.scheduling.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of the pack and how much of it a visit uses."""

    name: str
    used: int
    limit: int
    clause: str
    cite: str
    kept: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class AskedOnce:
    """A question that several items share."""

    question_id: str
    text: str
    item_ids: tuple[str, ...]
    sentence: str


def together(shares: Sequence[Share], day: date) -> list[str]:
    """Why these tasks are in one visit."""
    if len(shares) == 1:
        share = shares[0]
        return [f"{share.agency_name}的检查任务单独成为一次检查，检查日{chinese(day)}在任务时限内"]
    first, last = max(share.first for share in shares), min(share.last for share in shares)
    names = "、".join(dict.fromkeys(share.agency_name for share in shares))
    days = chinese(first) if first == last else f"{chinese(first)}至{chinese(last)}"
    found = [
        f"{names}的{len(shares)}项任务检查同一企业，时限都包含{days}，合并在{chinese(day)}一次完成",
        f"分别检查需要入企{len(shares)}次，合并后1次，减少{len(shares) - 1}次",
    ]
    if len({share.agency_id for share in shares}) == 1:
        found.append("各项任务属于同一机关，合并检查无需征求意见")
    if len({share.drawn for share in shares}) > 1:
        found.append("双随机抽查任务与非双随机任务合并进行")
    return found


def lead(lead_id: str, names: Mapping[str, str], items: Iterable[VisitItem], present: Mapping[str, int]) -> str:
    """Which agency leads, and why."""
    counted: dict[str, int] = {}
    for item in items:
        counted[item.agency_id] = counted.get(item.agency_id, 0) + 1
    own = counted.get(lead_id, 0)
    name = names.get(lead_id, lead_id)
    if len(counted) == 1:
        return f"{name}牵头：只有该机关参加"
    more = [agency_id for agency_id, n in counted.items() if n > own]
    equal = [agency_id for agency_id, n in counted.items() if n == own and agency_id != lead_id]
    why = f"检查事项{own}项"
    if more:
        why += "，事项更多的机关派出的执法人员不足法定人数"
    elif equal:
        why += "，与其他机关相同，依机关编码顺序确定" if any(present.get(a) for a in equal) else "，为最多"
    else:
        why += "，为各参加机关中最多"
    return f"{name}牵头：{why}"


def headcount(names: Mapping[str, str], present: Mapping[str, int], agencies: Iterable[str]) -> list[str]:
    """How many officers each agency sends."""
    return [
        f"{names.get(agency_id, agency_id)}派出{present[agency_id]}人"
        if present.get(agency_id)
        else f"{names.get(agency_id, agency_id)}不派人，委托牵头机关检查"
        for agency_id in agencies
    ]


def delegated(items: Iterable[VisitItem], names: Mapping[str, str], lead_id: str) -> list[str]:
    """What another agency's officers check for an agency; it stays the agency's item (QZ-07)."""
    leading = names.get(lead_id, lead_id)
    return [
        f"“{item.name}”由{leading}代为检查，检查结果记在{names.get(item.agency_id, item.agency_id)}名下"
        for item in items
        if item.delegated
    ]


def asked_once(questions: Iterable[Question], items: Mapping[str, str]) -> list[AskedOnce]:
    """The questions that are asked once and answer several items (一表通查, QZ-07)."""
    return [
        AskedOnce(
            question.question_id,
            question.text,
            question.item_ids,
            f"“{question.text}”只问一次，同时用于{'、'.join(items.get(i, i) for i in question.item_ids)}",
        )
        for question in questions
        if len(question.item_ids) > 1
    ]


def limits(agencies: int, minutes: int, officers: int, policy: Policy) -> list[Limit]:
    """The pack's limits and what the visit uses of them (QZ-06)."""
    merge = policy.merge
    return [
        _limit("agencies", "参加机关", agencies, "个", merge.max_agencies),
        _limit("minutes", "检查时间", minutes, "分钟", merge.max_minutes),
        _limit("officers", "检查人员", officers, "人", merge.max_officers),
    ]


def _limit(name: str, label: str, used: int, unit: str, rule: Param[Any]) -> Limit:
    kept = used <= rule.value
    verdict = "未超过" if kept else "超过"
    sentence = f"{label}{used}{unit}，{verdict}上限{rule.value}{unit}"
    return Limit(name, used, rule.value, rule.clause, rule.cite, kept, sentence)


def answer(name: str, state: str, reason: str) -> str:
    """What became of a department's consent (YZ-04)."""
    told = {
        "open": "正在征求意见",
        "consented": "同意合并检查",
        "objected": f"不同意合并检查：{reason}",
        "silent": "期限届满未答复，视为同意合并检查",
        "void": "检查已调整，原征求意见不再有效",
    }
    return f"{name}{told[state]}"
