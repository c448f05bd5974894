"""How a visit may change once it stands: what is asked for, when at once, who approves it (LX-01, QZ-09)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from wurao.common.clock import SHANGHAI, legal_date
from wurao.common.contracts.shared import JsonObject, Refusal
from wurao.common.errors import Conflict
from wurao.common.packs import Bases
from wurao.scheduling.domain.policy import Policy, refusal
from wurao.scheduling.domain.visits import PROPOSED

AWAITING, APPLIED, REFUSED, WITHDRAWN, OVERTAKEN = "awaiting", "applied", "refused", "withdrawn", "overtaken"

ChangeKind = Literal["reschedule", "officers", "prolong", "cancel"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of a visit, and why: another day, other officers, more time, or an end of it."""

    kind: ChangeKind
    reason: str
    day: date | None = None
    remove: tuple[str, ...] = ()
    add: tuple[str, ...] = ()
    minutes: int | None = None
    until: datetime | None = None

    def document(self) -> JsonObject:
        """The wish as it is kept until somebody decides."""
        found: JsonObject = {
            "day": self.day.isoformat() if self.day else None,
            "remove": list(self.remove) or None,
            "add": list(self.add) or None,
            "minutes": self.minutes,
            "until": self.until.isoformat() if self.until else None,
        }
        return {name: value for name, value in found.items() if value is not None}


def wish_of(kind: ChangeKind, reason: str, kept: JsonObject) -> Wish:
    """The wish that was kept."""
    return Wish(
        kind=kind,
        reason=reason,
        day=date.fromisoformat(kept["day"]) if "day" in kept else None,
        remove=tuple(kept.get("remove", ())),
        add=tuple(kept.get("add", ())),
        minutes=kept.get("minutes"),
        until=datetime.fromisoformat(kept["until"]) if "until" in kept else None,
    )


def at_once(kind: str, state: str, accounts: Collection[str], concerned: Collection[str], *, head: bool) -> bool:
    """Tell whether a change needs no further approval.

    A proposed visit is still to be approved as it will be. A head who neither made nor approved a visit is the
    second person already when he cancels it.
    """
    return state == PROPOSED or (kind == "cancel" and head and not set(accounts) & set(concerned))


def self_approval(basis: Bases) -> Refusal:
    """Nobody approves the change that he proposed (LX-01)."""
    return refusal("visit.change_self_approval", basis.own_approval, "不得批准自己提出的变更", ["由另一负责人批准"])


def objected(name: str, reason: str) -> str:
    """Why a move was turned down by a department that takes part (YZ-04)."""
    return f"{name}不同意改期：{reason}"


def require_awaiting(state: str) -> None:
    """Raises Conflict unless the change waits for a decision."""
    if state != AWAITING:
        raise Conflict("该变更已经办结", code="visit.change_decided")


def prolonging(wish: Wish, closes: datetime, minutes: int, now: datetime, policy: Policy) -> list[Refusal]:
    """Why a visit cannot last longer: not longer, past its day, or beyond the pack's minutes (QZ-06, QZ-09)."""
    found, basis = [], policy.basis.approved_beforehand
    if wish.until is not None:
        until = wish.until.astimezone(SHANGHAI)
        if until <= max(closes, now):
            message = "延长后的结束时间应晚于现在和原定结束时间"
            found.append(refusal("visit.not_longer", basis, message, ["另定结束时间"]))
        elif legal_date(until - timedelta(microseconds=1)) != legal_date(closes):
            options = ["当日未查完的事项另行立项报批", "改期"]
            found.append(refusal("visit.beyond_the_day", basis, "延长不得超过检查当日24时", options))
    if wish.minutes is not None:
        limit = policy.merge.max_minutes
        if wish.minutes <= minutes:
            message = f"延长后的时长应多于原定的{minutes}分钟"
            found.append(refusal("visit.not_longer", basis, message, ["另定时长"]))
        elif wish.minutes > limit.value:
            options = ["减少检查事项", "另行安排检查"]
            found.append(refusal("visit.too_long", limit, f"一次检查最多{limit.value}分钟", options))
    return found


def differences(old: JsonObject, new: JsonObject) -> tuple[JsonObject, JsonObject]:
    """Only what changed, before and after."""
    changed = [name for name in new if old.get(name) != new[name]]
    return {name: old.get(name) for name in changed}, {name: new[name] for name in changed}
