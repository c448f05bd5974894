"""Officers stay away from enterprises to which they are related: in draws, on visits, in filings (PL-43)."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.auth import Role
from wurao.common.contracts.registry import ConflictDeclared, ConflictEnded
from wurao.common.contracts.scheduling import InspectionRefused, VisitCancelled, VisitRescheduled
from wurao.scheduling.domain.people import Recusal, recused_on

DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


def related(officer_id: str, enterprise_id: str, **changes: Any) -> ConflictDeclared:
    """An officer holds a share in an enterprise."""
    values = {
        "conflict_id": f"{officer_id}@{enterprise_id}",
        "officer_id": officer_id,
        "agency_id": "330802-market",
        "enterprise_id": enterprise_id,
        "kind": "shareholding",
        "since": date(2026, 1, 5),
        "version": 2,
    }
    return ConflictDeclared.model_validate(values | changes)


def ended(officer_id: str, enterprise_id: str, version: int = 3) -> ConflictEnded:
    """The share was sold."""
    return ConflictEnded(
        conflict_id=f"{officer_id}@{enterprise_id}",
        officer_id=officer_id,
        agency_id="330802-market",
        enterprise_id=enterprise_id,
        reason="股份已经转让",
        ended_on=date(2026, 1, 5),
        version=version,
    )


def names(visit: dict[str, Any]) -> set[str]:
    """The officers of a visit."""
    return {officer["officer_id"].removeprefix("330802-") for officer in visit["officers"]}


@given(DAYS, DAYS, st.none() | DAYS)
def test_a_recusal_holds_on_its_first_and_last_day(day: date, since: date, until: date | None) -> None:
    """From the first day through the last, or for good, and on no other day."""
    away = recused_on([Recusal("o1", since, until)], day)
    assert (away == {"o1"}) is (since <= day <= (until or date.max))


@pytest.mark.parametrize("related_one", ["market-o1", "market-o2", "market-o3"])
async def test_the_draw_takes_the_only_two_who_are_unrelated(world: Any, make: Any, related_one: str) -> None:
    """Of three officers the one related to the enterprise is never drawn; elsewhere nothing changes."""
    async with world("quzhou", related(f"330802-{related_one}", make.E1)) as w:
        for enterprise_id in (make.E1, make.E2):
            await w.accepted(enterprise_id=enterprise_id)
        await w.merge()
        found = {visit["enterprise_id"]: names(visit) for visit in await w.visits()}
        assert found[make.E1] == {"market-o1", "market-o2", "market-o3"} - {related_one}
        assert len(found[make.E2]) == 2


async def test_nobody_goes_when_all_but_one_are_related(world: Any, make: Any) -> None:
    """With one unrelated officer the task stays open; after a relation has ended the visit is proposed."""
    relations = [related(f"330802-market-o{n}", make.E1) for n in (1, 2)]
    async with world("quzhou", *relations) as w:
        await w.accepted()
        assert (await w.merge())["unserved"] == 1
        await w.harness.deliver(ended("330802-market-o2", make.E1))
        assert (await w.merge())["unserved"] == 0
        [visit] = await w.visits()
        assert names(visit) == {"market-o2", "market-o3"}


async def test_a_relation_declared_later_brings_a_substitute_and_a_new_code(world: Any, make: Any) -> None:
    """The officer leaves the approved visit for the third one; without a third the visit waits for approval again."""
    async with world("quzhou") as w:
        visit = await w.approved()
        first, second = sorted(names(visit))
        [spare] = {"market-o1", "market-o2", "market-o3"} - {first, second}
        await w.harness.deliver(related(f"330802-{first}", make.E2), related(f"330802-{first}", make.E1))
        event = await w.harness.recorder.wait_for(VisitRescheduled)
        assert event.revoked_code_id == visit["code"]["code_id"]
        assert "回避" in event.reason
        now = await w.get(f"/v1/visits/{visit['visit_id']}")
        assert (names(now), now["code"]["code_id"]) == ({second, spare}, event.code_id)
        await w.harness.deliver(related(f"330802-{spare}", make.E1))
        await w.harness.recorder.wait_for(VisitCancelled)
        now = await w.get(f"/v1/visits/{visit['visit_id']}")
        assert (names(now), now["state"], now["code"]) == ({second}, "proposed", None)


async def test_a_related_officer_named_by_hand_is_refused(world: Any, make: Any) -> None:
    """Neither assignment, nor moving the visit into the term, nor a filing takes the officer; each by the law."""
    async with world("cangxian") as w:
        visit = await w.approved()
        [spare] = {"market-o1", "market-o2", "market-o3"} - names(visit)
        listed = min(names(visit))
        later = related(f"330802-{listed}", make.E1, since=date(2026, 3, 30), until=date(2026, 3, 31))
        await w.harness.deliver(related(f"330802-{spare}", make.E1), later)
        path, head = f"/v1/visits/{visit['visit_id']}", w.who(Role.HEAD)
        assert await w.get(path) == visit
        filed = {
            "enterprise_id": make.E1,
            "agency_id": make.MARKET,
            "ground": "emergency",
            "source_record": "值班记录",
            "officer_ids": [f"330802-{spare}", f"330802-{listed}"],
            "item_ids": ["330802-market-special"],
            "began_at": w.harness.clock.now().isoformat(),
        }
        for target, body, by in (
            (f"{path}/officers", {"add": [f"330802-{spare}"], "reason": "增派"}, head),
            (f"{path}/reschedule", {"date": "2026-03-30", "reason": "改期"}, head),
            ("/v1/filings", filed, w.who(Role.OFFICER)),
        ):
            refused = await w.post(target, body, by=by)
            assert (refused.status_code, refused.json()["code"]) == (409, "officer.recused"), target
            [why] = refused.json()["refusals"]
            assert (why["clause"], why["cite"]) == ("PL-43", "行政处罚法 第四十三条")
            assert why["alternatives"]
        assert await w.get(path) == visit
        await w.harness.recorder.wait_for(InspectionRefused, lambda e: e.stage == "filing")


async def test_an_agency_that_joins_sends_unrelated_officers(world: Any, make: Any) -> None:
    """The second agency's two officers are those without a relation."""
    async with world("quzhou", related("330802-fire-o2", make.E1, agency_id=make.FIRE)) as w:
        await w.accepted()
        await w.merge()
        [visit] = await w.visits()
        await w.accepted(agency_id=make.FIRE, join_visit_id=visit["visit_id"])
        [now] = await w.visits()
        assert {name for name in names(now) if name.startswith("fire")} == {"fire-o1", "fire-o3"}


