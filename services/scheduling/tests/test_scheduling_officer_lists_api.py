"""The officers of a visit are drawn again by a stranger, from what visit and list show."""

from datetime import date
from hashlib import sha256
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wurao.common.contracts.registry import OfficerExited
from wurao.common.contracts.scheduling import VisitRescheduled
from wurao.scheduling.domain.officer_draw import canonical


async def list_of(w: Any, visit: dict[str, Any], digest: str) -> dict[str, bool]:
    """Officers on a public list and whether a draw chose them; the bytes have the digest that names them."""
    answer: httpx.Response = await w.client.get(f"/v1/public/officer-lists/{visit['visit_id']}/{digest}")
    assert answer.status_code == 200, answer.text
    assert sha256(answer.content).hexdigest() == digest
    header, *rows = answer.text.splitlines()
    assert header == "officer_id,chosen"
    assert rows == sorted(rows)
    return {row.partition(",")[0]: row.endswith(",1") for row in rows}


async def drawn_again(w: Any, visit: dict[str, Any]) -> set[str]:
    """Whom a stranger draws: of each list those with the lowest tickets, chosen ones first."""
    found: set[str] = set()
    digests = [officer["eligible_sha256"] for officer in visit["officers"]]
    for digest in set(digests):
        able = await list_of(w, visit, digest)
        tickets = {
            one: sha256(f"{visit['officer_seed']}|{visit['visit_id']}|{one}".encode()).hexdigest() for one in able
        }
        found |= set(sorted(able, key=lambda one: (not able[one], tickets[one]))[: digests.count(digest)])
    return found


def who_go(visit: dict[str, Any]) -> set[str]:
    """The officers of a visit."""
    return {officer["officer_id"] for officer in visit["officers"]}


async def test_a_stranger_draws_the_same_officers(world: Any, make: Any) -> None:
    """From seed, visit and public lists, for each agency of a joint visit; the seed follows from the merge."""
    async with world("quzhou") as w:
        for agency_id in (make.MARKET, make.FIRE):
            await w.accepted(agency_id=agency_id)
        await w.merge()
        [visit] = await w.visits()
        assert len({officer["eligible_sha256"] for officer in visit["officers"]}) == 2
        assert await drawn_again(w, visit) == who_go(visit)
        assert visit["officer_seed"] == sha256(visit["merge_id"].encode()).hexdigest()
        unknown = await w.client.get(f"/v1/public/officer-lists/{visit['visit_id']}/{'0' * 64}")
        assert unknown.status_code == 404


async def test_officers_whom_a_draw_chose_are_marked_and_go_first(world: Any, make: Any) -> None:
    """The list says whom the draw named for the enterprise, and the draw's proof bears it out."""
    async with world("yongzhou", make.graded(make.E1, "good", 1000)) as w:
        proof = await w.draw(await w.plan(), ["330802-market-random"])
        await w.merge()
        [visit] = await w.visits(enterprise_id=make.E1)
        assert await drawn_again(w, visit) == who_go(visit)
        able = await list_of(w, visit, visit["officers"][0]["eligible_sha256"])
        [mine] = [one for one in proof["tickets"] if one["enterprise_id"] == make.E1]
        assert {one for one in able if able[one]} == {one for sent in mine["officers"].values() for one in sent}
        assert visit["officer_seed"] == sha256(f"{proof['seed']}\n{visit['merge_id']}".encode()).hexdigest()


@pytest.mark.clause("YZ-10")
async def test_a_substitute_comes_from_a_list_of_its_own_and_a_head_from_none(world: Any, make: Any) -> None:
    """The next ticket's list leaves out who is in the visit; whom a head sends has no digest."""
    async with world("quzhou", make.officer(make.MARKET, 4), make.officer(make.MARKET, 5)) as w:
        visit = await w.approved()
        stays, goes = visit["officers"]
        gone = OfficerExited(
            officer_id=goes["officer_id"],
            agency_id=make.MARKET,
            area=make.COUNTY,
            reason="退休",
            exited_on=date(2026, 1, 5),
            version=2,
        )
        await w.harness.deliver(gone)
        await w.harness.recorder.wait_for(VisitRescheduled)
        path = f"/v1/visits/{visit['visit_id']}"
        now = await w.get(path)
        [new] = [officer for officer in now["officers"] if officer["officer_id"] != stays["officer_id"]]
        assert new["eligible_sha256"] != stays["eligible_sha256"]
        assert not {stays["officer_id"], goes["officer_id"]} & (await list_of(w, now, new["eligible_sha256"])).keys()
        assert {new["officer_id"]} == await drawn_again(w, now | {"officers": [new]})
        spare = {f"{make.MARKET}-o{number}" for number in range(1, 6)} - who_go(now) - {goes["officer_id"]}
        sent = min(spare)
        body = {"remove": [new["officer_id"]], "add": [sent], "reason": "病假"}
        changed = await w.changed(now, "officers", body)
        assert {one["officer_id"]: one["eligible_sha256"] for one in changed["officers"]} == {
            stays["officer_id"]: stays["eligible_sha256"],
            sent: None,
        }


async def test_a_visit_that_is_merged_again_keeps_the_lists_of_its_officers_only(world: Any, make: Any) -> None:
    """When another task comes into a proposed visit its officers are drawn anew; the old list is no more."""
    async with world("quzhou") as w:
        await w.accepted()
        await w.merge()
        [before] = await w.visits()
        await w.accepted(agency_id=make.FIRE)
        await w.harness.deliver(make.officer(make.MARKET, 9))
        await w.merge()
        [visit] = await w.visits(state="proposed")
        assert (visit["visit_id"], len(visit["agencies"])) == (before["visit_id"], 2)
        assert await drawn_again(w, visit) == who_go(visit)
        old = before["officers"][0]["eligible_sha256"]
        answer = await w.client.get(f"/v1/public/officer-lists/{visit['visit_id']}/{old}")
        assert answer.status_code == 404


@given(st.dictionaries(st.from_regex(r"[0-9A-Za-z_.:-]{1,8}", fullmatch=True), st.booleans()))
def test_a_list_has_one_form(able: dict[str, bool]) -> None:
    """Whatever order officers are known in, the bytes are the same, and every officer is on them once."""
    document = canonical(able)
    assert document == canonical(dict(reversed(able.items())))
    rows = document.splitlines()[1:]
    assert {row.partition(",")[0]: row[-1] == "1" for row in rows} == able
    assert len(rows) == len(able)
