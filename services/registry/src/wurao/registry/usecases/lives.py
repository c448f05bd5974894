"""The life of an enterprise, one step at a time: each with its day, its reason and the version that it met."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm.attributes import flag_modified

from wurao.common.auth import Principal
from wurao.common.contracts.registry import EnterpriseRegistered
from wurao.common.contracts.shared import JsonObject
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict
from wurao.common.ids import new_id
from wurao.common.unit import check_match
from wurao.registry.access import require_area
from wurao.registry.domain import enterprises as rules
from wurao.registry.repository import enterprise_search, lives
from wurao.registry.repository import enterprises as repository
from wurao.registry.schemas.enterprises import Alteration, NewPremises, OldCode, Registration
from wurao.registry.schemas.enterprises import Step as StepIn
from wurao.registry.tables import Enterprise, EnterpriseDeed, FormerCode, FormerName, PremisesRow
from wurao.registry.usecases.grading import grade, occasion


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts, and when."""

    who: Principal
    today: date
    now: datetime


async def register(session: WriteSession, body: Registration, act: Act) -> Enterprise:
    """Enter one enterprise. Raises Conflict if it is known, or its parent does not fit."""
    require_area(act.who, body.area)
    rules.require_parent(body.kind, body.parent_id, body.enterprise_id)
    if await repository.by_ids(session, [body.enterprise_id]):
        raise Conflict("该统一社会信用代码已经登记", code="enterprise.exists", alternatives=["办理变更登记"])
    values = body.model_dump(exclude={"reason"}) | {"tags": list(body.tags)}
    enterprise = Enterprise(**values, status="registered")
    session.add(enterprise)
    on = min(body.registered_on or act.today, act.today)
    note(session, body.enterprise_id, "registered", on, body.reason, ({}, {}), act)
    await session.flush()
    await enterprise_search.index(session, enterprise)
    await announce(session, enterprise)
    return enterprise


async def change(
    session: WriteSession, enterprise_id: str, body: Alteration, act: Act, if_match: int | None
) -> Enterprise:
    """Change particulars from a day on; a former name is kept, a move to other law grades anew."""
    enterprise = await _living(session, enterprise_id, act, if_match)
    values = body.model_dump(exclude={"effective_on", "reason"}, exclude_none=True)
    if "tags" in values:
        values["tags"] = list(values["tags"])
    before, after = rules.differences({name: getattr(enterprise, name) for name in values}, values)
    if not after:
        raise Conflict("与登记内容相同，没有变更", code="enterprise.unchanged")
    if body.area is not None:
        require_area(act.who, body.area)
    rules.require_parent(values.get("kind", enterprise.kind), _parent(enterprise, values), enterprise_id)
    on = await _day(session, enterprise_id, body.effective_on, act)
    if "name" in after:
        _keep_name(session, enterprise, on)
    for name in after:
        setattr(enterprise, name, values[name])
    note(session, enterprise_id, rules.verb_of(after), on, body.reason, (before, after), act)
    await session.flush()
    if {"name", "area"} & after.keys():
        await enterprise_search.index(session, enterprise)
    moved_from = before.get("area")
    await announce(session, enterprise, moved_from=moved_from)
    if moved_from is not None:
        await _regrade(session, enterprise, act)
    return enterprise


def _parent(enterprise: Enterprise, values: dict[str, Any]) -> str | None:
    if values.get("kind", enterprise.kind) != "branch" and "parent_id" not in values:
        enterprise.parent_id = None
    return values.get("parent_id", enterprise.parent_id)


def _keep_name(session: WriteSession, enterprise: Enterprise, until: date) -> None:
    session.add(
        FormerName(
            former_id=new_id(),
            enterprise_id=enterprise.enterprise_id,
            name=enterprise.name,
            used_until=until,
            source_id=None,
        )
    )


async def take_step(
    session: WriteSession, enterprise_id: str, verb: rules.Verb, body: StepIn, act: Act, if_match: int | None
) -> Enterprise:
    """Suspend business, resume it, or deregister for good; facts and grades stay on record."""
    enterprise = await _living(session, enterprise_id, act, if_match)
    status = rules.step(enterprise.status, verb)
    on = await _day(session, enterprise_id, body.effective_on, act)
    note(session, enterprise_id, verb, on, body.reason, ({"status": enterprise.status}, {"status": status}), act)
    enterprise.status = status
    await session.flush()
    await announce(session, enterprise)
    return enterprise


