"""What penalty keeps of others' events: the newest only, each finding once."""

from datetime import date
from typing import Any

import pytest

from wurao.common.contracts.registry import (
    AgencyWithdrawn,
    EnterpriseRegistered,
    OfficerCertified,
    OfficerExited,
    OfficerReinstated,
    OfficerSuspended,
)
from wurao.common.contracts.scheduling import OffSiteConcluded
from wurao.common.contracts.shared import Finding, ItemResult

AGENCY, FIRM = "330802-market", "91330800MA00000001"
BODY = {
    "enterprise_id": FIRM,
    "agency_id": AGENCY,
    "violation": "fire.exit_blocked",
    "act_on": "2026-01-05",
    "officer_ids": ["o1", "o2"],
}


async def opens(desk: Any) -> list[str]:
    """Why a case by o1 and o2 is refused; empty when it opens."""
    answer = await desk.post("cases", desk.officer(), BODY)
    return [] if answer.status_code == 201 else [refusal["code"] for refusal in answer.json()["refusals"]]


async def test_officer_stands_by_the_newest_event(desk: Any) -> None:
    """A suspension ends with reinstatement or its day; an older event changes nothing; an exit is for good."""
    refused = ["case.officer_not_certified"]
    suspended = OfficerSuspended(officer_id="o2", agency_id=AGENCY, reason="调查", version=3)
    await desk.harness.deliver(suspended)
    await desk.harness.deliver(OfficerReinstated(officer_id="o2", agency_id=AGENCY, reason="旧", version=2))
    assert await opens(desk) == refused
    await desk.harness.deliver(OfficerReinstated(officer_id="o2", agency_id=AGENCY, reason="查清", version=4))
    assert await opens(desk) == []
    until = suspended.model_copy(update={"until": date(2026, 1, 6), "version": 5})
    await desk.harness.deliver(until)
    assert await opens(desk) == refused
    desk.advance(2)
    assert await opens(desk) == []
    await desk.harness.deliver(
        OfficerExited(officer_id="o2", agency_id=AGENCY, reason="调离", exited_on=date(2026, 1, 7), version=6)
    )
    assert await opens(desk) == refused


async def test_change_of_particulars_does_not_lift_a_suspension(desk: Any) -> None:
    """A certificate announced anew leaves a suspended officer suspended."""
    await desk.harness.deliver(OfficerSuspended(officer_id="o2", agency_id=AGENCY, reason="调查", version=2))
    await desk.harness.deliver(
        OfficerCertified(
            officer_id="o2",
            name="改名",
            agency_id=AGENCY,
            area="330802",
            certificate_no="33-o2",
            valid_from=date(2020, 1, 1),
            valid_to=date(2029, 12, 31),
            version=3,
        )
    )
    assert await opens(desk) == ["case.officer_not_certified"]


@pytest.mark.clause("DT-01")
async def test_withdrawn_agency_opens_no_case(desk: Any) -> None:
    """An agency that the registry withdrew may open no case."""
    await desk.harness.deliver(
        AgencyWithdrawn(agency_id=AGENCY, reason="职责划转", withdrawn_on=date(2026, 1, 5), version=2)
    )
    assert await opens(desk) == ["case.agency_without_standing"]


async def test_enterprise_keeps_its_newest_name(desk: Any) -> None:
    """A case carries the name and address of the newest event, whatever arrives later from before."""
    values = {
        "enterprise_id": FIRM,
        "kind": "company",
        "industry": "C1411",
        "size": "small",
        "area": "330802001",
        "address": "新址",
    }
    for version, name in ((3, "新名"), (2, "旧名")):
        await desk.harness.deliver(EnterpriseRegistered.model_validate(values | {"name": name, "version": version}))
    case = await desk.get(f"cases/{await desk.case('fire.exit_blocked')}", desk.party())
    assert (case["enterprise_name"], case["address"]) == ("新名", "新址")


async def test_findings_go_to_the_body_that_answers_for_them(desk: Any) -> None:
    """Of a joint visit each body sees its own finding, with its own officers."""
    findings = [
        Finding(finding_id=f"F-{agency}", item_id="I", agency_id=agency, violation="fire.exit_blocked", description="x")
        for agency in (AGENCY, "330802-fire")
    ]
    await desk.finish_visit(*findings)
    [mine] = (await desk.get("violations", desk.officer()))["items"]
    [theirs] = (await desk.get("violations", desk.officer("f1", "330802-fire")))["items"]
    assert (mine["violation_id"], mine["officers"]) == (f"F-{AGENCY}", ["o1", "o2"])
    assert (theirs["violation_id"], theirs["officers"]) == ("F-330802-fire", ["f1"])


async def test_what_data_showed_off_site_may_become_a_case(desk: Any) -> None:
    """A finding of an off-site check is an open violation, kept once; whoever opens the case names the officers."""
    finding = Finding(
        finding_id="f-off", item_id="i1", agency_id=AGENCY, violation="fire.exit_blocked", description="监控可见"
    )
    concluded = OffSiteConcluded(
        task_id="t1",
        agency_id=AGENCY,
        enterprise_id=FIRM,
        enterprise_name="衢州甲食品有限公司",
        area="330802001",
        source="在线监测",
        results=(ItemResult(item_id="i1", agency_id=AGENCY, result="violation"),),
        findings=(finding,),
        record_digest="a" * 64,
        reminded=True,
        concluded_at=desk.harness.clock.now(),
        version=2,
    )
    await desk.harness.deliver(concluded)
    await desk.harness.deliver(concluded.model_copy(update={"version": 3}))
    listed = (await desk.get("violations", desk.officer()))["items"]
    assert [(one["violation_id"], one["entry_id"], one["visit_id"]) for one in listed] == [("f-off", "t1", None)]
    nobody = await desk.post("cases", desk.officer(), {"violation_id": "f-off"})
    assert nobody.status_code == 409, nobody.text
    opened = await desk.post("cases", desk.officer(), {"violation_id": "f-off", "officer_ids": ["o1", "o2"]})
    assert opened.status_code == 201, opened.text
