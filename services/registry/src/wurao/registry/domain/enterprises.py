"""The life of an enterprise: registered, suspended, resumed, deregistered; and what it was on a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from wurao.common.contracts.shared import JsonObject
from wurao.common.errors import Conflict

Kind = Literal["company", "branch", "individual", "cooperative"]
Size = Literal["micro", "small", "medium", "large"]
Status = Literal["registered", "suspended", "deregistered"]
Tag = Literal[
    "special_industry",
    "key_area",
    "white_list",
    "key_pollutant",
    "hazardous_chemicals",
    "special_equipment",
    "food_production",
    "fire_key_unit",
    "high_tech",
    "newly_founded",
]
Verb = Literal[
    "registered",
    "changed",
    "renamed",
    "moved",
    "suspended",
    "resumed",
    "deregistered",
    "premises_added",
    "premises_closed",
    "merged",
    "took_over",
    "unmerged",
    "gave_back",
]

KINDS: Mapping[Kind, str] = {
    "company": "公司",
    "branch": "分支机构",
    "individual": "个体工商户",
    "cooperative": "农民专业合作社",
}
SIZES: Mapping[Size, str] = {"micro": "微型", "small": "小型", "medium": "中型", "large": "大型"}
STATUSES: Mapping[Status, str] = {"registered": "在营", "suspended": "歇业", "deregistered": "注销"}
TAGS: Mapping[Tag, str] = {
    "special_industry": "特殊行业",
    "key_area": "重点领域",
    "white_list": "无事不扰白名单",
    "key_pollutant": "重点排污单位",
    "hazardous_chemicals": "危险化学品单位",
    "special_equipment": "特种设备使用单位",
    "food_production": "食品生产单位",
    "fire_key_unit": "消防安全重点单位",
    "high_tech": "高新技术企业",
    "newly_founded": "新设立经营主体",
}
VERBS: Mapping[Verb, str] = {
    "registered": "设立登记",
    "changed": "变更登记",
    "renamed": "名称变更",
    "moved": "迁移",
    "suspended": "歇业",
    "resumed": "恢复营业",
    "deregistered": "注销",
    "premises_added": "增加经营场所",
    "premises_closed": "关闭经营场所",
    "merged": "并入另一档案",
    "took_over": "并入重复档案",
    "unmerged": "撤销并档，恢复独立档案",
    "gave_back": "撤销并档，退还档案",
}

_STEPS: Mapping[Verb, tuple[frozenset[Status], Status, str]] = {
    "suspended": (frozenset({"registered"}), "suspended", "只有在营的经营主体可以歇业"),
    "resumed": (frozenset({"suspended"}), "registered", "只有歇业的经营主体可以恢复营业"),
    "deregistered": (frozenset({"registered", "suspended"}), "deregistered", "该经营主体已经注销，注销不可重复"),
}


def step(status: str, verb: Verb) -> Status:
    """The status behind a step of life. Raises Conflict where the present status does not allow it."""
    allowed, following, message = _STEPS[verb]
    if status not in allowed:
        raise Conflict(message, code=f"enterprise.not_{verb}")
    return following


def require_unmerged(merged_into: str | None) -> None:
    """Raises Conflict for an enterprise whose record was merged into another's."""
    if merged_into is not None:
        raise Conflict("该档案已并入另一经营主体", code="enterprise.merged", alternatives=[f"在 {merged_into} 办理"])


def require_living(status: str, merged_into: str | None) -> None:
    """Raises Conflict for an enterprise whose record is closed: deregistered, or merged into another's."""
    require_unmerged(merged_into)
    if status == "deregistered":
        raise Conflict("该经营主体已经注销，档案不再变更", code="enterprise.deregistered")


def require_order(effective_on: date, last: date | None, today: date) -> None:
    """Changes are entered in the order of their days, none ahead of its day. Raises Conflict."""
    if effective_on > today:
        raise Conflict("生效日期不得晚于今天", code="enterprise.future")
    if last is not None and effective_on < last:
        raise Conflict(f"生效日期不得早于上一次变更（{last.isoformat()}）", code="enterprise.out_of_order")


def require_parent(kind: str, parent_id: str | None, enterprise_id: str) -> None:
    """A branch names the enterprise that it belongs to, nobody else does. Raises Conflict."""
    if kind == "branch" and parent_id is None:
        raise Conflict("分支机构应填写隶属企业的统一社会信用代码", code="enterprise.parent_missing")
    if kind != "branch" and parent_id is not None:
        raise Conflict("只有分支机构有隶属企业", code="enterprise.parent_of_no_branch")
    if parent_id == enterprise_id:
        raise Conflict("隶属企业不能是分支机构自己", code="enterprise.own_parent")


def verb_of(changed: Iterable[str]) -> Verb:
    """What a change of these particulars is called; a move weighs more than a new name."""
    names = set(changed)
    if "area" in names:
        return "moved"
    return "renamed" if "name" in names else "changed"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[JsonObject, JsonObject]:
    """The particulars that differ, as they were and as they are, ready for JSON."""
    names = [name for name, value in after.items() if before[name] != value]
    return {name: _plain(before[name]) for name in names}, {name: _plain(after[name]) for name in names}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class Past:
    """A change as history needs it."""

    effective_on: date
    deed_id: str
    before: JsonObject


def as_of(now: Mapping[str, Any], deeds: Iterable[Past], on: date) -> dict[str, Any]:
    """The particulars at the end of a day: the present ones with all later changes taken back, newest first."""
    then = dict(now)
    for deed in sorted(deeds, key=lambda deed: (deed.effective_on, deed.deed_id), reverse=True):
        if deed.effective_on > on:
            then |= {name: value for name, value in deed.before.items() if name in then}
    return then
