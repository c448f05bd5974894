"""Enter tasks from an upload: every row judged by the gate as a single task is, nothing half done."""

from dataclasses import dataclass, field
from datetime import date, datetime

from wurao.common.auth import Principal, Role
from wurao.common.contracts.scheduling import InspectionRefused
from wurao.common.db import WriteSession
from wurao.common.errors import TooLarge
from wurao.common.imports import Checked, ImportReport, RowError, Tally
from wurao.common.policy import calendar_for
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
    """What became of rows so far."""

    errors: dict[int, list[RowError]] = field(default_factory=dict)
    events: list[InspectionRefused] = field(default_factory=list)


async def enter(
    session: WriteSession, rows: Checked[TaskRow], who: Principal, now: datetime, today: date
) -> ImportReport:
    """Create the tasks that the gate permits; in mode `all` none unless it permits every one.

    Every refusal is kept as evidence. Raises TooLarge beyond 50,000 rows.
    """
    if rows.report.rows > MAX_TASKS:
        raise TooLarge(f"一次最多导入{MAX_TASKS}个检查任务")
    calendar = await calendar_for(session)
    numbered = list(zip(rows.numbers, rows.good, strict=True))
    judged = _Judged()
    for number, row in numbered:
        if row.agency_id != who.agency_id:
            fault: RowError | None = RowError(
                row=number, field="agency_id", code="other_agency", message="只能办理本机关的事项"
            )
        else:
            fault = rules.day_fault(number, row.earliest, row.latest, calendar)
        if fault is not None:
            judged.errors[number] = [fault]
    sound = [one for one in numbered if one[0] not in judged.errors]
    report = rows.report
    if not (judged.errors and report.mode == "all"):
        enterprise_ids = sorted({row.enterprise_id for _, row in sound})
        for enterprise_id in enterprise_ids if len(enterprise_ids) <= MAX_TURNS else ():
            await turns.take_turn(session, enterprise_id)
        part = await session.begin_nested()
        for wave in rules.waves(sound, lambda one: one[1].enterprise_id, CHUNK):
            await _admit(session, wave, judged, who, now, today)
        if judged.errors and report.mode == "all":
            await part.rollback()
        else:
            await part.commit()
    session.record(*judged.events)
    return _report(report, numbered, judged)


async def _admit(
    session: WriteSession, wave: list[tuple[int, TaskRow]], judged: _Judged, who: Principal, now: datetime, today: date
) -> None:
    requests = [row.request(by_head=Role.HEAD in who.roles) for _, row in wave]
    known = await facts.load(session, requests, today)
    for (number, _), request, (found, policy) in zip(wave, requests, known, strict=True):
        admitted = await tasks.admit(session, request, found, policy, by=who.person, now=now)
        if not isinstance(admitted, Task):
            judged.errors[number] = rules.refused(number, admitted)
            judged.events.append(tasks.about(request, found, who.subject, now).event(admitted))
    await session.flush()


def _report(report: ImportReport, numbered: list[tuple[int, TaskRow]], judged: _Judged) -> ImportReport:
    tally = Tally(report.mode)
    tally.add(report.model_copy(update={"accepted": len(numbered) - len(judged.errors)}))
    if not numbered:
        return report
    for number in sorted(judged.errors):
        tally.reject(judged.errors[number])
    tally.errors.sort(key=lambda error: error.row)
    return tally.report()
