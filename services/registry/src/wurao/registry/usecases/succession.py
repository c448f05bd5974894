"""What names a merged enterprise follows its record to the survivor, and comes back: adjustments, objections, recusals.

Class lists stay as they were approved and replicas as they were heard: both are read for the survivor together with
those merged into it. To follow, an adjustment or objection moves to the survivor's area as well.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wurao.common.db import WriteSession
from wurao.registry.domain.duplicates import require_one_adjustment
from wurao.registry.repository import succession as repository
from wurao.registry.tables import Adjustment, Enterprise, Merge, Objection, OfficerConflict
from wurao.registry.usecases import adjustments, conflicts


@dataclass(frozen=True, slots=True)
class Followed:
    """Ids of what followed."""

    adjustments: list[str]
    objections: list[str]
    conflicts: list[str]


async def follow(session: WriteSession, merged: Enterprise, survivor: Enterprise) -> Followed:
    """Hand over to the survivor. Raises Conflict if both have an open adjustment of a kind.

    An objection to a list to which the survivor objected itself stays where it is; deciding it acts on the survivor.
    """
    moving = await repository.adjustments_of(session, merged.enterprise_id)
    staying = await repository.adjustments_of(session, survivor.enterprise_id)
    require_one_adjustment(_kinds(moving) & _kinds(staying))
    made = {(row.against, row.target_id) for row in await repository.objections_of(session, survivor.enterprise_id)}
    objections = [
        row
        for row in await repository.objections_of(session, merged.enterprise_id)
        if (row.against, row.target_id) not in made
    ]
    related = await repository.conflicts_of(session, merged.enterprise_id)
    await _hand_over(session, survivor, moving, objections, related)
    return Followed(
        adjustments=[row.adjustment_id for row in moving],
        objections=[row.objection_id for row in objections],
        conflicts=[row.conflict_id for row in related],
    )


async def give_back(session: WriteSession, merge: Merge, merged: Enterprise, survivor: Enterprise) -> None:
    """Hand back what followed, and what has arisen since over facts and adjustments that go back."""
    facts = set(merge.facts)
    moving = [
        row
        for row in await repository.adjustments_of(session, survivor.enterprise_id)
        if row.adjustment_id in merge.adjustments or (row.facts and facts.issuperset(row.facts))
    ]
    targets = facts | {row.adjustment_id for row in moving}
    objections = [
        row
        for row in await repository.objections_of(session, survivor.enterprise_id)
        if row.objection_id in merge.objections or row.target_id in targets
    ]
    related = [
        row
        for row in await repository.conflicts_of(session, survivor.enterprise_id)
        if row.conflict_id in merge.conflicts
    ]
    await _hand_over(session, merged, moving, objections, related)


async def _hand_over(
    session: WriteSession,
    target: Enterprise,
    moving: Sequence[Adjustment],
    objections: Sequence[Objection],
    related: Sequence[OfficerConflict],
) -> None:
    for objection in objections:
        objection.enterprise_id, objection.area = target.enterprise_id, target.area
    for adjustment in moving:
        adjustment.enterprise_id, adjustment.area = target.enterprise_id, target.area
        if adjustment.slot is not None:
            adjustment.slot = adjustments.slot(target.enterprise_id, adjustment.kind)
    await session.flush()
    for adjustment in moving:
        adjustments.tell(session, adjustment)
    await conflicts.follow(session, related, target.enterprise_id)


def _kinds(rows: Iterable[Adjustment]) -> set[str]:
    """Of what kind an enterprise has open adjustments: there is at most one of each."""
    return {adjustments.slot("", row.kind) for row in rows if row.slot is not None}
