"""Counts of rows that meet a condition, several in one statement."""

from sqlalchemy import ColumnElement, Integer, case, func
from sqlalchemy.orm import InstrumentedAttribute


def count_where(condition: ColumnElement[bool] | InstrumentedAttribute[bool]) -> ColumnElement[int]:
    """How many rows of the group meet a condition."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0, type_=Integer)
