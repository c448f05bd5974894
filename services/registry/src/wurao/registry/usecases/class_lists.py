"""Propose class lists, approve them, and carry both out as jobs that resume after a crash (CX-13)."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from wurao.common.auth import Principal
from wurao.common.clock import Clock
from wurao.common.contracts.registry import ClassListApproved
from wurao.common.contracts.shared import JsonObject
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict
from wurao.common.ids import new_id
from wurao.common.jobs import Job, JobHandler, Progress, submit
from wurao.common.policy import calendar_for, pack_for
from wurao.registry.domain import class_lists as rules
from wurao.registry.domain.grading import assess, explain
from wurao.registry.domain.objections import OPEN, UPHELD
from wurao.registry.domain.policy import ClassListSection
from wurao.registry.repository import class_lists as repository
from wurao.registry.repository import grading as grading_repository
from wurao.registry.repository import objections
from wurao.registry.repository.bulk import insert_all
from wurao.registry.repository.class_lists import Listed
from wurao.registry.tables import ClassEntry, ClassList
from wurao.registry.usecases.classing import announce
from wurao.registry.usecases.grading import CHUNK, Law

BUILD, ANNOUNCE = "class_list", "class_list_announcement"


async def section_of(session: ReadSession, area: str, on: date) -> ClassListSection:
    """What an area's pack says of class lists on a day."""
    return (await pack_for(session, area, on)).section(ClassListSection, on=on)


async def propose(
    session: WriteSession,
    area: str,
    year: int,
    kind: str,
    chosen: Sequence[str],
    who: Principal,
    today: date,
    now: datetime,
) -> tuple[ClassList, Job]:
    """Propose a list and queue its making. Raises Refused for one that cannot become approved."""
    section = await section_of(session, area, today)
    rules.require_proposable(kind, year, await repository.held(session, area, year, today), today, section)
    row = ClassList(
        list_id=new_id(),
        area=area,
        year=year,
        kind=kind,
        chosen=sorted(set(chosen)),
        as_of=today,
        counts={},
        changes={},
        proposed_by=who.person,
        proposed_at=now,
    )
    session.add(row)
    await session.flush()
    return row, await submit(session, BUILD, who.subject, {"list_id": row.list_id})


def building_job(clock: Clock, size: int = CHUNK) -> JobHandler:
    """The job that classes every enterprise of a list; started again it begins anew, so nothing is listed twice."""

    async def run(parameters: JsonObject, progress: Progress) -> JsonObject:
        list_id = parameters["list_id"]
        async with progress.db.write() as session:
            row = await repository.locked(session, list_id)
            if row.state == rules.BUILDING:
                await repository.clear(session, list_id)
            total = await repository.count_members(session, row)
        made, law = _Made(), Law(row.as_of)
        await progress.report(0, total, "开始编制清单")
        last = ""
        while row.state == rules.BUILDING:
            async with progress.db.write() as session:
                ids = await repository.next_members(session, row, last, size)
                await _enter(session, row, ids, law, made)
            if not ids:
                break
            last = ids[-1]
            await progress.report(made.total, max(made.total, total), f"已列入 {made.total} 户")
        async with progress.db.write() as session:
            row = await _freeze(session, list_id, made, clock.today())
        return {"list_id": list_id, "state": row.state, "total": row.total, "counts": row.counts, "digest": row.digest}

    return run


class _Made:
    """What a list under way comes to."""

    def __init__(self) -> None:
        self.total = 0
        self.counts: Counter[str] = Counter()
        self.changes: Counter[str] = Counter()
        self.digest = rules.Digest()


async def _enter(session: WriteSession, row: ClassList, ids: Sequence[str], law: Law, made: _Made) -> None:
    known = await grading_repository.graded(session, ids)
    facts = await grading_repository.live_facts(session, ids, row.as_of)
    listed = await repository.listed(session, ids)
    entries = []
    for one in known:
        section, labels = await law.of(session, one.area)
        assessment = assess(section, facts.get(one.enterprise_id, ()), row.as_of)
        reasons = list(explain(assessment, labels))
        previous = _previous(listed.get(one.enterprise_id, ()), one.grade)
        made.total += 1
        made.counts[assessment.grade] += 1
        made.changes.update(rules.changes([(previous, assessment.grade)]))
        made.digest.add(one.enterprise_id, assessment.grade, assessment.score, reasons)
        entries.append(
            {
                "list_id": row.list_id,
                "enterprise_id": one.enterprise_id,
                "grade": assessment.grade,
                "previous": previous,
                "score": assessment.score,
                "reasons": reasons,
            }
        )
    await insert_all(session, ClassEntry, entries)


