"""Which enterprises may be one and the same, and why it looks so. A person decides; nothing merges by itself."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from wurao.common.errors import Conflict
from wurao.registry.domain.search import LEGAL_FORM, name_key

Ground = Literal["same_organisation_code", "same_former_code", "same_name", "same_address"]

REASONS: Mapping[Ground, str] = {
    "same_organisation_code": "两个统一社会信用代码的组织机构代码段相同（{shared}），可能是登记机关变更后换码",
    "same_former_code": "登记有同一旧号（{shared}）",
    "same_name": "同一县（市、区）内名称相同（{shared}）",
    "same_address": "住所相同（{shared}），名称相近",
}

SIMILAR = 0.6
"""From this similarity on, names at one address count as similar."""
CROWD = 30
"""More enterprises than this share an address in a market or an office tower: it says nothing about them."""

State = Literal["open", "dismissed", "merged", "undone"]


@dataclass(frozen=True, slots=True)
class Member:
    """An enterprise as duplicates are compared by it."""

    enterprise_id: str
    name: str
    kind: str


Pair = tuple[str, str]
Group = tuple[Ground, str, Sequence[Member]]


def organisation_code(enterprise_id: str) -> str:
    """The nine characters of a credit code that name the organisation, whoever registers it (GB 32100 and 11714)."""
    return enterprise_id[8:17]


def pairs(groups: Iterable[Group]) -> dict[Pair, dict[Ground, str]]:
    """Pairs of enterprises that may be the same, smaller id first, with the ground and what they share."""
    found: dict[Pair, dict[Ground, str]] = {}
    for ground, shared, members in groups:
        for first, second in _alike(ground, members):
            pair = (min(first, second), max(first, second))
            found.setdefault(pair, {}).setdefault(ground, shared)
    return found


def _alike(ground: Ground, members: Sequence[Member]) -> Iterator[Pair]:
    if len(members) > CROWD:
        return
    for one, other in combinations(members, 2):
        if ground == "same_address" and similarity(one.name, other.name) < SIMILAR:
            continue
        if one.enterprise_id != other.enterprise_id:
            yield one.enterprise_id, other.enterprise_id


def reasons(grounds: Mapping[Ground, str]) -> list[str]:
    """The grounds as sentences for the person who decides."""
    return [REASONS[ground].format(shared=shared) for ground, shared in grounds.items()]


def similarity(one: str, other: str) -> float:
    """How much two names share, 0 to 1: twice the common pairs of characters over all pairs (Dice)."""
    first, second = _pairs_of(one), _pairs_of(other)
    if not first or not second:
        return float(one == other)
    return 2 * len(first & second) / (len(first) + len(second))


def _pairs_of(name: str) -> set[str]:
    key = name_key(name).removesuffix(LEGAL_FORM)
    return {key[at : at + 2] for at in range(len(key) - 1)}


def require_open(state: str) -> None:
    """Raises Conflict unless a proposal still waits for its decision."""
    if state != "open":
        raise Conflict("该疑似重复已经处理", code="duplicate.decided")


def require_mergeable(merged_id: str, survivor_id: str, merged_already: str | None, survivor_gone: str | None) -> None:
    """An enterprise is merged once, and into one that has its own record. Raises Conflict."""
    if merged_id == survivor_id:
        raise Conflict("不能并入自己", code="merge.itself")
    if merged_already is not None:
        raise Conflict(f"该档案已并入 {merged_already}，不可重复并档", code="merge.already")
    if survivor_gone is not None:
        raise Conflict(
            f"接收方的档案已并入 {survivor_gone}", code="merge.survivor_gone", alternatives=[f"并入 {survivor_gone}"]
        )


def require_one_adjustment(shared: Collection[str]) -> None:
    """Which of two open adjustments binds the survivor is for a person to say. Raises Conflict."""
    if shared:
        message = "双方各有一项同类调整尚未终止，并档前须先了结其中一项"
        raise Conflict(message, code="merge.adjustments", alternatives=["解除其中一项调整后并档"])


def require_undoable(undone: bool, survivor_gone: str | None) -> None:
    """A merge is undone once, and the later merge of the survivor before the earlier one. Raises Conflict."""
    if undone:
        raise Conflict("这次并档已经撤销", code="merge.undone")
    if survivor_gone is not None:
        raise Conflict(
            f"接收方其后又并入 {survivor_gone}", code="merge.later_first", alternatives=["先撤销其后的一次并档"]
        )
