"""How far plans were carried out in a period: figures from recorded rows alone (CX-02, LX-17)."""

from dataclasses import dataclass

PERMILLE = 1000


@dataclass(frozen=True, slots=True)
class TaskFigures:
    """Tasks whose last day lies in the period, cancelled ones apart; `on_time` of those done."""

    planned: int = 0
    done: int = 0
    on_time: int = 0
    lapsed: int = 0
    cancelled: int = 0

    def __add__(self, other: "TaskFigures") -> "TaskFigures":
        return TaskFigures(
            self.planned + other.planned,
            self.done + other.done,
            self.on_time + other.on_time,
            self.lapsed + other.lapsed,
            self.cancelled + other.cancelled,
        )


@dataclass(frozen=True, slots=True)
class VisitFigures:
    """Visits that took place in the period; `served` tasks by them, so that `served - visits` were saved."""

    visits: int = 0
    joint: int = 0
    served: int = 0

    @property
    def saved(self) -> int:
        """Visits that merging saved, against one visit for each task."""
        return max(0, self.served - self.visits)

    @property
    def joint_permille(self) -> int:
        """The share of visits in which several agencies took part."""
        return share(self.joint, self.visits)


def share(part: int, whole: int) -> int:
    """A share in permille, rounded half up; 0 of nothing."""
    return (2 * part * PERMILLE + whole) // (2 * whole) if whole else 0
