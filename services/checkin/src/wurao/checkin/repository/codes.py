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
        .values(code_serial=Enterprise.code_serial + 1, code_id=code_id, code_issued_at=now, code_revoked_at=None)
        .execution_options(synchronize_session=False)
    )


async def revoke(session: WriteSession, enterprise_id: str, code_id: str, now: datetime) -> bool:
    """Leave an enterprise without a code: no sign bears the raised serial. False if it had none in force."""
    found = await session.scalar(
        update(Enterprise)
        .where(Enterprise.enterprise_id == enterprise_id, Enterprise.code_revoked_at.is_(None))
        .values(code_serial=Enterprise.code_serial + 1, code_id=code_id, code_revoked_at=now)
        .returning(Enterprise.enterprise_id)
        .execution_options(synchronize_session=False)
    )
    return found is not None
