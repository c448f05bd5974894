"""The tree of areas: a parent covers its child and stands directly above it (GB/T 2260, GB/T 10114)."""

from collections.abc import Collection

from wurao.common import area as areas

ABOVE: dict[str, tuple[str, ...]] = {
    "province": ("country",),
    "prefecture": ("province",),
    "county": ("prefecture", "province"),
    "township": ("county", "prefecture"),
}
"""Cities without counties have townships below them, provinces and municipalities some counties of their own."""


def misplaced(code: str, level: str, parent: str, known: Collection[str]) -> tuple[str, str] | None:
    """What is wrong with an area's place (field, Chinese sentence) among the known ones; None when nothing is."""
    if level != areas.level(code):
        return "level", "级别与行政区划代码不符"
    if parent not in known and parent != areas.COUNTRY:
        return "parent", "上级行政区划没有登记"
    if not areas.covers(parent, code) or areas.level(parent) not in ABOVE[level]:
        return "parent", "上级与行政区划代码或者级别不符"
    nearest = next((one for one in areas.chain(code)[1:] if one in known), areas.COUNTRY)
    if parent != nearest:
        return "parent", f"直接上级是 {nearest}"
    return None
