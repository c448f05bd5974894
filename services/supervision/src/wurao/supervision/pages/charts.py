"""Charts as inline SVG. Every figure also stands beside its drawing as text, so a reader needs no picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

RING = 100.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a bar chart; `note` is smaller print under the name."""

    name: str
    value: int
    note: str = ""


def bars(lines: Sequence[Bar], *, unit: str, tone: str = "", empty: str = "本期没有记录") -> str:
    """Horizontal bars to one scale, as a list that reads without the drawing."""
    largest = max((line.value for line in lines), default=0)
    if largest <= 0:
        return f'<p class="empty">{escape(empty)}</p>'
    return f'<ol class="bars {escape(tone)}">{"".join(_bar(line, largest, unit) for line in lines)}</ol>'


def _bar(line: Bar, largest: int, unit: str) -> str:
    width = max(round(100 * line.value / largest, 1), 0.6) if line.value > 0 else 0
    note = f"<small>{escape(line.note)}</small>" if line.note else ""
    return (
        f'<li><span class="name">{escape(line.name)}{note}</span>'
        f'<span class="value">{line.value:,}<i>{escape(unit)}</i></span>'
        '<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="track" width="100" height="8"/>'
        f'<rect class="fill" width="{width}" height="8"/></svg></li>'
    )


def ring(title: str, permille: int | None, detail: str) -> str:
    """A share as a ring with its percentage; None draws an empty ring."""
    share = f"{permille / 10:.1f}%" if permille is not None else "—"
    drawn = (permille or 0) * RING / 1000
    arc = (
        f'<circle class="arc" cx="60" cy="60" r="50" pathLength="{RING:g}" stroke-dasharray="{drawn:g} {RING:g}"/>'
        if drawn
        else ""
    )
    return (
        f'<figure class="ring"><svg viewBox="0 0 120 120" role="img" aria-label="{escape(title)} {share}">'
        f'<circle class="rail" cx="60" cy="60" r="50"/>{arc}'
        f'<text x="60" y="67" text-anchor="middle">{share}</text></svg>'
        f"<figcaption><b>{escape(title)}</b><span>{escape(detail)}</span></figcaption></figure>"
    )


def tile(title: str, value: str, detail: str, tone: str = "") -> str:
    """One large figure."""
    return (
        f'<li class="{escape(f"tile {tone}".strip())}"><span>{escape(title)}</span>'
        f"<strong>{escape(value)}</strong><small>{escape(detail)}</small></li>"
    )
