"""The course of an off-site check: a risk is told first, nobody comes unless it stays unanswered (LX-09, CX-11)."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256

from wurao.common.clock import legal_date
from wurao.common.contracts.shared import JsonObject, Refusal, Way
from wurao.common.errors import Conflict
from wurao.common.legalclock import DueDate, Period, due_date
from wurao.common.workdays import WorkCalendar
from wurao.scheduling.domain.policy import Policy, refusal

OPEN, REMINDED, ANSWERED, CONCLUDED, FOLLOWED_UP = "open", "reminded", "answered", "concluded", "followed_up"
OVER = (CONCLUDED, FOLLOWED_UP)
VIOLATION = "violation"


def require_under_way(state: str) -> None:
    """Raises Conflict when the check is over."""
    if state in OVER:
        raise Conflict("非现场检查已经结束", code="off_site.over")


def require_state(state: str, *allowed: str) -> None:
    """Raises Conflict unless the check stands where a step may follow."""
    require_under_way(state)
    if state not in allowed:
        raise Conflict("非现场检查不在可以办理这一步的状态", code="off_site.wrong_state")


def due(reminded_at: datetime, policy: Policy, calendar: WorkCalendar) -> DueDate:
    """Until when the enterprise may answer a reminder. Raises CalendarUnknown."""
    days = policy.off_site.reminder_working_days
    return due_date(reminded_at, Period(days.value, "working", days.cite), calendar)


def result_objections(wanted: Collection[str], given: Iterable[str]) -> None:
    """Raises Conflict unless there is a result for each item, and for no other."""
    if sorted(wanted) != sorted(given):
        raise Conflict("应当逐项填写本任务各事项的结果", code="off_site.results_incomplete")


def finding_objections(violated: Collection[str], found: Collection[str]) -> None:
    """Raises Conflict unless each item with a violation has a finding, and no other has.

    Facts are made clear before anything rests on them (行政处罚法 第四十条).
    """
    if unnamed := sorted(set(violated) - set(found)):
        message = f"结果为违法但未载明违法行为：{'、'.join(unnamed)}"
        raise Conflict(message, code="off_site.violation_unnamed")
    if stray := sorted(set(found) - set(violated)):
        message = f"载明了违法行为但结果不是违法：{'、'.join(stray)}"
        raise Conflict(message, code="off_site.finding_without_violation")


def digest(task_id: str, source: str, results: Sequence[JsonObject], findings: Sequence[JsonObject]) -> str:
    """SHA-256 in hex over what was concluded, as JSON with sorted keys and without blanks."""
    content = {"task_id": task_id, "source": source, "results": list(results), "findings": list(findings)}
    return sha256(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def conclusion_objections(
    state: str, due_at: datetime | None, results: Iterable[str], now: datetime, policy: Policy
) -> Iterator[Refusal]:
    """A risk is written down as a violation only after a reminder, and not while an answer may arrive (CX-11)."""
    rule = policy.off_site.reminder_first
    if not rule.value or VIOLATION not in results:
        return
    if state == OPEN:
        message = "非现场发现风险的，应当先行提醒企业，不直接认定"
        yield refusal("off_site.reminder_first", rule, message, ["先发出风险提醒"])
    elif state == REMINDED and due_at is not None and now <= due_at:
        message = "企业答复期限未满，不得认定违法"
        ways = [Way(kind="wait", day=legal_date(due_at))]
        yield refusal("off_site.answer_awaited", rule, message, ["等待企业答复或者期限届满"], ways)


def follow_up_objections(
    state: str, due_at: datetime | None, reason: str | None, now: datetime, policy: Policy
) -> Iterator[Refusal]:
    """Nobody comes while an answer may still arrive, or after one that nobody found wanting (LX-09, CX-11)."""
    rule = policy.off_site.reminder_first if policy.off_site.reminder_first.value else policy.off_site.first
    if state == OPEN and policy.off_site.reminder_first.value:
        yield refusal("off_site.reminder_first", rule, "应当先行提醒企业，逾期未答复方可入企", ["先发出风险提醒"])
    elif state == REMINDED and due_at is not None and now <= due_at:
        message = "企业答复期限未满，不得转为现场检查"
        ways = [Way(kind="wait", day=legal_date(due_at))]
        yield refusal("off_site.answer_awaited", rule, message, ["等待企业答复或者期限届满"], ways)
    elif state == ANSWERED and not (reason or "").strip():
        message = "企业已经答复，转为现场检查须说明答复为何不能消除风险"
        yield refusal("off_site.answer_stands", rule, message, ["采信答复，办结非现场检查", "说明理由"])


def share_permille(off_site: int, on_site: int) -> int:
    """The share of off-site checks among all that were carried out, in permille; 0 without any."""
    return off_site * 1000 // (off_site + on_site) if off_site + on_site else 0