async def add_premises(
    session: WriteSession, enterprise_id: str, body: NewPremises, act: Act, if_match: int | None
) -> PremisesRow:
    """Add one place of business. Raises Conflict if its id is taken."""
    enterprise = await _living(session, enterprise_id, act, if_match)
    require_area(act.who, body.area)
    premises_id = body.premises_id or new_id()
    if await repository.known_premises(session, [premises_id]):
        raise Conflict("该经营场所编号已被使用", code="premises.exists")
    on = await _day(session, enterprise_id, body.opened_on, act)
    row = PremisesRow(
        premises_id=premises_id,
        enterprise_id=enterprise_id,
        name=body.name,
        address=body.address,
        area=body.area,
        opened_on=on,
    )
    session.add(row)
    particulars = {"premises_id": premises_id, "name": body.name, "address": body.address, "area": body.area}
    note(session, enterprise_id, "premises_added", on, body.reason, ({}, particulars), act)
    await touch(session, enterprise)
    return row


async def close_premises(
    session: WriteSession, enterprise_id: str, premises_id: str, body: StepIn, act: Act, if_match: int | None
) -> PremisesRow:
    """Close one place of business; it stays on record. Raises Conflict if it is closed already."""
    enterprise = await _living(session, enterprise_id, act, if_match)
    row = await lives.one_premises(session, enterprise_id, premises_id)
    if row.closed_on is not None:
        raise Conflict("该经营场所已经关闭", code="premises.closed")
    on = await _day(session, enterprise_id, body.effective_on, act)
    row.closed_on = on
    note(session, enterprise_id, "premises_closed", on, body.reason, ({"premises_id": premises_id}, {}), act)
    await touch(session, enterprise)
    return row


async def add_code(session: WriteSession, enterprise_id: str, body: OldCode, act: Act) -> Enterprise:
    """Keep an old code of an enterprise: it is found by it, and duplicates show by it. Repeating changes nothing."""
    enterprise = await _living(session, enterprise_id, act, None)
    if await session.get(FormerCode, (body.code, enterprise_id)) is None:
        session.add(FormerCode(code=body.code, enterprise_id=enterprise_id))
        note(session, enterprise_id, "changed", act.today, body.reason, ({}, {"former_code": body.code}), act)
    return enterprise


async def _living(session: WriteSession, enterprise_id: str, act: Act, if_match: int | None) -> Enterprise:
    """The enterprise, locked, if the caller may change it and its record is open."""
    (enterprise,) = await repository.held(session, enterprise_id)
    require_area(act.who, enterprise.area)
    check_match(enterprise.version, if_match)
    rules.require_living(enterprise.status, enterprise.merged_into)
    return enterprise


async def _day(session: WriteSession, enterprise_id: str, wished: date | None, act: Act) -> date:
    on = wished or act.today
    rules.require_order(on, await lives.last_day(session, enterprise_id), act.today)
    return on


async def touch(session: WriteSession, enterprise: Enterprise) -> None:
    """Raise the version, though nothing on the row itself changed, and announce."""
    flag_modified(enterprise, "status")
    await session.flush()
    await announce(session, enterprise)


def note(
    session: WriteSession,
    enterprise_id: str,
    verb: rules.Verb,
    on: date,
    reason: str,
    change: tuple[JsonObject, JsonObject],
    act: Act,
) -> None:
    """Keep a change in the enterprise's history."""
    before, after = change
    session.add(
        EnterpriseDeed(
            deed_id=new_id(),
            enterprise_id=enterprise_id,
            verb=verb,
            effective_on=on,
            reason=reason,
            before=before,
            after=after,
            done_by=act.who.subject,
            known_at=act.now,
        )
    )


async def announce(session: WriteSession, enterprise: Enterprise, *, moved_from: str | None = None) -> None:
    """Tell everybody an enterprise's particulars as they are now, with its open premises."""
    await session.flush()
    premises = await repository.premises_of(session, [enterprise.enterprise_id])
    values = {
        name: getattr(enterprise, name) for name in EnterpriseRegistered.model_fields if hasattr(enterprise, name)
    }
    places = tuple(premises.get(enterprise.enterprise_id, ()))
    session.record(EnterpriseRegistered.model_validate({**values, "premises": places, "moved_from": moved_from}))


async def _regrade(session: WriteSession, enterprise: Enterprise, act: Act) -> None:
    """Grade an enterprise that moved anew, if it has a grade; its row is as the grading left it."""
    if enterprise.grade is not None:
        await grade(session, [enterprise.enterprise_id], occasion("move", act.today, act.now))
        await session.refresh(enterprise)
