"""Who decides on an enterprise's inspections takes turns: what one judged by, no other changes before it is done."""

from sqlalchemy import func, select

from wurao.common.db import WriteSession


async def take_turn(session: WriteSession, enterprise_id: str) -> None:
    """Wait for others that decide on the enterprise, and keep them waiting until the transaction ends.

    SQLite has one writer, who has had his turn since the transaction began.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"enterprise.{enterprise_id}"))))
