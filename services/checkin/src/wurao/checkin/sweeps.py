"""What becomes due by the clock in check-in."""

from datetime import datetime

from wurao.checkin.signing import Codes
from wurao.checkin.usecases.filings import report_overdue
from wurao.checkin.usecases.ledger import seal
from wurao.common.db import WriteSession
from wurao.common.service import Sweep


def sweeps(codes: Codes) -> tuple[Sweep, ...]:
    """Overdue filings first, so that their reports are sealed in the same round."""

    async def seal_ledger(session: WriteSession, now: datetime) -> int:
        return await seal(session, codes, now)

    return (Sweep("filings.overdue", report_overdue), Sweep("ledger.seal", seal_ledger))
