"""Queries on proposals to cancel items."""

from datetime import date

from sqlalchemy import Select, or_, select

from wurao.common.db import ReadSession
from wurao.common.errors import NotFound
from wurao.registry.domain.usage import DISMISSED, OPEN
from wurao.registry.tables import ItemProposal


async def get(session: ReadSession, proposal_id: str) -> ItemProposal:
    """The proposal. Raises NotFound."""
    found = await session.get(ItemProposal, proposal_id)
    if found is None:
        raise NotFound("没有这条取消建议")
    return found


async def settled(session: ReadSession, agency_id: str, since: date) -> set[str]:
    """Items of an agency with an open proposal, or with one dismissed since a day."""
    dismissed = (ItemProposal.state == DISMISSED) & (ItemProposal.decided_on >= since)
    query = select(ItemProposal.item_id).where(
        ItemProposal.agency_id == agency_id, or_(ItemProposal.state == OPEN, dismissed)
    )
    return set(await session.scalars(query))


def of_agency(agency_id: str) -> Select[ItemProposal]:
    """All proposals of an agency."""
    return select(ItemProposal).where(ItemProposal.agency_id == agency_id)
