"""Take commitments and secrets, fix the seed, give a draw up, call a substitute (YZ-02)."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime

from wurao.common import jobs
from wurao.common.auth import Principal, Role
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict, NotFound
from wurao.scheduling.domain import draw as rules
from wurao.scheduling.repository import draws as repository
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.tables import Draw, DrawFile, Drawn, DrawParty
from wurao.scheduling.usecases import drawing, tasks
from wurao.scheduling.usecases.freezing import party, require_still_first


async def commit(session: WriteSession, draw: Draw, who: Principal, commitment: str, now: datetime) -> Draw:
    """Take the commitment of the supervision body, or of an agency that takes part in a joint draw.

    Raises Conflict when it comes late or is copied.
    """
    draw = await repository.locked(session, draw.draw_id)
    rules.require_open(draw.state)
    parties = await repository.parties(session, draw.draw_id)
    if any(known.party == who.subject for known in parties):
        raise Conflict("已经提交过承诺", code="draw.committed")
    known = [one.commitment for one in parties]
    rules.require_commitment(commitment, known, revealed=any(one.secret for one in parties))
    role = "supervisor" if Role.SUPERVISOR in who.roles else "agency"
    session.add(party(draw, who, role, commitment, now))
    await session.flush()
    return draw


async def reveal(
    session: WriteSession,
    draw: Draw,
    who: Principal,
    secret: str,
    outside_value: str | None,
    now: datetime,
    today: date,
) -> Draw:
    """Take a party's secret; with the last one the seed is fixed and the draw begins as a job.

    The draw is locked, so that of two last secrets at once the second sees the first.
    """
    draw = await repository.locked(session, draw.draw_id)
    rules.require_open(draw.state)
    parties = await repository.parties(session, draw.draw_id)
    own = next((one for one in parties if one.party == who.subject), None)
    if own is None:
        raise NotFound("没有提交过承诺")
    await require_still_first(session, draw)
    rules.require_secret(secret, own.commitment, [one.role for one in parties])
    value = rules.outside_value(draw.outside_source, draw.outside_on, outside_value, own.role, today)
    if value is not None and draw.outside_value not in (None, value):
        raise Conflict("与已经提供的外部随机数不一致", code="draw.outside_differs")
    draw.outside_value = draw.outside_value or value
    own.secret, own.revealed_at = secret, now
    await session.flush()
    secrets = [one.secret for one in parties if one.secret]
    if len(secrets) == len(parties):
        draw.seed = rules.seed(secrets, [draw.digests[name] for name in rules.FILES], draw.outside_value)
        draw.state = rules.DRAWING
        draw.job_id = (await jobs.submit(session, drawing.KIND, who.subject, {"draw_id": draw.draw_id})).job_id
        await session.flush()
    return draw


async def void(session: WriteSession, draw: Draw, reason: str, now: datetime) -> Draw:
    """Give a draw up; it stays public with its commitments and whatever was revealed."""
    draw = await repository.locked(session, draw.draw_id)
    rules.require_open(draw.state)
    draw.state, draw.void_reason, draw.ended_at = rules.VOID, reason, now
    await session.flush()
    return draw


async def substitute(
    session: WriteSession, draw: Draw, enterprise_id: str, reason: str, now: datetime, today: date
) -> Draw:
    """Put the next ticket of the stratum in the place of an enterprise that cannot be inspected.

    Its open tasks are cancelled. Raises Conflict when it was not drawn, was replaced before, is part of a visit, or
    nobody is left.
    """
    draw = await repository.locked(session, draw.draw_id)
    rules.require_held(draw.state)
    gone = await session.get(Drawn, (draw.draw_id, enterprise_id))
    if gone is None:
        raise NotFound("这次抽取没有抽中该企业")
    if gone.replaced_by is not None:
        raise Conflict(f"该企业已由{gone.replaced_by}递补", code="draw.replaced")
    for task_id in gone.tasks:
        task = await task_repository.get(session, task_id)
        if task.state in (task_repository.SCHEDULED, task_repository.DONE):
            raise Conflict("该企业已安排或者完成检查", code="draw.inspected", alternatives=["先取消该检查"])
        if task.state == task_repository.OPEN:
            await tasks.cancel(session, task, f"抽查对象递补：{reason}")
    called = await repository.substitutes(session, draw.draw_id)
    replacements = [rules.Replacement(one.replaces or "", one.reason or "") for one in called]
    replacements.append(rules.Replacement(enterprise_id, reason))
    files = await repository.files(session, draw.draw_id, rules.FILES)
    outcome, document = await asyncio.to_thread(drawing.draw_again, files, draw.seed or "", replacements)
    row = drawing.row_of(draw, outcome.substitutes[-1], called=len(replacements))
    gone.replaced_by = row.enterprise_id
    session.add(row)
    await session.merge(DrawFile(draw_id=draw.draw_id, name=rules.DRAW, document=document))
    await session.flush()
    await drawing.settle(session, draw, [row], now, today)
    await session.flush()
    return draw


async def proof(session: ReadSession, draw: Draw) -> tuple[Sequence[DrawParty], Sequence[Drawn]]:
    """What anyone needs to replay a draw, beside its files."""
    return await repository.parties(session, draw.draw_id), await repository.tickets(session, draw.draw_id)
