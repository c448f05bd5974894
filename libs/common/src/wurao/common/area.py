"""Administrative areas by code: GB/T 2260 (six digits) and GB/T 10114 townships (nine digits).

`000000` is the whole country. Cities without counties (such as 441900) have townships directly below them.
Every function raises ValueError for text that is no such code.
"""

import re
from functools import lru_cache
from typing import Literal

Level = Literal["country", "province", "prefecture", "county", "township"]

COUNTRY = "000000"
_LEVELS: tuple[Level, ...] = ("country", "province", "prefecture", "county", "township")
_CODE = re.compile(
    r"(?P<province>[1-9][0-9])"
    r"(?:0000|(?P<prefecture>(?!00)[0-9]{2})(?P<county>[0-9]{2}))"
    r"(?P<township>[0-9]{3})?"
)


def _parts(area: str) -> tuple[str, ...]:
    """Split a code into its parts down to its own level: 330802 → ("33", "08", "02")."""
    if area in (COUNTRY, COUNTRY + "000"):
        return ()
    match = _CODE.fullmatch(area)
    if match is None:
        raise ValueError(f"行政区划代码不正确：{area}")
    province, prefecture, county, township = match.group("province", "prefecture", "county", "township")
    has_township = township not in (None, "000")
    if has_township and prefecture is None:
        raise ValueError(f"行政区划代码不正确：{area}")
    if has_township:
        return province, prefecture, county, township
    if prefecture is None:
        return (province,)
    return (province, prefecture) if county == "00" else (province, prefecture, county)


@lru_cache(maxsize=65_536)
def canonical(area: str) -> str:
    """Return the shortest full code of the area: 330802000 → 330802; townships keep nine digits."""
    return "".join(_parts(area)).ljust(6, "0")


@lru_cache(maxsize=65_536)
def prefix(area: str) -> str:
    """Return what the codes of the area and of all areas below it begin with: 330800 → 3308, 000000 → ""."""
    return "".join(_parts(area))


def level(area: str) -> Level:
    """Return the level of the area."""
    return _LEVELS[len(_parts(area))]


def covers(area: str, other: str) -> bool:
    """Tell whether the other area is the area itself or lies within it."""
    return prefix(other).startswith(prefix(area))


def common_superior(a: str, b: str) -> str:
    """Return the smallest area that covers both; of two equal areas the area itself."""
    shared = []
    for part, other in zip(_parts(a), _parts(b), strict=False):
        if part != other:
            break
        shared.append(part)
    return "".join(shared).ljust(6, "0")


def chain(area: str) -> tuple[str, ...]:
    """Return the area and all areas above it, nearest first, the whole country last."""
    parts = _parts(area)
    codes = ("".join(parts[:count]).ljust(6, "0") for count in range(len(parts), -1, -1))
    return tuple(dict.fromkeys(codes))  # a city without counties would otherwise be named twice
