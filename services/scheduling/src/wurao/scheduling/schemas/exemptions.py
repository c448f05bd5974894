"""Exemptions out."""

from datetime import date

from pydantic import BaseModel, ConfigDict


class ExemptedOut(BaseModel):
    """An agency's on-site tasks and those on a ground outside draw or plan; shares in permille."""

    model_config = ConfigDict(from_attributes=True)

    agency_id: str
    tasks: int
    exempt: int
    by_ground: dict[str, int]
    by_month: dict[str, int]
    permille: int
    peers_permille: int
    stands_out: bool


class ExemptionsOut(BaseModel):
    """The figures of all agencies of an area within a period, `until` included; in the order of ids."""

    area: str
    since: date
    until: date
    agencies: list[ExemptedOut]
