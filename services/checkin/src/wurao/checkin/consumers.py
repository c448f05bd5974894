"""Events that check-in listens to: one table, event → what it does."""

from wurao.checkin.repository import replicas
from wurao.checkin.signing import Codes
from wurao.checkin.usecases import filings, visits
from wurao.checkin.usecases.codes import first_code, revoke
from wurao.common.clock import Clock
from wurao.common.consumer import Handlers
from wurao.common.contracts.registry import (
    AgencyPublished,
    AgencyWithdrawn,
    EnterpriseRegistered,
    ItemCancelled,
    ItemPublished,
    OfficerCertified,
    OfficerExited,
    OfficerReinstated,
    OfficerSuspended,
)
from wurao.common.contracts.scheduling import (
    ActionKeyPublished,
    EmergencyFiled,
    VisitApproved,
    VisitCancelled,
    VisitRescheduled,
)
from wurao.common.db import WriteSession
from wurao.common.policy import POLICY_HANDLERS


def handlers(clock: Clock, codes: Codes) -> Handlers:
    """Each handler is one or two statements; none scans."""

    async def on_enterprise(session: WriteSession, event: EnterpriseRegistered) -> None:
        await replicas.keep_enterprise(session, event, first_code(clock.now()))
        if event.status == "deregistered":
            await revoke(session, event.enterprise_id, "经营主体已经注销", clock.now())

    async def on_action_key(session: WriteSession, event: ActionKeyPublished) -> None:
        codes.trust({**event.jwk, "kid": event.kid})
        await replicas.keep_action_key(session, event)

    return {
        AgencyPublished: replicas.keep_agency,
        AgencyWithdrawn: replicas.withdraw_agency,
        OfficerCertified: replicas.keep_officer,
        OfficerSuspended: _on_suspended,
        OfficerReinstated: _on_reinstated,
        OfficerExited: _on_exited,
        EnterpriseRegistered: on_enterprise,
        ItemPublished: replicas.keep_item,
        ItemCancelled: replicas.cancel_item,
        ActionKeyPublished: on_action_key,
        VisitApproved: visits.on_approved,
        VisitRescheduled: visits.on_rescheduled,
        VisitCancelled: visits.on_cancelled,
        EmergencyFiled: filings.on_filed,
        **POLICY_HANDLERS,
    }


async def _on_suspended(session: WriteSession, event: OfficerSuspended) -> None:
    await replicas.keep_standing(session, event, suspended=True, suspended_until=event.until)


async def _on_reinstated(session: WriteSession, event: OfficerReinstated) -> None:
    await replicas.keep_standing(session, event, suspended=False, suspended_until=None)


async def _on_exited(session: WriteSession, event: OfficerExited) -> None:
    await replicas.keep_standing(session, event, exited=True)
