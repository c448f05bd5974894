"""The random list in figures."""

from wurao.scheduling.schemas.shared import Out


class ShareOut(Out):
    """Published items: on the random list, excused as special industry or key area, or missing from it.

    `permille` is the share of the list among items that are not excused; null where every item is excused.
    """

    items: int
    on_list: int
    excused: int
    missing: int
    permille: int | None


class AgencyShareOut(ShareOut):
    """An agency's share."""

    agency_id: str
    name: str


class RandomListOut(Out):
    """An area's share, and that of each of its agencies."""

    area: str
    whole: ShareOut
    agencies: list[AgencyShareOut]
