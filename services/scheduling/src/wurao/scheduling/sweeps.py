"""What becomes due by the clock in scheduling: visits and tasks whose days went by."""

from datetime import datetime

from wurao.common.clock import legal_date
from wurao.common.db import WriteSession
from wurao.common.service import Sweep
from wurao.scheduling.repository import consents as consent_repository
from wurao.scheduling.repository import tasks as task_repository
from wurao.scheduling.repository import visits as visit_repository
from wurao.scheduling.usecases import consents, coverage, outstanding, tasks, visits, watch


async def lapse_visits(session: WriteSession, now: datetime) -> int:
    """Visits that nobody entered on their day are over, their codes with them."""
    past = await visit_repository.past(session, legal_date(now))
    for visit in past:
        await visits.lapse(session, visit, now)
    return len(past)


async def lapse_tasks(session: WriteSession, now: datetime) -> int:
    """Open tasks whose window is over give their places back."""
    past = await task_repository.past(session, legal_date(now))
    await tasks.end(session, past, task_repository.LAPSED, "时限已过")
    return len(past)


async def take_silence_for_consent(session: WriteSession, now: datetime) -> int:
    """Departments that did not answer within the period have consented (YZ-04)."""
    overdue = await consent_repository.overdue(session, now)
    for consent in overdue:
        await consents.fall_silent(session, consent, now)
    return len(overdue)


SWEEPS: tuple[Sweep, ...] = (
    Sweep("lapse_visits", lapse_visits),
    Sweep("lapse_tasks", lapse_tasks),
    Sweep("take_silence_for_consent", take_silence_for_consent),
    Sweep("tell_overdue", watch.tell_overdue),
    Sweep("tell_approvals_out", outstanding.tell),
    Sweep("watch_special_fields", coverage.watch),
)
