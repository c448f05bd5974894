"""Reports of entries without approval or filing."""

from wurao.checkin.tables import UnfiledReport
from wurao.common.contracts.checkin import UnfiledEntryReported
from wurao.common.db import WriteSession


async def keep_report(session: WriteSession, event: UnfiledEntryReported) -> None:
    """Keep a report; one for each entry, however often it is asked for."""
    plain = event.model_dump(exclude={"officers", "enterprise_name", "version"})
    session.add(UnfiledReport(**plain, officers=[officer.model_dump() for officer in event.officers]))
    await session.flush()
