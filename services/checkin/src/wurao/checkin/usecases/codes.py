"""Enterprise codes, and what a shown code is worth."""

from datetime import datetime
from typing import Any, Literal

from wurao.checkin.domain.door import ActionCode, EnterpriseCode
from wurao.checkin.repository import codes as repository
from wurao.checkin.repository import entries, replicas
from wurao.checkin.signing import Codes
from wurao.checkin.tables import Enterprise, Visit
from wurao.checkin.usecases.ledger import Act, append
from wurao.common.codes import ActionClaims, EnterpriseClaims, InvalidCode
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict
from wurao.common.ids import new_id

State = Literal[
    "not_genuine",
    "replaced",
    "withdrawn",
    "in_use",
    "revoked",
    "unknown",
    "cancelled",
    "upcoming",
    "open",
    "entered",
    "finished",
    "expired",
]


def first_code(now: datetime) -> dict[str, Any]:
    """The code that an enterprise gets with its registration."""
    return {"code_serial": 1, "code_id": new_id(), "code_issued_at": now}


def token_of(codes: Codes, enterprise: Enterprise) -> str:
    """The enterprise's code as text for its QR; the same each time until it is reissued."""
    claims = EnterpriseClaims(
        jti=enterprise.code_id,
        enterprise_id=enterprise.enterprise_id,
        serial=enterprise.code_serial,
        iat=int(enterprise.code_issued_at.timestamp()),
    )
    return codes.enterprise_token(claims)


async def reissue(session: WriteSession, enterprise_id: str, now: datetime) -> Enterprise:
    """Replace an enterprise's code: the old sign at the door stops working at once."""
    require_entitled(await replicas.enterprise(session, enterprise_id))
    await repository.raise_serial(session, enterprise_id, new_id(), now)
    enterprise = await replicas.enterprise(session, enterprise_id)
    await session.refresh(enterprise)
    await append(
        session,
        Act(
            "enterprise_code_reissued",
            enterprise_id,
            enterprise_id,
            enterprise.area,
            (),
            {"enterprise_id": enterprise_id, "serial": enterprise.code_serial},
            now,
        ),
    )
    return enterprise


async def revoke(session: WriteSession, enterprise_id: str, reason: str, now: datetime) -> Enterprise:
    """Revoke an enterprise's code without a new one: lost, or the enterprise is no more. Repeating changes nothing."""
    revoked = await repository.revoke(session, enterprise_id, new_id(), now)
    enterprise = await replicas.enterprise(session, enterprise_id)
    if revoked:
        await session.refresh(enterprise)
        content = {"enterprise_id": enterprise_id, "serial": enterprise.code_serial, "reason": reason}
        kind = "enterprise_code_revoked"
        await append(session, Act(kind, enterprise_id, enterprise_id, enterprise.area, (), content, now))
    return enterprise


def require_code(enterprise: Enterprise) -> None:
    """Raises Conflict when an enterprise has no code in force."""
    if enterprise.code_revoked_at is not None:
        raise Conflict("营商码已停用", code="code.revoked", alternatives=["换发新的营商码"])


def require_entitled(enterprise: Enterprise) -> None:
    """Raises Conflict for an enterprise that is deregistered: it gets no code any more."""
    if enterprise.status == "deregistered":
        raise Conflict("经营主体已经注销，不再换发营商码", code="code.deregistered")


async def genuine_action(session: ReadSession, codes: Codes, token: str) -> ActionClaims:
    """The claims of a genuine action code; keys that another process learned are read once. Raises InvalidCode."""
    try:
        return codes.action_claims(token)
    except InvalidCode as error:
        if error.reason != "unknown_key":
            raise
    for jwk in await replicas.action_keys(session):
        codes.trust(jwk)
    return codes.action_claims(token)


async def read_action(session: ReadSession, codes: Codes, token: str | None) -> ActionCode | None:
    """A shown action code as the gate sees it."""
    if not token:
        return None
    try:
        claims = await genuine_action(session, codes, token)
    except InvalidCode as error:
        return ActionCode(flaw=error.message)
    return ActionCode(code_id=claims.jti, visit_id=claims.visit_id, enterprise_id=claims.enterprise_id)


def read_enterprise(codes: Codes, token: str | None) -> EnterpriseCode | None:
    """A scanned enterprise code as the gate sees it."""
    if not token:
        return None
    try:
        claims = codes.enterprise_claims(token)
    except InvalidCode as error:
        return EnterpriseCode(flaw=error.message)
    return EnterpriseCode(enterprise_id=claims.enterprise_id, serial=claims.serial)


async def visit_state(session: ReadSession, visit: Visit | None, code_id: str, now: datetime) -> State:
    """Where the visit behind a genuine action code stands."""
    if visit is None:
        return "unknown"
    if visit.cancelled:
        return "cancelled"
    if visit.code_id != code_id:
        return "revoked"
    entry = await entries.of_visit(session, visit.visit_id)
    if entry is not None:
        return "finished" if entry.finished_at else "entered"
    if now < visit.opens:
        return "upcoming"
    return "open" if now <= visit.closes else "expired"
