"""The proven optimum of small plans, by CP-SAT: as few unserved, as few visits, as few moves as can be, in this order.

Used where the plan at hand is not proven best already. One worker, a fixed seed and a bound in deterministic time: the
same tasks give the same plan.
"""

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from wurao.scheduling.domain.merge.grouping import AGENCIES, MINUTES, OFFICERS, Tasks
from wurao.scheduling.domain.merge.solver import Solved, cost
from wurao.scheduling.domain.merge.work import Indices, Ints

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

SMALL, CHOICES = 150, 4_000
"""So many tasks, and pairs of a task with a day of its window, are looked at as a whole."""
PATIENCE = 5.0


def improved(
    solved: Solved,
    tasks: Tasks,
    room: Ints,
    blocked_start: Indices,
    blocked: Ints,
    previous: Ints | None = None,
) -> Solved:
    """The plan, or a better one where it is small and not proven."""
    unserved = int((solved.day < 0).sum())
    if unserved == 0 and solved.visits == int(solved.bounds.sum()):
        return solved
    choices = int((tasks.rows["last"] - tasks.rows["first"] + 1).sum())
    if tasks.rows.size > SMALL or choices > CHOICES:
        return solved
    day = _Model(tasks, room, blocked_start, blocked, solved, previous).best()
    served = day >= 0
    visits = np.unique(tasks.rows["owner"][served].astype(np.int64) << 32 | day[served]).size
    better = solved._replace(day=day, visits=int(visits))
    return better if cost(better, previous) < cost(solved, previous) else solved


class _Model:
    """x: a task is on a day; y: an enterprise has a visit on a day; z: an agency takes part in it."""

    def __init__(
        self,
        tasks: Tasks,
        room: Ints,
        blocked_start: Indices,
        blocked: Ints,
        hint: Solved,
        previous: Ints | None,
    ) -> None:
        from ortools.sat.python import cp_model

        self.model = cp_model.CpModel()
        self.tasks, self.hint, self.previous = tasks, hint, previous
        self.x: dict[tuple[int, int], cp_model.IntVar] = {}
        self.y: dict[tuple[int, int], cp_model.IntVar] = {}
        self.z: dict[tuple[int, int, int], cp_model.IntVar] = {}
        for task in range(tasks.rows.size):
            row = tasks.rows[task]
            owner = int(row["owner"])
            taken = set(blocked[blocked_start[owner] : blocked_start[owner + 1]].tolist())
            for day in range(row["first"], row["last"] + 1):
                if day not in taken and row["officers"] <= room[row["agency"], day]:
                    self.x[task, day] = self.model.new_bool_var("")
        self._within_limits()
        self._within_capacity(room)

    def _within_limits(self) -> None:
        rows, limits = self.tasks.rows, self.tasks.limits
        of_task: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
        by_visit: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for (task, day), chosen in self.x.items():
            of_task[task].append(chosen)
            by_visit[int(rows["owner"][task]), day].append(task)
        for choices in of_task.values():
            self.model.add_at_most_one(choices)
        for (owner, day), members in by_visit.items():
            visit = self.y[owner, day] = self.model.new_bool_var("")
            self.model.add(
                sum(int(rows["minutes"][task]) * self.x[task, day] for task in members) <= int(limits[MINUTES])
            )
            for task in members:
                self.model.add_implication(self.x[task, day], visit)
                agency = int(rows["agency"][task])
                share = self.z.get((owner, agency, day))
                if share is None:
                    share = self.z[owner, agency, day] = self.model.new_int_var(0, int(limits[OFFICERS]), "")
                self.model.add(share >= int(rows["officers"][task]) * self.x[task, day])
            agencies = sorted({int(rows["agency"][task]) for task in members})
            self.model.add(sum(self.z[owner, agency, day] for agency in agencies) <= int(limits[OFFICERS]))
            self._few_agencies(members, agencies, day)
            self._one_place(members, day)

    def _few_agencies(self, members: list[int], agencies: list[int], day: int) -> None:
        limit = int(self.tasks.limits[AGENCIES])
        if len(agencies) <= limit:
            return
        present = []
        for agency in agencies:
            comes = self.model.new_bool_var("")
            present.append(comes)
            for task in members:
                if self.tasks.rows["agency"][task] == agency:
                    self.model.add_implication(self.x[task, day], comes)
        self.model.add(sum(present) <= limit)

    def _one_place(self, members: list[int], day: int) -> None:
        placed = [task for task in members if self.tasks.rows["place"][task] >= 0]
        for at, task in enumerate(placed):
            for other in placed[at + 1 :]:
                if self.tasks.rows["place"][task] != self.tasks.rows["place"][other]:
                    self.model.add_bool_or(~self.x[task, day], ~self.x[other, day])

    def _within_capacity(self, room: Ints) -> None:
        by_day: defaultdict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
        for (_, agency, day), share in self.z.items():
            by_day[agency, day].append(share)
        for (agency, day), shares in by_day.items():
            if len(shares) * int(self.tasks.limits[OFFICERS]) > room[agency, day]:
                self.model.add(sum(shares) <= int(room[agency, day]))

    def best(self) -> Ints:
        """The day of each task in the best plan found; each aim is kept while the next is sought."""
        served, visits = sum(self.x.values()), sum(self.y.values())
        aims = [(served, True), (visits, False)]
        if self.previous is not None:
            stays = [chosen for (task, day), chosen in self.x.items() if self.previous[task] == day]
            aims.append((sum(stays), True))
        day = self.hint.day
        for aim, more in aims:
            if isinstance(aim, int):
                continue
            self._hint(day)
            (self.model.maximize if more else self.model.minimize)(aim)
            solver = _solver()
            if solver.solve(self.model) not in _FOUND:
                break
            day = np.full(self.tasks.rows.size, -1, np.int32)
            for (task, on), chosen in self.x.items():
                if solver.boolean_value(chosen):
                    day[task] = on
            reached = round(solver.objective_value)
            self.model.add(aim >= reached if more else aim <= reached)
        return day

    def _hint(self, day: Ints) -> None:
        self.model.clear_hints()  # type: ignore[no-untyped-call] # OR-tools gives it no types
        for (task, on), chosen in self.x.items():
            self.model.add_hint(chosen, bool(day[task] == on))


_FOUND = (2, 4)
"""FEASIBLE and OPTIMAL of CP-SAT's statuses."""


def _solver() -> "cp_model.CpSolver":
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = PATIENCE
    return solver
