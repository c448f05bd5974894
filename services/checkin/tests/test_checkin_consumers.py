"""What check-in keeps of other services' events: newest versions only, in any order across topics."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from wurao.checkin.app import build
from wurao.checkin.tables import Agency, Enterprise, Item, Officer, Visit
from wurao.common.codes import KeyRing
from wurao.common.contracts.registry import (
    AgencyPublished,
    AgencyWithdrawn,
    EnterpriseRegistered,
    ItemCancelled,
    OfficerSuspended,
)
from wurao.common.contracts.scheduling import ActionKeyPublished, VisitCancelled
from wurao.common.platform import DeadLetterRow
from wurao.common.testing import eventually, message_of, running

MARKET, SHOP = "330802-market", "91330802MA00000001"
MakeWorld = Callable[..., Awaitable[Any]]


async def row(world: Any, table: Any, key: str) -> Any:
    """A replica's row."""
    async with world.harness.service.db.read() as session:
        return await session.get(table, key)


async def test_older_events_change_nothing(world: Any) -> None:
    """A withdrawn agency stays withdrawn when its earlier publication arrives again."""
    event = AgencyWithdrawn(agency_id=MARKET, reason="划转", withdrawn_on=world.now.date(), version=5)
    await world.harness.deliver(event)
    known = await row(world, Agency, MARKET)
    assert (known.published, known.name, known.version) == (False, "柯城区市场监督管理局", 5)
    stale = AgencyPublished(
        agency_id=MARKET,
        name="旧名",
        kind="organ",
        level="county",
        area="330802",
        line="market",
        authority="法定",
        published_on=world.now.date(),
        version=4,
    )
    await world.harness.deliver(stale)
    assert (await row(world, Agency, MARKET)).published is False


async def test_repeated_event_has_one_effect(world: Any) -> None:
    """An event delivered twice under one id is handled once."""
    event = OfficerSuspended(officer_id="m1", agency_id=MARKET, reason="调查", version=7)
    message = message_of(event)
    await world.harness.bus.publish([message, message])
    assert (await row(world, Officer, "m1")).suspended is True
    assert world.harness.service.metrics.repeated._value.get() == 1


async def test_suspension_before_certificate_blocks(world: Any) -> None:
    """An officer suspended before the certificate is known is blocked, and stays so once it is."""
    await world.harness.deliver(OfficerSuspended(officer_id="m9", agency_id=MARKET, reason="调查", version=1))
    known = await row(world, Officer, "m9")
    assert (known.suspended, known.certificate_no) == (True, None)
    await world.certify("m9", version=2)
    known = await row(world, Officer, "m9")
    assert (known.suspended, known.certificate_no) == (True, "浙-m9")


async def test_change_of_particulars_keeps_the_code(world: Any) -> None:
    """A renamed enterprise keeps the code that hangs at its door."""
    before = await world.enterprise_code()
    event = EnterpriseRegistered(
        enterprise_id=SHOP,
        name="甲食品股份有限公司",
        kind="company",
        industry="C1391",
        size="small",
        area="330802001",
        address="某路1号",
        version=2,
    )
    await world.harness.deliver(event)
    assert (await row(world, Enterprise, SHOP)).name == "甲食品股份有限公司"
    assert await world.enterprise_code() == before


async def test_cancelled_item_is_not_inspected(world: Any) -> None:
    """A cancelled item is refused in exceptional entries, known before or not."""
    await world.harness.deliver(
        ItemCancelled(item_id="M-1", agency_id=MARKET, reason="废止", cancelled_on=world.now.date(), version=2),
        ItemCancelled(item_id="M-0", agency_id=MARKET, reason="废止", cancelled_on=world.now.date(), version=2),
    )
    assert (await row(world, Item, "M-0")).cancelled is True
    answer = await world.except_(ground="complaint", item_ids=["M-1", "M-0"])
    assert [refusal["code"] for refusal in answer.json()["refusals"]] == ["exception.item_not_published"] * 2


async def test_change_of_unknown_visit_waits_as_dead_letter(world: Any) -> None:
    """A cancellation whose approval never came is set aside, and works once that came and it is replayed."""
    cancelled = VisitCancelled(visit_id="later", enterprise_id=SHOP, agencies=(MARKET,), reason="撤回", version=2)
    await world.harness.deliver(cancelled)

    async def buried() -> bool:
        async with world.harness.service.db.read() as session:
            return bool(await session.scalar(select(func.count()).select_from(DeadLetterRow)))

    await eventually(buried)
    await world.approve(visit_id="later")
    platform = world.harness.headers("platform", area="330802")
    [letter] = (await world.client.get("/v1/dead-letters", headers=platform)).json()
    assert "UnknownVisit" in letter["reason"]
    answer = await world.client.post(f"/v1/dead-letters/{letter['event_id']}/replay", headers=platform)
    assert answer.status_code == 204
    assert (await row(world, Visit, "later")).cancelled is True


async def test_rotated_action_key_opens_at_once(world: Any) -> None:
    """A code signed with a newly published key opens; the older key's codes go on working."""
    _, old = await world.approve()
    visit, _ = await world.approve()
    ring = KeyRing.generate(world.now - timedelta(days=1))
    fresh = world.action_token(visit, ring)
    assert (await world.knock(fresh)).status_code == 409
    [jwk] = ring.public()
    await world.harness.deliver(ActionKeyPublished(kid=jwk["kid"], jwk=jwk, published_at=world.now, version=1))
    assert (await world.knock(fresh)).status_code == 201
    assert (await world.knock(old)).status_code == 201


async def test_restarted_service_knows_keys_and_codes(make_world: MakeWorld, tmp_path: Path) -> None:
    """A process that starts later verifies action codes from the database and shows the same enterprise code."""
    world = await make_world()
    _, token = await world.approve()
    code = await world.enterprise_code()
    async with running(build, "checkin", tmp_path) as second:
        world.harness = second
        assert await world.enterprise_code() == code
        answer = await world.knock(token)
        assert answer.status_code == 201, answer.text
