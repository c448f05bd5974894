"""The yearly review of certificates over HTTP; on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.contracts.registry import OfficerCertified, OfficerExited, PackActivated
from wurao.common.packs import load_pack
from wurao.common.policy import on_pack_activated
from wurao.common.testing import Harness, running
from wurao.local.plugin import Storage
from wurao.registry.app import build

AGENCIES = """agency_id,name,kind,level,area,line,authority
market,定陶区市场监督管理局,organ,county,371703,market,《食品安全法》第六条
fire,定陶区消防救援大队,authorised,county,371703,fire,《消防法》第四条
"""
HEADER = "officer_id,name,agency_id,kind,certificate_no,valid_from,valid_to,trained,examined,in_post,retires_on\n"
OFFICERS = (
    HEADER
    + """fit,张三,market,officer,C1,2024-01-01,2028-12-31,true,true,true,
lazy,李四,market,officer,C2,2024-01-01,2028-12-31,true,true,true,
gone,王五,market,officer,C3,2024-01-01,2028-12-31,true,true,true,2025-11-30
old,赵六,market,officer,C4,2020-01-01,2025-12-31,true,true,true,
fire1,孙七,fire,officer,C5,2024-01-01,2028-12-31,true,true,true,
clerk,周八,market,auxiliary,,,,true,false,true,
"""
)


@pytest.fixture
async def registry(storage: Storage, tmp_path: Path) -> AsyncIterator[Harness]:
    """A county under the pack that demands a regular review, with five officers; three took their courses."""
    served, migrated = storage.url, storage.migration_url
    async with running(build, "registry", tmp_path, database_url=served, migration_url=migrated) as harness:
        pack = load_pack("dingtao")
        async with harness.service.db.write() as session:
            event = PackActivated(
                area="371703",
                pack="dingtao",
                digest=pack.digest,
                effective_from=date(2025, 1, 1),
                document=pack.to_document(),
                approved_by=("a", "b"),
                version=1,
            )
            await on_pack_activated(session, event)
        headers = harness.headers(Role.PLATFORM, area="371703")
        for name, text in (("agencies", AGENCIES), ("officers", OFFICERS)):
            sent = headers | {"content-type": "text/csv"}
            answer = await harness.client.post(f"/v1/{name}/import", content=text, headers=sent)
            assert answer.json()["loaded"], answer.text
        course = {"course": "行政处罚法", "hours": 40, "finished_on": "2025-09-01", "passed": True}
        for officer_id in ("fit", "gone", "old"):
            answer = await harness.client.post(f"/v1/officers/{officer_id}/trainings", headers=headers, json=course)
            assert answer.status_code == 201, answer.text
        yield harness


@pytest.fixture
def supervisor(registry: Harness) -> dict[str, str]:
    """The county's supervision body."""
    return registry.headers(Role.SUPERVISOR, subject="sup", agency_id="justice", area="371703")


async def decide(registry: Harness, by: dict[str, str], review_id: str, *decisions: dict[str, str]) -> Any:
    """Send decisions on certificates."""
    path = f"/v1/officer-reviews/{review_id}/decisions"
    return await registry.client.post(path, headers=by, json={"decisions": list(decisions)})


