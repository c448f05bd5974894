"""Special fields are covered whole: shown over HTTP and the bus."""

import pytest
from tests.conformance import acts, planning
from tests.conformance.conftest import Bench

from wurao.common.contracts.scheduling import InspectionCaughtUp, InspectionOverdue
from wurao.embedded.demo.client import until
from wurao.embedded.demo.county import at


@pytest.mark.pack("quzhou")
@pytest.mark.clause("BE-54")
async def test_due_but_not_inspected_is_an_alert_until_somebody_inspects(bench: Bench) -> None:
    """A special-field enterprise that nobody inspected in its year is an alert; an inspection ends it."""
    county, stage = bench.county, acts.stage_of(bench.county)
    supervisor = await county.supervisor()
    special = ("special_industry", "key_area")
    target = next(pair for pair in acts.fittings(county, "market") if any(tag in pair[0]["tags"] for tag in special))
    enterprise_id = target[0]["enterprise_id"]
    await stage.move_to(at("2025-12-23"))
    await stage.move_to(at("2026-12-24"))
    overdue = await bench.events.wait_for(InspectionOverdue, lambda e: e.enterprise_id == enterprise_id)
    assert overdue.clause == "BE-54"

    async def alerts(state: str) -> list[str]:
        found = await supervisor.pages("supervision", "/v1/alerts", kind="due_not_inspected", state=state)
        return [one["alert_id"] for one in found if f"enterprise:{enterprise_id}" in one["evidence"]]

    async def raised() -> list[str]:
        return await alerts("open")

    async def cleared() -> list[str]:
        return await alerts("cleared")

    [alert] = await until("该查不查预警", raised, seconds=planning.SECONDS)
    listed = await supervisor.pages("scheduling", "/v1/coverage/overdue", area=county.area)
    assert enterprise_id in {one["enterprise_id"] for one in listed}

    await acts.emergency_entry(stage, target)
    await bench.events.wait_for(InspectionCaughtUp, lambda e: e.enterprise_id == enterprise_id)
    assert await until("检查后预警解除", cleared, seconds=planning.SECONDS) == [alert]
