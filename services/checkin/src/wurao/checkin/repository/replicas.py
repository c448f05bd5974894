"""Replicas of what registry and scheduling announced."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select

from wurao.checkin.domain.exceptions import ItemFacts
from wurao.checkin.tables import ActionKey, Agency, Enterprise, Filing, Item, Officer, RevokedCode, Visit
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
from wurao.common.contracts.scheduling import ActionKeyPublished, EmergencyFiled, VisitApproved
from wurao.common.contracts.shared import Question
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import NotFound
from wurao.common.upsert import insert_or_nothing, keep_newer


async def keep_agency(session: WriteSession, event: AgencyPublished) -> None:
    """Keep a published agency."""
    values = {"agency_id": event.agency_id, "name": event.name, "area": event.area, "published": True}
    await keep_newer(session, Agency, values | {"version": event.version})


async def withdraw_agency(session: WriteSession, event: AgencyWithdrawn) -> None:
    """An agency lost its standing, known before or not."""
    values = {"agency_id": event.agency_id, "name": "", "area": "", "published": False, "version": event.version}
    await keep_newer(session, Agency, values, only_new=frozenset({"name", "area"}))


async def keep_officer(session: WriteSession, event: OfficerCertified) -> None:
    """Keep a certificate's particulars; suspension and exit have their own events."""
    values = event.model_dump(
        include={"officer_id", "name", "agency_id", "certificate_no", "valid_from", "valid_to", "version"}
    )
    standing = {"suspended": False, "exited": False}
    await keep_newer(session, Officer, values | standing, only_new=frozenset(standing))


Standing = OfficerSuspended | OfficerReinstated | OfficerExited


async def keep_standing(session: WriteSession, event: Standing, **standing: Any) -> None:
    """Change an officer's standing. An officer whom nobody certified yet is kept as such, and so refused."""
    unknown = {"name": "", "agency_id": event.agency_id, "suspended": False, "suspended_until": None, "exited": False}
    values = unknown | standing | {"officer_id": event.officer_id, "version": event.version}
    await keep_newer(session, Officer, values, only_new=frozenset(unknown) - frozenset(standing))


async def keep_enterprise(session: WriteSession, event: EnterpriseRegistered, code: dict[str, Any]) -> None:
    """Keep an enterprise; its first code comes with the first event."""
    values = event.model_dump(include={"enterprise_id", "name", "kind", "area", "status", "version"})
    await keep_newer(session, Enterprise, values | code, only_new=frozenset(code))


async def keep_item(session: WriteSession, event: ItemPublished) -> None:
    """Keep an item with its questions."""
    values = event.model_dump(mode="json", include={"item_id", "agency_id", "name", "questions", "version"})
    await keep_newer(session, Item, values | {"cancelled": False})


async def cancel_item(session: WriteSession, event: ItemCancelled) -> None:
    """No new entry may use the item."""
    unknown = {"agency_id": event.agency_id, "name": "", "questions": []}
    values = unknown | {"item_id": event.item_id, "cancelled": True, "version": event.version}
    await keep_newer(session, Item, values, only_new=frozenset(unknown))


async def keep_visit(session: WriteSession, event: VisitApproved) -> None:
    """Keep an approved visit."""
    plain = event.model_dump(
        include={
            "visit_id",
            "enterprise_id",
            "enterprise_name",
            "premises_id",
            "area",
            "kind",
            "ground",
            "source_record",
            "code_id",
            "makeup_for",
            "version",
        }
    )
    parts = event.model_dump(mode="json", include={"agencies", "officers", "items", "questions"})
    window = {"opens": event.window.opens, "closes": event.window.closes}
    await keep_newer(session, Visit, plain | parts | window | {"cancelled": False})


async def keep_filing(session: WriteSession, event: EmergencyFiled) -> None:
    """Keep a filing."""
    values = event.model_dump(
        include={
            "filing_id",
            "entry_id",
            "enterprise_id",
            "agency_id",
            "area",
            "filed_at",
            "after_the_fact",
            "late",
            "version",
        }
    )
    await keep_newer(session, Filing, values)


async def revoke_code(session: WriteSession, code_id: str, visit_id: str, reason: str) -> None:
    """Remember a replaced code, so that the door can say what became of it."""
    values = {"code_id": code_id, "visit_id": visit_id, "reason": reason}
    await insert_or_nothing(session, RevokedCode, values, "code_id")


async def keep_action_key(session: WriteSession, event: ActionKeyPublished) -> None:
    """Keep a key that verifies action codes."""
    await insert_or_nothing(session, ActionKey, {"kid": event.kid, "jwk": event.jwk}, "kid")


async def action_keys(session: ReadSession) -> Sequence[dict[str, Any]]:
    """All action keys as JWKs."""
    return (await session.scalars(select(ActionKey.jwk))).all()


async def enterprise(session: ReadSession, enterprise_id: str) -> Enterprise:
    """The enterprise. Raises NotFound."""
    found = await session.get(Enterprise, enterprise_id)
    if found is None:
        raise NotFound("没有这家企业")
    return found


async def visit(session: ReadSession, visit_id: str) -> Visit | None:
    """The visit, if it was announced."""
    return await session.get(Visit, visit_id)


async def visit_of_code(session: ReadSession, code_id: str) -> Visit:
    """The visit that a code, current or revoked, was issued for. Raises NotFound."""
    revoked = select(RevokedCode.visit_id).where(RevokedCode.code_id == code_id)
    found = await session.scalar(select(Visit).where(or_(Visit.code_id == code_id, Visit.visit_id.in_(revoked))))
    if found is None:
        raise NotFound("没有这个编号的行政行为码")
    return found


async def agencies(session: ReadSession, agency_ids: Sequence[str]) -> dict[str, Agency]:
    """Those of the agencies that are known, by id."""
    found = await session.scalars(select(Agency).where(Agency.agency_id.in_(agency_ids)))
    return {agency.agency_id: agency for agency in found}


async def items(session: ReadSession, item_ids: Sequence[str]) -> dict[str, ItemFacts]:
    """Those of the items that are known, by id."""
    found = await session.scalars(select(Item).where(Item.item_id.in_(item_ids)))
    return {
        item.item_id: ItemFacts(
            item_id=item.item_id,
            agency_id=item.agency_id,
            name=item.name,
            questions=tuple(Question.model_validate(question) for question in item.questions),
            cancelled=item.cancelled,
        )
        for item in found
    }


async def filing(session: ReadSession, filing_id: str) -> Filing | None:
    """The filing, if it was announced."""
    return await session.get(Filing, filing_id)
