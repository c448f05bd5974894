"""Coverage out."""

from datetime import date

from pydantic import BaseModel, ConfigDict


class FieldOut(BaseModel):
    """A special field in figures: its enterprises, those inspected within their period, and those overdue."""

    field: str
    enterprises: int
    inspected: int
    overdue: int


class CoverageOut(BaseModel):
    """Special fields of an area as of a day."""

    area: str
    on: date
    fields: list[FieldOut]


class OverdueOut(BaseModel):
    """An enterprise that was due and not inspected."""

    model_config = ConfigDict(from_attributes=True)

    enterprise_id: str
    area: str
    field: str
    last_on: date | None
    due_on: date
