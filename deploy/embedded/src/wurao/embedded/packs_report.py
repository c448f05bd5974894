"""Two packs side by side in words: for the screen, and as a page, a document or a table for an office."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import groupby

from wurao.common.packs import Pack
from wurao.common.packs.words import Words, place, source, topic


@dataclass(frozen=True, slots=True)
class Line:
    """A parameter as both packs have it, in words, each side with its source."""

    topic: str
    name: str
    label: str
    a: str
    a_source: str
    b: str
    b_source: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two packs on a day: their differences, or everything."""

    a: Pack
    b: Pack
    day: date
    lines: tuple[Line, ...]
    everything: bool

    @property
    def title(self) -> str:
        what = "全部规定" if self.everything else "不同规定"
        return f"{self.a.title}与{self.b.title}的{what}（{self.day}，共 {len(self.lines)} 项）"

    @property
    def sides(self) -> tuple[str, str]:
        return tuple(f"{pack.title}（{pack.source.number}）" for pack in (self.a, self.b))  # type: ignore[return-value]

    def topics(self) -> Iterator[tuple[str, Sequence[Line]]]:
        """The lines under their headings."""
        for heading, lines in groupby(self.lines, lambda line: line.topic):
            yield heading, tuple(lines)


def compare(a: Pack, b: Pack, day: date, *, everything: bool = False) -> Comparison:
    """What the packs say on a day, in the order of topics; only what differs unless `everything`."""
    ours, theirs = a.in_force(day), b.in_force(day)
    our_words, their_words = Words(a, day), Words(b, day)
    lines = []
    for name in sorted(ours.keys() | theirs.keys(), key=place):
        left, right = ours.get(name), theirs.get(name)
        if everything or left is None or right is None or left.value != right.value:
            pack = a if name in a.parameters else b
            lines.append(
                Line(
                    topic=topic(name),
                    name=name,
                    label=pack.parameters[name].label,
                    a=our_words.say(left),
                    a_source=source(left) if left else "",
                    b=their_words.say(right),
                    b_source=source(right) if right else "",
                )
            )
    return Comparison(a, b, day, tuple(lines), everything)


def to_markdown(found: Comparison) -> str:
    """A document with a table under each heading."""
    parts = [f"# {found.title}", ""]
    for heading, lines in found.topics():
        parts += [f"## {heading}", "", f"| 规定 | {found.sides[0]} | {found.sides[1]} |", "| --- | --- | --- |"]
        parts += [
            f"| {_cell(line.label)} | {_cell(line.a, line.a_source)} | {_cell(line.b, line.b_source)} |"
            for line in lines
        ]
        parts.append("")
    return "\n".join(parts)


def to_csv(found: Comparison) -> str:
    """A table that office software opens: it looks for the byte order mark."""
    out = io.StringIO()
    rows = csv.writer(out)
    left, right = found.sides
    rows.writerow(["主题", "规定", left, "依据", right, "依据", "参数"])
    rows.writerows(
        [line.topic, line.label, line.a, line.a_source, line.b, line.b_source, line.name] for line in found.lines
    )
    return "\ufeff" + out.getvalue()


def to_html(found: Comparison) -> str:
    """One page that needs nothing else, for the screen and for paper."""
    body = "".join(
        f"<h2>{escape(heading)}</h2><table><thead><tr><th>规定</th>"
        + "".join(f"<th>{escape(side)}</th>" for side in found.sides)
        + "</tr></thead><tbody>"
        + "".join(
            f"<tr><th scope='row'>{escape(line.label)}</th>"
            f"{_html_cell(line.a, line.a_source)}{_html_cell(line.b, line.b_source)}</tr>"
            for line in lines
        )
        + "</tbody></table>"
        for heading, lines in found.topics()
    )
    return (
        "<!doctype html><html lang='zh-CN'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(found.title)}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{escape(found.title)}</h1>{body}</body></html>\n"
    )


WRITERS: Mapping[str, Callable[[Comparison], str]] = {".html": to_html, ".md": to_markdown, ".csv": to_csv}

_STYLE = (
    "body{font:16px/1.6 'Noto Sans CJK SC','Microsoft YaHei',sans-serif;max-width:72rem;margin:2rem auto;"
    "padding:0 1rem;color:#1b1b1b}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem;"
    "border-left:4px solid #8a1f11;padding-left:.6rem}table{border-collapse:collapse;width:100%;table-layout:fixed}"
    "th,td{border:1px solid #c9c9c9;padding:.5rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "thead th{background:#f3f1ee}tbody th{font-weight:600;width:22%}small{display:block;color:#5c5c5c;margin-top:.3rem}"
    "tr{break-inside:avoid}"
)


def _cell(*parts: str) -> str:
    return "<br>".join(part.replace("|", "\\|").replace("\n", "<br>") for part in parts if part)


def _html_cell(words: str, origin: str) -> str:
    said = "<br>".join(escape(line) for line in words.split("\n"))
    return f"<td>{said}<small>{escape(origin)}</small></td>"