def _previous(listed: Sequence[Listed], announced: str | None) -> str | None:
    return listed[-1].grade if listed else announced


async def _freeze(session: WriteSession, list_id: str, made: _Made, today: date) -> ClassList:
    """The list is proposed as it stands; older ones that nobody approved are set aside."""
    row = await repository.locked(session, list_id)
    if row.state != rules.BUILDING:
        return row
    section = await section_of(session, row.area, row.as_of)
    row.state, row.total, row.digest = rules.PROPOSED, made.total, made.digest.hex()
    row.counts, row.changes = dict(made.counts), dict(made.changes)
    row.published_until = rules.published_until(today, section, await calendar_for(session))
    if row.kind != rules.SUPPLEMENTARY:
        await repository.supersede(session, row)
    await session.flush()
    return row


async def approve(
    session: WriteSession, row: ClassList, resolution: str, who: Principal, today: date, now: datetime
) -> tuple[ClassList, Job]:
    """Approve a list and queue the announcement of its classes. Raises Refused, Forbidden by role, or Conflict."""
    section = await section_of(session, row.area, today)
    approval = rules.Approval(
        kind=row.kind,
        year=row.year,
        state=row.state,
        proposed_by=row.proposed_by,
        by=who.person,
        roles=who.roles,
        published_until=row.published_until,
        objected=await objections.stands(session, row.list_id, (OPEN, UPHELD)),
    )
    rules.require_approvable(approval, await repository.held(session, row.area, row.year, today), today, section)
    row.state, row.approved_by, row.approved_at, row.resolution = rules.APPROVED, who.person, now, resolution
    row.in_force_from = rules.in_force_from(row.kind, row.year, today)
    if row.kind != rules.SUPPLEMENTARY:
        row.slot = f"{row.area}:{row.year}"
        await repository.supersede(session, row)
    await session.flush()
    session.record(
        ClassListApproved(
            list_id=row.list_id,
            area=row.area,
            year=row.year,
            kind=row.kind,
            total=row.total,
            counts=row.counts,
            digest=row.digest,
            resolution=resolution,
            in_force_from=row.in_force_from,
            clause=rules.month_of(section).clause,
            version=row.version,
        )
    )
    return row, await submit(session, ANNOUNCE, who.subject, {"list_id": row.list_id})


def announcing_job(clock: Clock, size: int = CHUNK) -> JobHandler:
    """The job that announces an approved list's classes chunk by chunk; repeating it announces nothing twice."""

    async def run(parameters: JsonObject, progress: Progress) -> JsonObject:
        list_id = parameters["list_id"]
        async with progress.db.read() as session:
            row = await _unchanged(session, list_id)
        done, news, last = 0, 0, ""
        while True:
            async with progress.db.write() as session:
                entries = await repository.next_entries(session, list_id, last, size)
                ids = [enterprise_id for enterprise_id, *_ in entries]
                news += await announce(session, ids, "class_list", clock.today(), clock.now())
            if not ids:
                break
            last, done = ids[-1], done + len(ids)
            await progress.report(done, row.total, f"已公布 {done} 户")
        async with progress.db.write() as session:
            (await repository.locked(session, list_id)).announced = True
        return {"list_id": list_id, "enterprises": done, "announced": news}

    return run


async def _unchanged(session: ReadSession, list_id: str) -> ClassList:
    """The list, if its entries are those that were approved. Raises Conflict."""
    row = await session.get_one(ClassList, list_id)
    made, last = rules.Digest(), ""
    while entries := await repository.next_entries(session, list_id, last, CHUNK):
        for entry in entries:
            made.add(*entry)
        last = entries[-1][0]
    if made.hex() != row.digest:
        raise Conflict("清单内容与审定时的摘要不一致，不予公布", code="class_list.altered")
    return row
