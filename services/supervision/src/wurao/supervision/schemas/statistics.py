"""Statistics out."""

from datetime import date

from wurao.supervision.domain.figures import Figures
from wurao.supervision.schemas.parts import Out


class StatisticsOut(Out):
    """The figures of an area from one legal day to another, both included."""

    area: str
    period_from: date
    period_to: date
    figures: Figures
