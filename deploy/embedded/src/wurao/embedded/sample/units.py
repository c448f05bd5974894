"""Internal units of the agencies: those that their officers name."""

from typing import NamedTuple

from wurao.embedded.sample.agencies import Agency
from wurao.embedded.sample.officers import LEADERSHIP, REVIEW, Officer


class Unit(NamedTuple):
    """One row of units.csv."""

    unit_id: str
    agency_id: str
    name: str
    duties: str
    phone: str


def units(found: list[Agency], people: list[Officer]) -> list[Unit]:
    """Each agency's units in the order in which its officers first name them."""
    phones = {agency.agency_id: agency.phone for agency in found}
    named = dict.fromkeys((one.agency_id, one.unit) for one in people if one.unit != LEADERSHIP)
    numbers: dict[str, int] = {}
    rows = []
    for agency_id, name in named:
        numbers[agency_id] = numbers.get(agency_id, 0) + 1
        duties = "法制审核、案件审理" if name == REVIEW else "行政检查、调查取证"
        rows.append(Unit(f"{agency_id}-u{numbers[agency_id]:02d}", agency_id, name, duties, phones[agency_id]))
    return rows