async def test_a_repeated_or_older_statement_does_not_bring_a_relation_back(world: Any, make: Any) -> None:
    """After its end the relation's declaration, delivered again, changes nothing."""
    relation = related("330802-market-o1", make.E1)
    gone = [related(f"330802-market-o{n}", make.E1) for n in (2,)]
    async with world("quzhou", relation, ended("330802-market-o1", make.E1), relation, *gone) as w:
        visit = await w.approved()
        assert names(visit) == {"market-o1", "market-o3"}


@pytest.mark.parametrize("change", [{"agency_id": "330802-fire"}, {"valid_to": date(2026, 2, 1)}])
async def test_a_visit_that_a_new_certificate_does_not_cover_gets_a_substitute(
    world: Any, make: Any, change: dict[str, Any]
) -> None:
    """Who moved to another agency, or whose certificate ends before the day, leaves the visit with a new code."""
    async with world("quzhou") as w:
        visit = await w.approved()
        listed = sorted(names(visit))
        number = int(listed[0][-1])
        await w.harness.deliver(make.officer(make.MARKET, number, version=2).model_copy(update=change))
        event = await w.harness.recorder.wait_for(VisitRescheduled)
        assert event.revoked_code_id == visit["code"]["code_id"]
        assert listed[0] not in names(await w.get(f"/v1/visits/{visit['visit_id']}"))