async def opened(registry: Harness, by: dict[str, str], **body: Any) -> dict[str, Any]:
    """A review of 2025."""
    answer = await registry.client.post("/v1/officer-reviews", headers=by, json={"year": 2025} | body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def entries(registry: Harness, by: dict[str, str], review_id: str, query: str = "") -> dict[str, list[str]]:
    """Reasons by officer."""
    answer = await registry.client.get(f"/v1/officer-reviews/{review_id}/entries{query}", headers=by)
    assert answer.status_code == 200, answer.text
    return {
        one["officer_id"]: [why["code"].removeprefix("officer.") for why in one["reasons"]]
        for one in answer.json()["items"]
    }


@pytest.mark.clause("DT-02")
@pytest.mark.pack("dingtao")
async def test_a_review_lists_whom_to_withdraw_and_ends_with_decisions(
    registry: Harness, supervisor: dict[str, str]
) -> None:
    """Every certificate is listed with reasons; unfit holders are not kept; withdrawal and renewal are announced."""
    review = await opened(registry, supervisor, area="371703")
    found = await entries(registry, supervisor, review["review_id"])
    assert found == {
        "fire1": ["undertrained"],
        "fit": [],
        "gone": ["retired"],
        "lazy": ["undertrained"],
        "old": ["expired"],
    }
    assert (review["certificates"], review["doubtful"], review["undecided"]) == (5, 4, 5)
    doubtful = await entries(registry, supervisor, review["review_id"], "?doubtful=true")
    assert set(doubtful) == set(found) - {"fit"}

    kept = {"officer_id": "fit", "decision": "keep"}
    refused = await decide(registry, supervisor, review["review_id"], kept, {"officer_id": "lazy", "decision": "keep"})
    assert (refused.status_code, refused.json()["code"]) == (409, "officer.undertrained")
    assert refused.json()["clause"] == "DT-02"
    left = await entries(registry, supervisor, review["review_id"], "?state=decided")
    assert left == {}

    done = await decide(
        registry,
        supervisor,
        review["review_id"],
        kept,
        {"officer_id": "gone", "decision": "withdraw", "reason": "已经退休"},
        {"officer_id": "old", "decision": "renew", "valid_to": "2030-12-31"},
    )
    assert done.status_code == 200, done.text
    shown = {name: done.json()[name] for name in ("kept", "renewed", "withdrawn", "undecided", "overdue")}
    assert shown == {"kept": 1, "renewed": 1, "withdrawn": 1, "undecided": 2, "overdue": 0}
    exited = await registry.recorder.wait_for(OfficerExited)
    assert (exited.officer_id, exited.reason) == ("gone", "2025年度审验收回证件：已经退休")
    renewed = await registry.recorder.wait_for(OfficerCertified, lambda e: e.valid_to == date(2030, 12, 31))
    assert renewed.officer_id == "old"
    body = {"officer_ids": ["gone"]}
    [verdict] = (await registry.client.post("/v1/officers/verify", headers=supervisor, json=body)).json()
    assert (verdict["valid"], verdict["clause"], verdict["standing"]) == (False, "DT-02", "已退出，证件收回")
    twice = await decide(registry, supervisor, review["review_id"], kept)
    assert (twice.status_code, twice.json()["code"]) == (409, "officer_review.decided")
    again = await registry.client.post("/v1/officer-reviews", headers=supervisor, json={"year": 2025, "area": "371703"})
    assert (again.status_code, again.json()["clause"]) == (409, "DT-02")


async def test_who_is_not_decided_in_time_is_overdue(registry: Harness, supervisor: dict[str, str]) -> None:
    """After thirty working days the undecided are listed as overdue; courses made up meanwhile count."""
    review = await opened(registry, supervisor, area="371703")
    course = {"course": "补训", "hours": 40, "finished_on": "2025-12-30", "passed": True}
    await registry.client.post("/v1/officers/lazy/trainings", headers=supervisor, json=course)
    kept = {"officer_id": "lazy", "decision": "keep"}
    assert (await decide(registry, supervisor, review["review_id"], kept)).status_code == 200
    registry.clock.set(registry.clock.now() + timedelta(days=38))
    shown = await registry.client.get(f"/v1/officer-reviews/{review['review_id']}", headers=supervisor)
    assert shown.json()["overdue"] == 0
    assert await entries(registry, supervisor, review["review_id"], "?state=overdue") == {}
    registry.clock.advance(timedelta(days=20))
    [listed] = (await registry.client.get("/v1/officer-reviews", headers=supervisor)).json()["items"]
    assert (listed["undecided"], listed["overdue"]) == (4, 4)
    overdue = await entries(registry, supervisor, review["review_id"], "?state=overdue")
    assert set(overdue) == {"fire1", "fit", "gone", "old"}


async def test_an_agency_reviews_its_own_and_nobody_the_own_certificate(
    registry: Harness, supervisor: dict[str, str]
) -> None:
    """A head sees and decides the own agency's part of a review, but not the own certificate and no other's."""
    head = registry.headers(Role.HEAD, subject="fit", officer_id="fit", agency_id="market", area="371703")
    whole = await registry.client.post("/v1/officer-reviews", headers=head, json={"year": 2025, "area": "371703"})
    assert whole.status_code == 403
    review = await opened(registry, supervisor, area="371703")
    shown = (await registry.client.get(f"/v1/officer-reviews/{review['review_id']}", headers=head)).json()
    assert (shown["certificates"], review["certificates"]) == (4, 5)
    assert "fire1" not in await entries(registry, head, review["review_id"])
    for officer_id, code in (("fit", "officer.own_matter"), ("fire1", "other_agency")):
        answer = await decide(registry, head, review["review_id"], {"officer_id": officer_id, "decision": "keep"})
        assert (answer.status_code, answer.json()["code"]) == (403, code)
    unknown = await decide(registry, supervisor, review["review_id"], {"officer_id": "clerk", "decision": "keep"})
    assert unknown.status_code == 404
    own = await opened(registry, head, agency_id="market")
    assert own["certificates"] == 4
    foreign = registry.headers(Role.HEAD, agency_id="fire", area="371703")
    assert (await registry.client.get(f"/v1/officer-reviews/{own['review_id']}", headers=foreign)).status_code == 404
    colleague = registry.headers(Role.OFFICER, officer_id="lazy", agency_id="market", area="371703")
    for path in ("officer-reviews", f"officer-reviews/{own['review_id']}/entries", "officers/review"):
        assert (await registry.client.get(f"/v1/{path}", headers=colleague)).status_code == 403
    for officer_id, status in (("lazy", 200), ("fit", 404)):
        answer = await registry.client.get(f"/v1/officers/{officer_id}/dossier", headers=colleague)
        assert answer.status_code == status


async def test_a_review_is_seen_by_whom_it_concerns(registry: Harness, supervisor: dict[str, str]) -> None:
    """A county sees its part of the prefecture's review, an agency its own review even without certificates."""
    prefecture = registry.headers(Role.SUPERVISOR, subject="above", area="371700")
    wide = await opened(registry, prefecture, area="371700")
    [seen] = (await registry.client.get("/v1/officer-reviews", headers=supervisor)).json()["items"]
    assert (seen["review_id"], seen["certificates"]) == (wide["review_id"], 5)
    elsewhere = registry.headers(Role.SUPERVISOR, area="371702")
    assert (await registry.client.get("/v1/officer-reviews", headers=elsewhere)).json()["items"] == []
    idle = AGENCIES.splitlines()[0] + "\nidle,定陶区统计局,organ,county,371703,statistics,《统计法》第二条\n"
    sent = registry.headers(Role.PLATFORM, area="371703") | {"content-type": "text/csv"}
    assert (await registry.client.post("/v1/agencies/import", content=idle, headers=sent)).json()["loaded"]
    head = registry.headers(Role.HEAD, agency_id="idle", area="371703")
    own = await opened(registry, head, agency_id="idle")
    shown = await registry.client.get(f"/v1/officer-reviews/{own['review_id']}", headers=head)
    assert (shown.status_code, shown.json()["certificates"]) == (200, 0)
    for year in (2024, 2027):
        body = {"year": year, "agency_id": "idle"}
        answer = await registry.client.post("/v1/officer-reviews", headers=head, json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "officer_review.bad_year")


async def test_one_of_two_decisions_at_once_counts(registry: Harness, supervisor: dict[str, str]) -> None:
    """Of opposite decisions on a certificate at the same time one is taken, and the standing agrees with it."""
    review = await opened(registry, supervisor, agency_id="market")
    kept = {"officer_id": "fit", "decision": "keep"}
    withdrawn = {"officer_id": "fit", "decision": "withdraw", "reason": "考核不合格"}
    answers = await asyncio.gather(
        *(decide(registry, supervisor, review["review_id"], wanted) for wanted in (kept, withdrawn) * 3)
    )
    assert [answer.status_code for answer in answers].count(200) == 1
    assert {answer.status_code for answer in answers} <= {200, 409, 412}
    after = (await registry.client.get(f"/v1/officer-reviews/{review['review_id']}", headers=supervisor)).json()
    standing = (await registry.client.get("/v1/officers/fit", headers=supervisor)).json()["standing"]
    assert (after["kept"], after["withdrawn"], standing) in ((1, 0, "certified"), (0, 1, "exited"))
