"""The columns of the plan table, and how its rows become plans (LX-02, CX-05, CX-18)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from wurao.scheduling.domain.plans import KINDS

TITLE, KIND, AGENCY, ITEM = "计划名称", "计划类型", "检查单位编码", "事项编码"
FIRST, LAST = "计划开始日期", "计划结束日期"
CONTENTS: Mapping[str, str] = {
    "basis": "检查依据",
    "content": "检查内容",
    "targets": "检查对象",
    "frequency": "检查频次",
    "method": "检查方式",
    "time": "检查时间",
}
# What the table tells beside; an import follows the register instead.
TOLD = ("检查单位", "检查事项", "事项法律依据", "是否双随机", "是否联合检查", "参与单位", "状态", "报备日期")
REQUIRED = (TITLE, KIND, AGENCY, FIRST, LAST, ITEM)
KNOWN = frozenset((*REQUIRED, *CONTENTS.values(), *TOLD))
# What a body calls a field, by its heading.
HEADINGS: Mapping[str, str] = {
    "title": TITLE,
    "kind": KIND,
    "agency_id": AGENCY,
    "period_from": FIRST,
    "period_to": LAST,
    "item_ids": ITEM,
    **CONTENTS,
}
_KIND_CODES = {name: code for code, name in KINDS.items()} | {
    "年度": "annual",
    "季度": "quarterly",
    "联合": "joint",
    "专项": "campaign",
}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a cell."""

    row: int
    heading: str
    code: str
    message: str


@dataclass(slots=True)
class PlanRows:
    """A plan that rows of one agency and title describe; `item_rows` tells where each item stands."""

    row: int
    values: dict[str, Any]
    item_rows: dict[str, int] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The plan as a request would send it."""
        return {**self.values, "item_ids": list(self.item_rows)}


def gathered(rows: Sequence[tuple[int, Mapping[str, Any]]]) -> tuple[list[PlanRows], list[Fault]]:
    """The plans that rows describe, and every fault in them: a plan's rows agree, and name each item once."""
    plans: dict[tuple[str, str], PlanRows] = {}
    faults: list[Fault] = []
    for number, row in rows:
        missing = [name for name in REQUIRED if row.get(name) is None]
        faults += [Fault(number, name, "missing", f"缺少{name}") for name in missing]
        values, wrong = _values(number, row)
        faults += wrong
        if missing or wrong:
            continue
        item_id = str(row[ITEM])
        plan = plans.setdefault((values["agency_id"], values["title"]), PlanRows(number, values))
        faults += [
            Fault(number, HEADINGS[name], "disagrees", f"与第{plan.row}行同一计划的{HEADINGS[name]}不一致")
            for name, value in values.items()
            if value != plan.values[name]
        ]
        if item_id in plan.item_rows:
            message = f"检查事项{item_id}已在第{plan.item_rows[item_id]}行列出"
            faults.append(Fault(number, ITEM, "duplicate", message))
        plan.item_rows.setdefault(item_id, number)
    return list(plans.values()), faults


def _values(number: int, row: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    faults: list[Fault] = []
    kind = _KIND_CODES.get(str(row.get(KIND)))
    if row.get(KIND) is not None and kind is None:
        message = f"计划类型应为{'、'.join(KINDS.values())}之一"
        faults.append(Fault(number, KIND, "unknown_kind", message))
    days: dict[str, date | None] = {}
    for heading in (FIRST, LAST):
        days[heading] = day_of(row.get(heading))
        if row.get(heading) is not None and days[heading] is None:
            faults.append(Fault(number, heading, "bad_date", "应为日期，例如2026-01-31"))
    first, last = days[FIRST], days[LAST]
    if first and last and last < first:
        faults.append(Fault(number, LAST, "ends_before_it_begins", "计划结束日期早于开始日期"))
    values = {
        "agency_id": _text(row.get(AGENCY)),
        "title": _text(row.get(TITLE)),
        "kind": kind,
        "period_from": first,
        "period_to": last,
        **{name: _text(row.get(heading)) for name, heading in CONTENTS.items()},
    }
    return values, faults


def _text(value: Any) -> str | None:
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None else str(value)


def day_of(value: Any) -> date | None:
    """A date, or a text that writes one; None for anything else."""
    if isinstance(value, date):
        return value
    match = _DAY.fullmatch(str(value).strip()) if isinstance(value, str) else None
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
