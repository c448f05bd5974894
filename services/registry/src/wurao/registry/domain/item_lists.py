"""An agency's item list: submitted → reviewed → published → replaced; a published one never changes (YZ-03, QZ-03).

| state | may become |
| --- | --- |
| reviewing | passed, returned, withdrawn |
| passed | published, withdrawn |
| published | replaced, by the agency's next list |
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal

from wurao.common.errors import Conflict, Refused
from wurao.common.packs import Bases
from wurao.registry.domain.officers import CERTIFIED
from wurao.registry.domain.policy import refusal

REVIEWING, PASSED, RETURNED, WITHDRAWN = "reviewing", "passed", "returned", "withdrawn"
PUBLISHED, REPLACED = "published", "replaced"
OPEN = (REVIEWING, PASSED)

_STEPS: Mapping[str, frozenset[str]] = {
    REVIEWING: frozenset({PASSED, RETURNED, WITHDRAWN}),
    PASSED: frozenset({PUBLISHED, WITHDRAWN}),
    PUBLISHED: frozenset({REPLACED}),
}
_LABELS: Mapping[str, str] = {
    REVIEWING: "法制审核中",
    PASSED: "审核通过",
    RETURNED: "审核退回",
    WITHDRAWN: "已撤回",
    PUBLISHED: "已公布",
    REPLACED: "已被新清单替代",
}

Change = Literal["new", "changed", "unchanged"]
Content = Mapping[str, Any]


class WrongState(Conflict):
    """A list takes only the steps of the table above."""

    code = "item_list.wrong_state"


def step(state: str, to: str, bases: Bases) -> str:
    """The state after a step. Raises WrongState."""
    if to not in _STEPS.get(state, frozenset()):
        message = f"事项清单{_LABELS[state]}，不能改为“{_LABELS[to]}”"
        raise WrongState(message, clause=bases.item_listed.clause)
    return to


def require_year(year: int, today: date, bases: Bases) -> None:
    """A list is drawn up for this year or the next. Raises Conflict."""
    if not today.year <= year <= today.year + 1:
        message = f"只能编制{today.year}年或者{today.year + 1}年的事项清单"
        raise Conflict(message, code="item_list.bad_year", clause=bases.item_listed.clause)


def require_news(digest: str, in_force: str | None, bases: Bases) -> None:
    """A new list differs from the one in force. Raises Conflict."""
    if digest == in_force:
        message = "与现行事项清单完全相同，无需再次公布"
        raise Conflict(message, code="item_list.unchanged", clause=bases.item_listed.clause)


def require_another(submitted_by: str, reviewer: str, bases: Bases) -> None:
    """Nobody reviews a list of their own. Raises Refused."""
    if submitted_by == reviewer:
        message = "提交清单的人员不得审核该清单"
        raise Refused([refusal("item_list.own_review", bases.item_listed, message, "由其他法制审核人员审核")])


def require_reviewer(standing: str, *, reviews: bool, qualified: bool, bases: Bases) -> None:
    """An officer who reviews holds a certificate, a reviewer's post and the legal qualification. Raises Refused."""
    if standing != CERTIFIED or not reviews or not qualified:
        message = "审核人员须为取得法律职业资格的法制审核人员"
        raise Refused([refusal("item_list.no_reviewer", bases.item_listed, message, "交由合格的法制审核人员审核")])


def digest(contents: Iterable[Content]) -> str:
    """SHA-256 (hex) over the items in the order of their ids, one line of canonical JSON each (sorted keys, UTF-8)."""
    found = hashlib.sha256()
    for content in sorted(contents, key=lambda content: str(content["item_id"])):
        line = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        found.update(line.encode() + b"\n")
    return found.hexdigest()


def change_of(content: Content, last: Content | None) -> Change:
    """What a list does to an item, against its last edition."""
    if last is None:
        return "new"
    return "unchanged" if content == last else "changed"
