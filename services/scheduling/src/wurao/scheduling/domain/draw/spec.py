"""The rule of a draw as JSON: the ratio of each stratum, officers per visit, and whose officers go where."""

import codecs
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from wurao.scheduling.domain.draw.texts import ID, NAME, BadFile, Fault, is_gbk, shown

SPEC = "spec.json"
MOST_OFFICERS = 20
_PLACES = 18
_KNOWN = {"draw_id", "ratio", "officers_per_visit", "line"}


@dataclass(frozen=True, slots=True)
class Spec:
    """`ratio` of each stratum from 0 to 1, `line` of each stratum as the lines that send officers, ascending."""

    draw_id: str
    ratio: Mapping[str, Decimal]
    officers_per_visit: int
    line: Mapping[str, tuple[str, ...]]

    def quota(self, stratum: str, size: int) -> int:
        """How many of a stratum of `size` are drawn: ratio × size, rounded up exactly."""
        share = Fraction(self.ratio[stratum]) * size
        return -(-share.numerator // share.denominator)


def plain(ratio: Decimal) -> str:
    """A ratio as text without exponent and idle zeros."""
    return format(ratio.normalize(), "f")


def write(spec: Spec) -> bytes:
    """The canonical bytes of a rule: keys in order of their bytes, one line for each stratum."""
    ratios = ",\n".join(f"{_text(name)}: {plain(spec.ratio[name])}" for name in _ordered(spec.ratio))
    lines = ",\n".join(f"{_text(name)}: {_text(list(spec.line[name]))}" for name in _ordered(spec.line))
    return (
        f'{{\n"draw_id": {_text(spec.draw_id)},\n"ratio": {{\n{ratios}\n}},\n'
        f'"officers_per_visit": {spec.officers_per_visit},\n"line": {{\n{lines}\n}}\n}}\n'
    ).encode()


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _ordered(names: Mapping[str, Any]) -> list[str]:
    return sorted(names, key=str.encode)


def read(raw: bytes, name: str) -> Spec:
    """The rule in a file, UTF-8 (with or without mark) or GB18030. Raises BadFile with row and key."""
    text = _decoded(raw, name)
    document = _parsed(text, name)
    reader = _Reader(text, name)
    if faults := list(reader.faults(document)):
        raise BadFile(faults)
    return Spec(
        document.get("draw_id", ""),
        {stratum: Decimal(ratio) for stratum, ratio in document["ratio"].items()},
        document["officers_per_visit"],
        {
            stratum: tuple(sorted([lines] if isinstance(lines, str) else lines, key=str.encode))
            for stratum, lines in document["line"].items()
        },
    )


def _decoded(raw: bytes, name: str) -> str:
    body = raw.removeprefix(codecs.BOM_UTF8)
    if not body.strip():
        raise BadFile([Fault(name, 1, "", "文件是空的")])
    for encoding in ("gb18030",) if is_gbk(raw) else ("utf-8", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile([Fault(name, 1, "", "文件编码既不是 UTF-8 也不是 GB18030")])


def _parsed(text: str, name: str) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                row = text.count("\n", 0, text.rfind(f'"{key}"')) + 1
                raise BadFile([Fault(name, row, shown(key), "重复出现")])
            found[key] = value
        return found

    try:
        document = json.loads(text, parse_float=Decimal, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise BadFile([Fault(name, error.lineno, f"第{error.colno}列", "不是有效的 JSON")]) from None
    except (ValueError, ArithmeticError, RecursionError):
        raise BadFile([Fault(name, 1, "", "不是有效的 JSON")]) from None
    if not isinstance(document, dict):
        raise BadFile([Fault(name, 1, "", "应为一个 JSON 对象")])
    return document


class _Reader:
    """Looks for faults in a parsed rule, and for the rows where they stand."""

    def __init__(self, text: str, name: str) -> None:
        self._text, self._name = text, name

    def faults(self, document: Mapping[str, Any]) -> Iterator[Fault]:
        """Everything that is wrong with a rule."""
        for key in document:
            if key not in _KNOWN:
                yield self._fault(f"不认识的项，应为 {'、'.join(sorted(_KNOWN))}", key)
        draw_id = document.get("draw_id", "")
        if not isinstance(draw_id, str) or (draw_id and not ID.fullmatch(draw_id)):
            yield self._fault("只能是 1 至 64 位字母、数字和 _ . : -", "draw_id")
        yield from self._ratios(document.get("ratio"))
        number = document.get("officers_per_visit")
        if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= MOST_OFFICERS:
            yield self._fault(f"应为 1 至 {MOST_OFFICERS} 的整数", "officers_per_visit")
        yield from self._lines(document.get("line"), document.get("ratio"))

    def _ratios(self, ratios: Any) -> Iterator[Fault]:
        if not isinstance(ratios, dict) or not ratios:
            yield self._fault("应为各层的抽取比例", "ratio")
            return
        for stratum, ratio in ratios.items():
            if not NAME.fullmatch(stratum):
                yield self._fault("层的名称不得为空，不得超过 64 字，不得含空白、逗号、竖线、引号", "ratio", stratum)
            if isinstance(ratio, bool) or not isinstance(ratio, int | Decimal):
                yield self._fault("比例应为 0 至 1 的数", "ratio", stratum)
            elif not 0 <= ratio <= 1:
                yield self._fault(f"比例 {shown(str(ratio))} 不在 0 至 1 之间", "ratio", stratum)
            elif isinstance(ratio, Decimal) and ratio.as_tuple().exponent < -_PLACES:  # type: ignore[operator]
                yield self._fault(f"比例至多 {_PLACES} 位小数", "ratio", stratum)

    def _lines(self, lines: Any, ratios: Any) -> Iterator[Fault]:
        if not isinstance(lines, dict):
            yield self._fault("应为各层派出执法人员的条线", "line")
            return
        for stratum, named in lines.items():
            several = [named] if isinstance(named, str) else named
            if not isinstance(several, list) or not several or len({*map(str, several)}) != len(several):
                yield self._fault("应为一个条线，或者若干不重复的条线", "line", stratum)
            elif not all(isinstance(line, str) and NAME.fullmatch(line) for line in several):
                yield self._fault("条线的名称不得为空，不得超过 64 字，不得含空白、逗号、竖线、引号", "line", stratum)
        for stratum in ratios if isinstance(ratios, dict) else ():
            if stratum not in lines:
                yield self._fault("有比例而没有条线", "line", stratum)

    def _fault(self, message: str, *keys: str) -> Fault:
        at = 0
        for key in keys:
            found = self._text.find(_text(key), at)
            at = found if found >= 0 else at
        return Fault(self._name, self._text.count("\n", 0, at) + 1, shown("/".join(keys)), message)


def place_of(raw: bytes, stratum: str) -> int:
    """The row of a rule on which a stratum is named first."""
    return raw[: max(raw.find(_text(stratum).encode()), 0)].count(b"\n") + 1
