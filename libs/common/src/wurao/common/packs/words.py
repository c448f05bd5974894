"""What a pack says, in the words of an official: units spoken, codes by their Chinese names, sources cited."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from wurao.common.packs.pack import Pack
from wurao.common.packs.units import UNITS
from wurao.common.packs.values import Param

ORIGINS: Mapping[str, str] = MappingProxyType(
    {"text": "文件原文", "operational": "文件有要求、数值由平台设定", "silent": "文件未作规定"}
)

_TOPICS = (
    ("组织与适用范围", ("office", "scope")),
    ("检查频次与目标", ("cap", "target")),
    ("检查理由", ("grounds",)),
    ("检查计划与报备", ("plan", "filing", "conference", "campaign")),
    ("合并检查与非现场检查", ("merge", "recognition", "off_site")),
    ("区域与层级", ("area", "level")),
    ("入企、回访与评价", ("entry", "callback", "evaluation", "questionnaire")),
    ("信用分级", ("grade",)),
    ("信用修复", ("repair",)),
    ("主体、人员与事项", ("agency", "officer", "item", "form", "sanction")),
    ("公示、记录与纪律", ("publicity", "record", "conduct")),
    ("处罚", ("penalty", "benchmark", "evidence", "period", "transfer", "review")),
    ("强制", ("coercion",)),
    ("投诉、整改与线索", ("complaint", "correction", "supervision", "tolerance", "lead", "report", "statistics")),
    ("各项义务的依据", ("basis",)),
    ("用语", ("vocabulary",)),
)
_OTHER = "其他"
_ORDER = {prefix: number for number, (_, prefixes) in enumerate(_TOPICS) for prefix in prefixes}


def topic(name: str) -> str:
    """The heading under which a parameter stands."""
    number = _ORDER.get(name.partition(".")[0])
    return _OTHER if number is None else _TOPICS[number][0]


def place(name: str) -> tuple[int, str]:
    """The order of parameters for people: by heading, then by name."""
    return _ORDER.get(name.partition(".")[0], len(_TOPICS)), name


def source(param: Param[Any]) -> str:
    """Where a value is written, and since when: one line."""
    if param.origin == "silent":
        return f"{ORIGINS['silent']}；参见{param.cite}"
    since = f"{param.since.year}年{param.since.month}月{param.since.day}日"
    return f"{param.cite}（{param.clause}），{since}起；{ORIGINS[param.origin]}"


class Words:
    """Speaks the values of one pack as of a day.

    A code may mean two things (`emergency`: a ground, or a line of administration): the unit decides.
    """

    def __init__(self, pack: Pack, day: date) -> None:
        found = pack.in_force(day)
        tables = {name: param.value for name, param in found.items() if param.unit == "labels"}
        scheme = found.get("grade.scheme")
        self._common = {
            **{code: text for table in tables.values() for code, text in table.items()},
            **tables.get("penalty.circumstance_labels", {}),
            **tables.get("vocabulary.labels", {}),
        }
        self._special: dict[str, dict[str, str]] = {
            "grounds": tables.get("grounds.labels", {}),
            "categories": tables.get("complaint.labels", {}),
            "measures": scheme.value["labels"] if scheme else {},
            "grades": scheme.value["labels"] if scheme else {},
            "list entries": tables.get("penalty.list_kinds", {}),
        }

    def lines(self, param: Param[Any]) -> list[str]:
        """A value in words, one line or several."""
        if param.value is None:
            return ["未规定"]
        speak = _SPEAKERS.get(param.unit)
        names = {**self._common, **self._special.get(param.unit, {})}
        found = list(speak(param.value, names)) if speak else list(_any(param.value, names, UNITS[param.unit].word))
        return found or ["（无）"]

    def say(self, param: Param[Any] | None) -> str:
        """A value in words, lines parted by line breaks; None: not in force."""
        return "（尚未施行）" if param is None else "\n".join(self.lines(param))


Names = Mapping[str, str]


def _named(codes: list[str], names: Names) -> str:
    return "、".join(names.get(code, code) for code in codes) or "（无）"


def _percent(permille: int) -> str:
    return f"{permille / 10:g}%"


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}" if fen % 100 == 0 else f"{fen / 100:,.2f}"


def _points(hundredths: int) -> str:
    return f"{hundredths / 100:g}"


def _money(value: int, _: Names) -> Iterator[str]:
    yield f"{_yuan(value)} 元"


def _share(value: int, _: Names) -> Iterator[str]:
    yield _percent(value)


def _daily_share(value: int, _: Names) -> Iterator[str]:
    yield f"每日 {_percent(value)}"


def _month(value: int, _: Names) -> Iterator[str]:
    yield f"每年 {value} 月"


def _day_of_year(value: dict[str, int], _: Names) -> Iterator[str]:
    yield f"每年 {value['month']} 月 {value['day']} 日前"


def _window(value: dict[str, Any], names: Names) -> Iterator[str]:
    day = f"（{value['month']} 月 {value['day']} 日前）" if value["month"] and value["day"] else ""
    days = f"（最后 {value['days']} 日）" if value["days"] else ""
    yield f"{names.get(value['rule'], value['rule'])}{day}{days}"


def _target(value: dict[str, Any], _: Names) -> Iterator[str]:
    yield f"到 {value['by_year']} 年达到 {_percent(value['permille'])}"
    if value["growth_permille"]:
        yield f"自 {value['from_year']} 年起每年递增 {_percent(value['growth_permille'])}"


def _reduction(value: dict[str, Any], names: Names) -> Iterator[str]:
    lines = _named(value["high_frequency_lines"], names)
    yield f"{lines}每年压减 {_percent(value['high_frequency_permille'])}"
    yield f"其他部门每年压减 {_percent(value['other_permille'])}"
    yield f"自 {value['from_year']} 年起 {value['years']} 年"


def _filing_lines(value: dict[str, str], names: Names) -> Iterator[str]:
    for kind, line in value.items():
        yield f"{names.get(kind, kind)}计划经{names.get(line, line)}"


def _labels(value: dict[str, str], _: Names) -> Iterator[str]:
    yield "、".join(value.values()) or "（无）"


def _scheme(value: dict[str, Any], names: Names) -> Iterator[str]:
    labels = value["labels"]
    levels = [labels[level] for level in value["levels"]]
    yield f"{value['name']}：{'、'.join(levels)}（由优到差）"
    least = [f"{label}不低于 {_points(cut)} 分" for label, cut in zip(levels, value["cutoffs"], strict=False)]
    yield f"基础分 {_points(value['base'])} 分；{'，'.join(least)}"
    for factor, label in value["factors"].items():
        scores = [
            f"{_named([line['indicator']], names)}每单位 {_points(line['points'])} 分（至多计 {line['hi']}）"
            for line in value["indicators"]
            if line["factor"] == factor
        ]
        yield f"{label}：{'；'.join(scores)}"
    for rule in value["hard_rules"]:
        indicator = names.get(rule["indicator"], rule["indicator"])
        yield f"{indicator}达到 {rule['at_least']} 的，最高为{labels[rule['best_allowed']]}"


def _measures(value: dict[str, Any], names: Names) -> Iterator[str]:
    for level, measure in value.items():
        cap = "每年次数不限" if measure["yearly_cap"] is None else f"每年至多 {measure['yearly_cap']} 次"
        share = _percent(measure["sampling_permille"])
        yield f"{names.get(level, level)}：抽查 {share}；{cap}；{'、'.join(measure['measures'])}"


def _entries(value: list[dict[str, Any]], names: Names) -> Iterator[str]:
    for entry in value:
        yield f"{names.get(entry['list'], entry['list'])}（{entry['code']}）：{entry['condition']}（{entry['basis']}）"


def _benchmarks(value: list[dict[str, Any]], _: Names) -> Iterator[str]:
    for item in value:
        amount = f"{_yuan(item['min_fen'])}—{_yuan(item['max_fen'])} 元"
        if item["goods_permille"] is not None:
            amount = f"货值的 {_percent(item['goods_permille'])}以下"
        yield f"{item['name']}：{amount}（{item['law']}{item['article']}）"


def _texts(value: list[str], _: Names) -> Iterator[str]:
    yield from value


def _display_terms(value: dict[str, Any], _: Names) -> Iterator[str]:
    for term in value.values():
        longest = "至其事由消除" if term["max_months"] is None else f"最长 {term['max_months']} 个月"
        shown = "公示" if term["shown"] else "不公示"
        yield f"{term['label']}：{shown}；最短 {term['min_months']} 个月，{longest}"


def _severity(value: dict[str, Any], names: Names) -> Iterator[str]:
    yield f"严重：{_named(value['serious_kinds'], names)}，或者罚款 {_yuan(value['serious_fine_fen'])} 元以上"
    yield f"轻微：{_named(value['slight_kinds'], names)}，或者适用{_named(value['slight_procedures'], names)}"
    yield "其余为一般"


def _materials(value: list[dict[str, str]], _: Names) -> Iterator[str]:
    for material in value:
        yield f"{material['name']}（{material['note']}）"


def _milestones(value: list[dict[str, str]], _: Names) -> Iterator[str]:
    for milestone in value:
        yield f"{milestone['by']} 前：{milestone['what']}"


def _any(value: Any, names: Names, word: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield f"{names.get(key, key)}：{'；'.join(_any(item, names))}"
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for item in value:
            yield "；".join(_any(item, names))
    elif isinstance(value, list):
        said = "、".join(names.get(str(item), str(item)) for item in value)
        yield f"{said} {word}".strip() or "（无）"
    elif isinstance(value, bool):
        yield "是" if value else "否"
    elif isinstance(value, int):
        yield f"{value} {word}".strip()
    else:
        yield "未规定" if value is None else names.get(value, value)


_SPEAKERS: Mapping[str, Callable[[Any, Names], Iterator[str]]] = MappingProxyType(
    {
        "benchmarks": _benchmarks,
        "day of year": _day_of_year,
        "display terms": _display_terms,
        "fen": _money,
        "filing lines": _filing_lines,
        "labels": _labels,
        "list entries": _entries,
        "materials": _materials,
        "measures": _measures,
        "milestones": _milestones,
        "month": _month,
        "permille": _share,
        "permille/day": _daily_share,
        "reduction path": _reduction,
        "scheme": _scheme,
        "severity rules": _severity,
        "share target": _target,
        "texts": _texts,
        "window": _window,
    }
)
