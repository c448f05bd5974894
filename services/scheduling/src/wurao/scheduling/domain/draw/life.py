"""The life of a draw: frozen, then drawing once its seed is fixed, then held; void if given up before (YZ-02)."""

from collections.abc import Iterable
from datetime import date
from hmac import compare_digest

from wurao.common.errors import Conflict, Malformed
from wurao.scheduling.domain.draw.seeds import commitment

FROZEN, DRAWING, HELD, VOID = "frozen", "drawing", "held", "void"
_OVER = {DRAWING: "种子已经确定，正在抽取", HELD: "抽取已经结束", VOID: "抽取已经作废"}


def require_open(state: str) -> None:
    """Raises Conflict when the draw's seed is fixed or the draw is over."""
    if state != FROZEN:
        raise Conflict(_OVER[state], code=f"draw.{state}")


def require_held(state: str) -> None:
    """Raises Conflict unless the draw was held."""
    if state != HELD:
        raise Conflict("抽取尚未完成" if state != VOID else _OVER[VOID], code="draw.not_held")


def require_commitment(new: str, known: Iterable[str], *, revealed: bool) -> None:
    """Raises Conflict for a copied commitment, or one that comes after a secret is out."""
    if revealed:
        raise Conflict("已有一方公开随机数，不能再提交承诺", code="draw.commitments_closed")
    if new in known:
        raise Conflict("承诺与其他方相同，请另选随机数", code="draw.commitment_copied")


def require_secret(secret: str, committed: str, roles: Iterable[str]) -> None:
    """Raises Conflict before the supervisor has committed, Malformed when the secret is another one."""
    if "supervisor" not in roles:
        raise Conflict("监督机构尚未提交承诺，不能公开随机数", code="draw.supervisor_missing")
    if not compare_digest(commitment(secret), committed):
        raise Malformed("随机数与承诺不符", code="draw.secret_mismatch")


def outside_value(source: str | None, on: date | None, value: str | None, role: str, today: date) -> str | None:
    """The outside randomness that comes with a secret: from the supervisor, once the day named has come.

    Raises Malformed for a value that was not announced or is missing, Conflict for one that comes too early.
    """
    if source is None or on is None or role != "supervisor":
        if value is not None:
            raise Malformed("冻结时没有约定外部随机数，或者应由监督机构提供", code="draw.outside_unannounced")
        return None
    if value is None:
        raise Malformed(f"冻结时约定了外部随机数（{source}），请一并提供其数值", code="draw.outside_missing")
    if today < on:
        raise Conflict(f"约定的外部随机数{on}才产生", code="draw.outside_early")
    return value
