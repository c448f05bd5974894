"""What becomes due by the clock in the registry."""

from datetime import datetime

from wurao.common.clock import legal_date
from wurao.common.db import WriteSession
from wurao.common.service import Sweep
from wurao.registry.usecases import (
    adjustments,
    agencies,
    displays,
    facts,
    objections,
    officers,
    repair,
    search_backlog,
    whole_list,
)


async def _withdraw_lapsed(session: WriteSession, now: datetime) -> int:
    return await agencies.lapse(session, now)


async def _suspend_retired(session: WriteSession, now: datetime) -> int:
    return await officers.suspend_retired(session, legal_date(now), now)


async def _lift_suspensions(session: WriteSession, now: datetime) -> int:
    return await officers.lift_suspensions(session, legal_date(now), now)


async def _expire_facts(session: WriteSession, now: datetime) -> int:
    return await facts.expire(session, legal_date(now), now)


async def _restore_credit(session: WriteSession, now: datetime) -> int:
    return await displays.restore(session, legal_date(now), now)


async def _remind_repairs(session: WriteSession, now: datetime) -> int:
    return await repair.remind(session, legal_date(now))


async def _escalate_repairs(session: WriteSession, now: datetime) -> int:
    return await repair.escalate(session, legal_date(now))


async def _run_adjustments(session: WriteSession, now: datetime) -> int:
    return await adjustments.run(session, legal_date(now), now)


async def _escalate_objections(session: WriteSession, now: datetime) -> int:
    return await objections.escalate(session, legal_date(now))


async def _renew_grades(session: WriteSession, now: datetime) -> int:
    return await whole_list.renew(session, legal_date(now))


async def _resume_indexing(session: WriteSession, now: datetime) -> int:
    return await search_backlog.resume(session)


SWEEPS: tuple[Sweep, ...] = (
    Sweep("withdraw_lapsed", _withdraw_lapsed),
    Sweep("lift_suspensions", _lift_suspensions),
    Sweep("suspend_retired", _suspend_retired),
    # Both may end a fact on one day: the end of its display names the reason.
    Sweep("restore_credit", _restore_credit),
    Sweep("expire_facts", _expire_facts),
    Sweep("renew_grades", _renew_grades),
    Sweep("run_adjustments", _run_adjustments),
    Sweep("escalate_objections", _escalate_objections),
    Sweep("remind_repairs", _remind_repairs),
    Sweep("escalate_repairs", _escalate_repairs),
    Sweep("resume_indexing", _resume_indexing),
)
