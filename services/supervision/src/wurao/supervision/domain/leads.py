"""Leads: to whom, at which level, and who may see them (CX-07, CX-19, DT-17, LX-16)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wurao.common import area as areas
from wurao.common.contracts.shared import OfficerRef
from wurao.common.errors import Conflict

UNKNOWN_AUTHORITY = "county"
DEFAULT_RECIPIENT = "discipline_inspection"


@dataclass(frozen=True, slots=True)
class Route:
    """One lead: a recipient, the level that manages these officers, and that level's area."""

    recipient: str
    authority: str
    area: str
    officers: tuple[OfficerRef, ...]


def routes(
    recipients: Sequence[str], area: str, officers: Sequence[OfficerRef], authority_of: Mapping[str, str]
) -> list[Route]:
    """One lead for each recipient and managing level (CX-19); without officers it goes to the county's."""
    by_authority: dict[str, list[OfficerRef]] = {}
    for officer in officers:
        by_authority.setdefault(authority_of.get(officer.officer_id, UNKNOWN_AUTHORITY), []).append(officer)
    by_authority = by_authority or {UNKNOWN_AUTHORITY: []}
    return [
        Route(recipient, authority, area_of(area, authority), tuple(named))
        for recipient in recipients
        for authority, named in by_authority.items()
    ]


def area_of(area: str, authority: str) -> str:
    """The area of the managing level above a place; the place's own where it is not below that level (CX-19)."""
    return next((place for place in areas.chain(area) if areas.level(place) == authority), areas.canonical(area))


def may_read(recipient: str, routed_area: str, *, as_recipient: str, within: str | None) -> bool:
    """A recipient reads its own stream in its own area, and nobody else's (DT-17)."""
    return within is not None and recipient == as_recipient and areas.covers(within, routed_area)


def acknowledge(state: str) -> str:
    """The state after the hand-over was acknowledged (CX-19). Raises Conflict when it was before."""
    if state != "referred":
        raise Conflict("该线索已经签收", code="lead.acknowledged", clause="CX-19")
    return "acknowledged"
