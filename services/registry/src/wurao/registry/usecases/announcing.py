"""What is written of a grade that is announced: the register's columns, a line of history, the event.

`row` is the enterprise with its grade as last announced (`repository.grading.GRADED`).
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from wurao.common.contracts.registry import EnterpriseGraded
from wurao.common.ids import new_id
from wurao.registry.domain.grading import Assessment, Standing
from wurao.registry.repository.bulk import Values


def columns(row: Any, fresh: Standing, assessment: Assessment) -> Values:
    """What the register keeps of a grade as announced."""
    return {
        "enterprise_id": row.enterprise_id,
        "scheme": fresh.scheme,
        "grade": fresh.grade,
        "score": assessment.score,
        "sampling_permille": fresh.sampling_permille,
        "yearly_cap": fresh.yearly_cap,
        "grade_clause": fresh.clause,
        "graded_from": fresh.in_force_from,
        "version": row.version + 1,
    }


def history(
    row: Any, fresh: Standing, assessment: Assessment, reasons: Sequence[str], cause: str, now: datetime
) -> Values:
    """A line of the history of grades."""
    return asdict(fresh) | {
        "grade_id": new_id(),
        "enterprise_id": row.enterprise_id,
        "previous": row.grade,
        "score": assessment.score,
        "measures": list(assessment.measure.measures),
        "reasons": list(reasons),
        "cite": assessment.cite,
        "cause": cause,
        "known_at": now,
    }


def graded(row: Any, fresh: Standing, assessment: Assessment, reasons: Sequence[str]) -> EnterpriseGraded:
    """The event that announces a grade."""
    return EnterpriseGraded(
        enterprise_id=row.enterprise_id,
        area=row.area,
        **asdict(fresh),
        previous=row.grade,
        score=assessment.score,
        measures=assessment.measure.measures,
        reasons=tuple(reasons),
        version=row.version + 1,
    )
