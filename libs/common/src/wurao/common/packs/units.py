"""Units of parameters: how a value of each is typed, and the Chinese word that is said after a figure."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import StrictBool, StrictStr, TypeAdapter, ValidationError

from wurao.common.packs.shapes import (
    Benchmark,
    Count,
    DisplayTerm,
    FilingThrough,
    GradeMeasure,
    GradeScheme,
    JointTarget,
    ListEntry,
    Material,
    Milestone,
    Permille,
    Reduction,
    SeverityRules,
    Window,
    Words,
    YearDay,
)


@dataclass(frozen=True)
class Unit:
    """A unit: its name in the files, the type of its values, the word after a figure, and whether texts are codes."""

    name: str
    type: Any
    word: str = ""
    coded: bool = False

    def fault(self, value: Any) -> str | None:
        """What is wrong with a value that is not null, in Chinese; None when it is of this unit's type."""
        try:
            TypeAdapter(self.type).validate_json(json.dumps(value), strict=True)
        except ValidationError as error:
            return explain(error)
        return None


# Money is integer fen, shares are permille; a list of days may hold what the law names term by term.
UNITS: dict[str, Unit] = {
    unit.name: unit
    for unit in (
        Unit("agencies", Count, "个主体"),
        Unit("benchmarks", tuple[Benchmark, ...]),
        Unit("calendar days", Count, "日"),
        Unit("campaigns/year", Count, "次/年"),
        Unit("cap", StrictStr, coded=True),
        Unit("categories", Words, coded=True),
        Unit("channels", Words, coded=True),
        Unit("count", Count),
        Unit("day", Count, "日"),
        Unit("day kind", Literal["calendar", "working"], coded=True),
        Unit("day of year", YearDay),
        Unit("day terms", tuple[Count, ...], "日"),
        Unit("days", Count, "日"),
        Unit("display terms", dict[StrictStr, DisplayTerm]),
        Unit("duty", StrictStr),
        Unit("employments", Words, coded=True),
        Unit("fen", Count, "元"),
        Unit("fields", Words, coded=True),
        Unit("filing lines", FilingThrough, coded=True),
        Unit("grades", Words),
        Unit("grounds", Words, coded=True),
        Unit("hours", Count, "小时"),
        Unit("kinds", Words, coded=True),
        Unit("labels", dict[StrictStr, StrictStr]),
        Unit("lead offices", dict[StrictStr, Words], coded=True),
        Unit("levels", Words, coded=True),
        Unit("line", StrictStr, coded=True),
        Unit("lines", Words, coded=True),
        Unit("list entries", tuple[ListEntry, ...]),
        Unit("lists", Words, coded=True),
        Unit("materials", tuple[Material, ...]),
        Unit("measures", dict[StrictStr, GradeMeasure]),
        Unit("measures of guidance", Words, coded=True),
        Unit("milestones", tuple[Milestone, ...]),
        Unit("minutes", Count, "分钟"),
        Unit("month", Count, "月"),
        Unit("months", Count, "个月"),
        Unit("months of year", tuple[Count, ...], "月"),
        Unit("officers", Count, "人"),
        Unit("permille", Permille, "%"),
        Unit("permille/day", Permille, "%/日"),
        Unit("recipients", Words, coded=True),
        Unit("recording", Literal["when_needed", "whole_process"], coded=True),
        Unit("reduction path", Reduction, coded=True),
        Unit("reliefs", Words, coded=True),
        Unit("role", StrictStr, coded=True),
        Unit("roles", Words, coded=True),
        Unit("scheme", GradeScheme),
        Unit("scope", StrictStr, coded=True),
        Unit("severity rules", SeverityRules, coded=True),
        Unit("share target", JointTarget),
        Unit("situations", Words, coded=True),
        Unit("stages", Words, coded=True),
        Unit("steps", Words, coded=True),
        Unit("text", StrictStr),
        Unit("texts", Words),
        Unit("trends", dict[StrictStr, Literal["rising", "falling"]], coded=True),
        Unit("visits", Count, "次"),
        Unit("visits/year", Count, "次/年"),
        Unit("who", StrictStr, coded=True),
        Unit("window", Window, coded=True),
        Unit("working days", Count, "个工作日"),
        Unit("years", Count, "年"),
        Unit("yes/no", StrictBool),
    )
}

_WORDS = {
    "bool_type": "应为 true 或者 false",
    "dict_type": "应为映射（名称: 值）",
    "extra_forbidden": "不认识的项",
    "greater_than_equal": "不得小于 {ge}",
    "int_type": "应为整数",
    "less_than_equal": "不得大于 {le}",
    "literal_error": "应为 {expected} 之一",
    "missing": "缺少",
    "model_attributes_type": "应为映射（名称: 值）",
    "model_type": "应为映射（名称: 值）",
    "string_type": "应为文字",
    "tuple_type": "应为列表",
    "value_error": "{error}",
}


def explain(error: ValidationError, *, skip: int = 0) -> str:
    """The first fault of a value in Chinese, with the way to it inside the value; `skip` leaves out outer steps."""
    first = error.errors()[0]
    words = _WORDS.get(first["type"], first["msg"]).format(**first.get("ctx", {}))
    path = ".".join(str(step) for step in first["loc"][skip:])
    return f"{path}：{words}" if path else words


def codes_in(value: Any) -> set[str]:
    """Every text in a value that stands for something: texts of lists and mappings, however deep."""
    if isinstance(value, str):
        return {value}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {code for item in inner for code in codes_in(item)}
