"""Enterprise codes."""

from datetime import datetime

from sqlalchemy import update

from wurao.checkin.tables import Enterprise
from wurao.common.db import WriteSession


async def raise_serial(session: WriteSession, enterprise_id: str, code_id: str, now: datetime) -> None:
    """Count the serial up in the database: two reissues at once make two serials."""
    await session.execute(
        update(Enterprise)
        .where(Enterprise.enterprise_id == enterprise_id)
        .values(code_serial=Enterprise.code_serial + 1, code_id=code_id, code_issued_at=now)
        .execution_options(synchronize_session=False)
    )
