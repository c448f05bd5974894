"""Accountability of officers: suspension, revocation, lost cases traced back (DT-18)."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Literal

from wurao.common.errors import Conflict, Malformed
from wurao.supervision.domain.policy import SanctionSection

Sanction = Literal["suspend", "revoke"]
LostKind = Literal["reconsideration", "lawsuit"]


def require_in_post(state: str) -> None:
    """An officer who left for good has no certificate to take (DT-18). Raises Conflict."""
    if state == "exited":
        raise Conflict("该人员已退出执法队伍，执法证件已收回", code="sanction.exited", clause="DT-18")


def until(sanction: Sanction, asked: date | None, today: date, section: SanctionSection) -> date | None:
    """The last day of a suspension: as decided, else as the pack says, else open until lifted (DT-18).

    Raises Malformed for a day that is not ahead, or for a revocation with an end.
    """
    if sanction == "revoke":
        if asked is not None:
            raise _bad_until("吊销执法证件没有期限")
        return None
    if asked is not None:
        if asked <= today:
            raise _bad_until("暂扣期限应晚于今日")
        return asked
    days = section.officer_suspension_days.value
    return None if days is None else today + timedelta(days=days)


def require_concluded(state: str) -> None:
    """A trace-back is concluded once. Raises Conflict."""
    if state != "open":
        raise Conflict("该责任倒查已有结论", code="trace_back.concluded", clause="DT-18")


def require_named(liable: Collection[str], officers: Collection[str]) -> None:
    """Where the lost case names its officers, only they can be found liable for it (DT-18). Raises Conflict."""
    if officers and set(liable) - set(officers):
        raise Conflict("责任人员应为该案办案人员", code="trace_back.not_named", clause="DT-18")


def _bad_until(message: str) -> Malformed:
    field = {"field": "body.until", "code": "sanction.bad_until", "message": message}
    return Malformed(message, code="sanction.bad_until", clause="DT-18", fields=[field])
