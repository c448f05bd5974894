"""Enter tasks from an upload: every row judged by the gate as a single task is, nothing half done."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from wurao.common.auth import Principal, Role
from wurao.common.contracts.scheduling import InspectionRefused
from wurao.common.db import WriteSession
from wurao.common.errors import TooLarge
from wurao.common.imports import Checked, ImportReport, RowError, Tally
from wurao.common.policy import calendar_for
from wurao.common.workdays import WorkCalendar
from wurao.scheduling.domain import task_rows as rules
from wurao.scheduling.repository import facts, turns
from wurao.scheduling.schemas.task_rows import TaskRow
from wurao.scheduling.tables import Task
from wurao.scheduling.usecases import tasks

CHUNK, MAX_TASKS = 500, 50_000
# A database remembers a few thousand locks. More enterprises than these are guarded by the places of the year alone,
# as the tasks of a draw are.
MAX_TURNS = 1_000


@dataclass(slots=True)
class _Judged:
    """What is wrong with rows so far, by number: faults of the row itself, and what the gate refused."""

    faults: dict[int, RowError] = field(default_factory=dict)
    refused: dict[int, InspectionRefused] = field(default_factory=dict)

    def errors(self, number: int) -> list[RowError]:
        """What the report says of a bad row."""
        if number in self.faults:
            return [self.faults[number]]
        return rules.refused(number, self.refused[number].refusals)


async def enter(
    session: WriteSession, rows: Checked[TaskRow], who: Principal, now: datetime, today: date
) -> ImportReport:
    """Create the tasks that the gate permits; in mode `all` none unless it permits every one.

    Statements are counted by the hundred rows, and only what was refused is held until the end: every refusal is
    kept as evidence. Raises TooLarge beyond 50,000 rows.
    """
    if rows.report.rows > MAX_TASKS:
        raise TooLarge(f"一次最多导入{MAX_TASKS}个检查任务")
    calendar = await calendar_for(session)
    numbered = list(zip(rows.numbers, rows.good, strict=True))
    judged = _Judged()
    for number, row in numbered:
        if (fault := _fault(number, row, who, calendar)) is not None:
            judged.faults[number] = fault
    sound = [one for one in numbered if one[0] not in judged.faults]
    whole = rows.report.mode == "all"
    if not (judged.faults and whole):
        enterprise_ids = sorted({row.enterprise_id for _, row in sound})
        for enterprise_id in enterprise_ids if len(enterprise_ids) <= MAX_TURNS else ():
            await turns.take_turn(session, enterprise_id)
        part = await session.begin_nested()
        sound.sort(key=_enterprise)  # places are taken in one order, so that files at once wait for each other
        for wave in rules.waves(sound, _enterprise, CHUNK):
            await _admit(session, wave, judged, who, now, today)
        if judged.refused and whole:
            await part.rollback()
        else:
            await part.commit()
    await _keep(session, list(judged.refused.values()))
    return _report(rows.report, numbered, judged)


def _enterprise(one: tuple[int, TaskRow]) -> str:
    return one[1].enterprise_id


def _fault(number: int, row: TaskRow, who: Principal, calendar: WorkCalendar) -> RowError | None:
    if row.agency_id != who.agency_id:
        return RowError(row=number, field="agency_id", code="other_agency", message="只能办理本机关的事项")
    return rules.day_fault(number, row.earliest, row.latest, calendar)


async def _admit(
    session: WriteSession, wave: list[tuple[int, TaskRow]], judged: _Judged, who: Principal, now: datetime, today: date
) -> None:
    requests = [row.request(by_head=Role.HEAD in who.roles) for _, row in wave]
    known = await facts.load(session, requests, today)
    asked = [(request, *one) for request, one in zip(requests, known, strict=True)]
    answers = await tasks.admit_all(session, asked, by=who.person, now=now)
    for (number, _), (request, found, _), admitted in zip(wave, asked, answers, strict=True):
        if not isinstance(admitted, Task):
            judged.refused[number] = tasks.about(request, found, who.subject, now).event(admitted)
    await session.stage()  # what tells of new tasks is taken back with them


async def _keep(session: WriteSession, refused: Sequence[InspectionRefused]) -> None:
    for first in range(0, len(refused), CHUNK):
        session.record(*refused[first : first + CHUNK])
        await session.stage()


def _report(report: ImportReport, numbered: list[tuple[int, TaskRow]], judged: _Judged) -> ImportReport:
    if not numbered:
        return report
    bad = sorted({*judged.faults, *judged.refused})
    tally = Tally(report.mode)
    tally.add(report.model_copy(update={"accepted": len(numbered) - len(bad)}))
    for number in bad:
        tally.reject(judged.errors(number))
    tally.errors.sort(key=lambda error: error.row)
    return tally.report()
