"""Inbox: an event's id is kept in the handler's own transaction, so its effects happen once."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import insert, select

from wurao.common.db import WriteSession
from wurao.common.platform import InboxRow


async def claim(session: WriteSession, group: str, event_ids: Sequence[str]) -> set[str]:
    """Mark events as handled by a group; returns the ids that were new.

    Two members racing on one id: the second insert breaks the primary key, its transaction rolls back
    and the consumer's retry finds the id taken.
    """
    known = set(
        await session.scalars(
            select(InboxRow.event_id).where(InboxRow.consumer_group == group, InboxRow.event_id.in_(event_ids))
        )
    )
    fresh = [event_id for event_id in dict.fromkeys(event_ids) if event_id not in known]
    if fresh:
        now = datetime.now(UTC)
        rows = [{"consumer_group": group, "event_id": event_id, "handled_at": now} for event_id in fresh]
        await session.execute(insert(InboxRow), rows)
    return set(fresh)
