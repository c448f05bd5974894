"""Credit facts: bundles are drawn once per run and stamped with each enterprise's code.

Stamping a bundle is one text replacement, which keeps a million enterprises within minutes.
"""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import NamedTuple, TypeAlias

from wurao.embedded.sample.agencies import Agency
from wurao.embedded.sample.places import Place
from wurao.embedded.sample.streams import stream

BUNDLES = 256
"""Bundles for each pair of group and standing."""
GROUPS = ("individual", "small", "big", "hazardous", "new")
STANDINGS = ("good", "ordinary", "poor")
END = date(2025, 12, 19)
_YEARLY = date(2025, 7, 1)
_TWO_YEARS = date(2024, 1, 2)
LAWFUL = ("penalties_24m", "serious_breach", "abnormal_listing", "annual_report_missed", "complaints_proven")
OTHERS = (
    "safety_standard_level", "accidents_36m", "hazards_rectified_permille", "high_tech", "rd_permille",
    "tax_band", "jobs",
)  # fmt: skip
_MORE = {"individual": (1, 3), "small": (3, 5), "big": (5, 7), "hazardous": (4, 6), "new": (1, 2)}
"""How many facts beyond the five of lawful operation."""
_SOURCES = {
    "penalties_24m": ("market", "emergency", "ecology", "city_management"),
    "serious_breach": ("market",),
    "abnormal_listing": ("market",),
    "annual_report_missed": ("market",),
    "complaints_proven": ("market",),
    "safety_standard_level": ("emergency",),
    "accidents_36m": ("emergency",),
    "hazards_rectified_permille": ("emergency",),
    "high_tech": ("industry",),
    "rd_permille": ("industry",),
    "tax_band": ("taxation",),
    "jobs": ("labour",),
}
_DOCUMENTS = {
    "penalties_24m": "行政处罚决定书",
    "serious_breach": "严重违法失信列入决定书",
    "abnormal_listing": "经营异常名录列入决定书",
    "complaints_proven": "投诉举报办结单",
    "accidents_36m": "事故调查报告",
    "high_tech": "高新技术企业证书",
}
_DATED = {"penalties_24m", "serious_breach", "complaints_proven", "accidents_36m"}
_LASTING = {"penalties_24m": 730, "serious_breach": 1095, "high_tech": 1095, "safety_standard_level": 1095}
"""Days after which a fact above zero stops counting."""
_JOBS = {"individual": (1, 9), "small": (3, 60), "big": (60, 900), "hazardous": (10, 200), "new": (1, 20)}
_HAZARDS = {"good": (950, 1000), "ordinary": (800, 1000), "poor": (300, 850)}

Spread: TypeAlias = tuple[int, ...]
_VALUES: dict[str, dict[str, Spread]] = {
    "penalties_24m": {"good": (0,), "ordinary": (0, 0, 0, 0, 0, 1), "poor": (1, 1, 2, 2, 3, 5)},
    "serious_breach": {"good": (0,), "ordinary": (0,), "poor": (0, 0, 0, 0, 0, 0, 0, 0, 0, 1)},
    "abnormal_listing": {"good": (0,), "ordinary": (0,) * 19 + (1,), "poor": (0, 0, 1)},
    "annual_report_missed": {"good": (0,), "ordinary": (0,) * 9 + (1,), "poor": (0, 1, 1, 2)},
    "complaints_proven": {"good": (0,), "ordinary": (0, 0, 0, 1), "poor": (0, 1, 2, 3, 5)},
    "safety_standard_level": {"good": (2, 3, 3), "ordinary": (0, 1, 2), "poor": (0, 0, 1)},
    "accidents_36m": {"good": (0,), "ordinary": (0,) * 29 + (1,), "poor": (0, 0, 0, 0, 1, 2)},
    "high_tech": {"good": (0, 0, 0, 1), "ordinary": (0,) * 14 + (1,), "poor": (0,)},
    "rd_permille": {"good": (0, 20, 35, 50, 80), "ordinary": (0, 0, 0, 10, 25), "poor": (0,)},
    "tax_band": {"good": (2, 3, 3, 4, 5), "ordinary": (1, 2, 2, 3), "poor": (0, 1, 1)},
}


class Bundle(NamedTuple):
    """CSV lines with ``@`` for the enterprise's code and ``#`` for its number, and how many lines."""

    text: str
    rows: int

    def stamp(self, uscc: str, number: int) -> str:
        text = self.text.replace("@", uscc)
        return text.replace("#", str(number)) if "#" in text else text


Pools: TypeAlias = dict[tuple[str, str], list[Bundle]]


def pools(place: Place, found: list[Agency], seed: int) -> Pools:
    """Bundles for every group and standing of one county."""
    rng = stream(seed, "facts")
    names = {agency.line: agency.name for agency in reversed(found) if agency.level == "county"}
    fallback = f"{place.prefecture}{place.county}市场监督管理局"

    def source(indicator: str) -> str:
        return names.get(rng.choice(_SOURCES[indicator]), fallback)

    return {
        (group, standing): [_bundle(rng, group, standing, source) for _ in range(BUNDLES)]
        for group, standing in product(GROUPS, STANDINGS)
    }


def _bundle(rng: Random, group: str, standing: str, source: Callable[[str], str]) -> Bundle:
    extra = rng.sample(OTHERS[-3:] if group == "individual" else OTHERS, rng.randint(*_MORE[group]))
    chosen = [*LAWFUL, *sorted(extra, key=OTHERS.index)]
    rows = [
        _row(rng, number, indicator, _value(rng, indicator, group, standing), source(indicator), group)
        for number, indicator in enumerate(chosen, 1)
    ]
    return Bundle("".join(rows), len(rows))


def _value(rng: Random, indicator: str, group: str, standing: str) -> int:
    if indicator == "jobs":
        return rng.randint(*_JOBS[group])
    if indicator == "hazards_rectified_permille":
        return rng.randint(*_HAZARDS[standing])
    value = rng.choice(_VALUES[indicator][standing])
    return min(value, 2) if indicator == "tax_band" and group in ("individual", "new") else value


def _row(rng: Random, number: int, indicator: str, value: int, source: str, group: str) -> str:
    happened = value > 0 and indicator in _DATED and group != "new"
    start = _TWO_YEARS if happened else _YEARLY
    occurred = start + timedelta(days=rng.randrange((END - start).days + 1))
    lasting = _LASTING.get(indicator) if value > 0 else None
    expires = (occurred + timedelta(days=lasting)).isoformat() if lasting else ""
    document = _DOCUMENTS.get(indicator) if value > 0 else None
    evidence = f"{document}〔{occurred.year}〕#号" if document else f"信用信息归集批次{occurred:%Y%m%d}"
    return f"@-f{number:02d},@,{indicator},{value},{source},{occurred},{evidence},{expires}\n"
