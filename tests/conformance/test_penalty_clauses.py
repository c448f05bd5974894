"""Penalties: the outcome the law wants, money to the fen, due days that explain themselves."""

from datetime import date
from typing import Any

import pytest
from tests.conformance import acts, casework
from tests.conformance.conftest import Bench

from wurao.common.contracts.penalty import CoercionImposed, FinePaid, HeavyCaseFiled, PenaltyDecided
from wurao.embedded.demo.client import until
from wurao.embedded.demo.command import START
from wurao.embedded.demo.county import at

TODAY = START.date()


@pytest.mark.pack("linxia")
@pytest.mark.clause("PL-33")
async def test_slight_corrected_and_harmless_must_not_be_punished(bench: Bench) -> None:
    """A fine is refused and leaves nothing; the exemption stands, with the education that it needs."""
    county = bench.county
    case = await casework.opened(
        county, casework.enterprises(county)[0], "fire.exit_blocked", "minor", "corrected", "harmless", today=TODAY
    )
    proposal = await case.proposal()
    assert (proposal["outcome"], proposal["force"], proposal["permitted"]) == ("exempt", "must", ["exempt"])
    assert (proposal["range"], proposal["education_required"]) == ({"min_fen": 0, "max_fen": 0}, True)
    assert "PL-33" in [reason["clause"] for reason in proposal["reasons"]]

    await case.heard(500_000)
    before = await case.shown()
    for outcome in ("ordinary", "lighter", "waived"):
        answer = await case.decide(outcome, 0 if outcome == "waived" else 500_000, education="已当面教育")
        assert acts.refusals(answer)["decision.outcome_not_open"]["clause"] == "PL-33"
    untaught = acts.refusals(await case.decide("exempt"))
    assert (set(untaught), untaught["decision.no_education"]["clause"]) == ({"decision.no_education"}, "PL-33")
    assert await case.shown() == before
    assert not bench.events.of(PenaltyDecided)

    answer = await case.decide("exempt", education="已讲解消防法第二十八条")
    assert (answer.status, answer.body["state"], answer.body["fine_fen"]) == (200, "closed", 0)
    event = await bench.events.wait_for(PenaltyDecided)
    assert (event.case_id, event.outcome, event.educated, event.fine_fen) == (case.case_id, "exempt", True, 0)
    [line] = await (await case.head()).pages("penalty", "/v1/exemptions")
    assert (line["case_id"], line["outcome"], line["education"]) == (case.case_id, "exempt", "已讲解消防法第二十八条")
    assert "PL-33" in [ground["clause"] for ground in line["grounds"]]


@pytest.mark.pack("linxia")
@pytest.mark.clause("PL-33")
async def test_first_slight_and_corrected_may_be_waived(bench: Bench) -> None:
    """A first, slightly harmful and corrected act may be waived or fined; done again it may not be waived."""
    county = bench.county
    waived_at, fined_at = casework.enterprises(county)[:2]
    facts = ("fire.exit_blocked", "slight_harm", "corrected")
    waived = await casework.opened(county, waived_at, *facts, today=TODAY)
    proposal = await waived.proposal()
    assert (proposal["outcome"], proposal["force"]) == ("waived", "may")
    assert {"waived", "lighter", "ordinary"} == set(proposal["permitted"])
    assert "first_offence" in proposal["circumstances"]
    assert set(acts.refusals(await waived.decide("waived"))) == {"decision.no_education"}
    answer = await waived.decide("waived", education="已当面教育并发放提示单")
    assert (answer.status, answer.body["decided"]["education"]) == (200, "已当面教育并发放提示单")

    fined = await casework.opened(county, fined_at, *facts, today=TODAY)
    await fined.heard(600_000)
    answer = await fined.decide("lighter", 600_000)
    assert (answer.status, answer.body["outcome"]) == (200, "lighter")

    again = await casework.opened(county, waived_at, *facts, today=TODAY)
    proposal = await again.proposal()
    assert "waived" not in proposal["permitted"]
    assert "first_offence" not in proposal["circumstances"]
    refused = acts.refusals(await again.decide("waived", education="已教育"))
    assert set(refused) == {"decision.outcome_not_open"}
    assert (await again.shown())["state"] == "filed"


@pytest.mark.pack("linxia")
@pytest.mark.clause("PL-33")
async def test_without_fault_no_penalty_unless_the_law_says_otherwise(bench: Bench) -> None:
    """Proven absence of fault forbids a penalty; where a law punishes without fault it does not."""
    county = bench.county
    first, second = casework.enterprises(county)[:2]
    case = await casework.opened(county, first, "fire.exit_blocked", "no_fault", today=TODAY)
    proposal = await case.proposal()
    assert (proposal["outcome"], proposal["force"], proposal["permitted"]) == ("no_fault", "must", ["no_fault"])
    assert [reason["clause"] for reason in proposal["reasons"]] == ["PL-33"]
    await case.heard(2_000_000)
    assert acts.refusals(await case.decide("ordinary", 2_000_000))["decision.outcome_not_open"]["clause"] == "PL-33"
    assert set(acts.refusals(await case.decide("no_fault"))) == {"decision.no_education"}
    assert (await case.decide("no_fault", education="已提示注意义务")).status == 200
    event = await bench.events.wait_for(PenaltyDecided)
    assert (event.outcome, event.educated, event.fine_fen) == ("no_fault", True, 0)

    law = "某法第十条：不论有无过错均应处罚"
    strict = await casework.opened(county, second, "fire.exit_blocked", "no_fault", today=TODAY, strict_liability=law)
    proposal = await strict.proposal()
    assert (proposal["outcome"], proposal["permitted"]) == ("ordinary", ["ordinary"])
    assert "PL-33" in [reason["clause"] for reason in proposal["reasons"]]
    refused = acts.refusals(await strict.decide("no_fault", education="已教育"))
    assert set(refused) == {"decision.outcome_not_open"}
    await strict.heard(2_000_000)
    assert (await strict.decide("ordinary", 2_000_000)).status == 200


@pytest.mark.pack("linxia")
@pytest.mark.clause("PL-51")
@pytest.mark.parametrize(("kind", "limit"), [("individual", 20_000), ("company", 300_000)])
async def test_on_the_spot_up_to_the_limit_and_not_a_fen_more(bench: Bench, kind: str, limit: int) -> None:
    """The limit itself is fined on the spot, one fen above is not; the form is numbered, handed over and reported."""
    county = bench.county
    parties = casework.enterprises(county, kind)
    case = await casework.opened(county, parties[0], "safety.no_training_record", "confessed", today=TODAY)
    assert (await case.shown())["party"] == {"individual": "citizen", "company": "organisation"}[kind]
    before = await case.shown()
    above = acts.refusals(await case.on_the_spot("lighter", limit + 1))
    assert (set(above), above["summary.fine_above_limit"]["clause"]) == ({"summary.fine_above_limit"}, "PL-51")
    other_kind = acts.refusals(await case.on_the_spot("lighter", limit, kinds=["fine", "suspension"]))
    assert (set(other_kind), other_kind["summary.kind"]["clause"]) == ({"summary.kind"}, "PL-51")
    untold = acts.refusals(
        await case.decide("lighter", limit, by=await case.handler(), procedure="summary", told=False)
    )
    assert set(untold) == {"decision.not_told"}
    assert await case.shown() == before
    assert not bench.events.of(PenaltyDecided)

    answer = await case.on_the_spot("lighter", limit)
    assert answer.status == 200, answer.body
    decided = answer.body["decided"]
    assert (decided["procedure"], decided["form_no"]) == ("summary", f"{case.agency_id}-2025-S00001")
    assert (decided["delivered_on"], decided["reported_to"]) == (TODAY.isoformat(), case.agency_id)
    assert decided["reported_at"]
    document = await (await case.party()).get("penalty", f"{case.path}/document")
    assert decided["form_no"] in document["text"]
    event = await bench.events.wait_for(PenaltyDecided)
    assert (event.case_id, event.procedure, event.fine_fen) == (case.case_id, "summary", limit)
    [listed] = await (await case.head()).pages("penalty", "/v1/cases", procedure="summary")
    assert listed["case_id"] == case.case_id

    second = await casework.opened(county, parties[1], "safety.no_training_record", "confessed", today=TODAY)
    answer = await second.on_the_spot("lighter", limit)
    assert answer.body["decided"]["form_no"] == f"{case.agency_id}-2025-S00002"


@pytest.mark.pack("linxia")
@pytest.mark.clause("PL-51")
async def test_warning_may_be_given_on_the_spot(bench: Bench) -> None:
    """A warning needs no fine to be given on the spot; a licence is not revoked there."""
    county = bench.county
    case = await casework.opened(county, casework.enterprises(county)[0], "food.no_health_certificate", today=TODAY)
    refused = acts.refusals(await case.on_the_spot("ordinary", kinds=["licence_revocation"]))
    assert refused["summary.kind"]["clause"] == "PL-51"
    answer = await case.on_the_spot("ordinary", kinds=["warning"])
    assert (answer.status, answer.body["decided"]["kinds"]) == (200, ["warning"])


REVIEW = {"from": "2026-01-08", "to": "2026-01-12", "reason": "行政复议"}
SUIT = {"from": "2026-01-11", "to": "2026-01-14", "reason": "行政诉讼"}
# A fine due on 5 January 2026, paid on a day: the surcharge in fen, the late days that count, whether it is capped.
SURCHARGES: tuple[tuple[dict[str, Any], int, int, bool], ...] = (
    ({"fine_fen": 600_000, "paid_on": "2025-12-31"}, 0, 0, False),
    ({"fine_fen": 600_000, "paid_on": "2026-01-05"}, 0, 0, False),
    ({"fine_fen": 600_000, "paid_on": "2026-01-06"}, 18_000, 1, False),
    ({"fine_fen": 600_000, "paid_on": "2026-01-15"}, 180_000, 10, False),
    ({"fine_fen": 600_000, "paid_on": "2026-02-05"}, 558_000, 31, False),
    ({"fine_fen": 600_000, "paid_on": "2026-02-07"}, 594_000, 33, False),
    ({"fine_fen": 600_000, "paid_on": "2026-02-08"}, 600_000, 34, True),
    ({"fine_fen": 600_000, "paid_on": "2027-02-08"}, 600_000, 399, True),
    ({"fine_fen": 33_333, "paid_on": "2026-01-06"}, 999, 1, False),
    ({"fine_fen": 33_333, "paid_on": "2026-01-08"}, 2_999, 3, False),
    ({"fine_fen": 1, "paid_on": "2026-02-07"}, 0, 33, False),
    ({"fine_fen": 1, "paid_on": "2026-02-08"}, 1, 34, True),
    ({"fine_fen": 600_000, "paid_on": "2026-01-10", "pauses": [REVIEW]}, 36_000, 2, False),
    ({"fine_fen": 600_000, "paid_on": "2026-01-15", "pauses": [REVIEW]}, 90_000, 5, False),
    ({"fine_fen": 600_000, "paid_on": "2026-01-15", "pauses": [SUIT, REVIEW]}, 54_000, 3, False),
    ({"fine_fen": 600_000, "paid_on": "2026-02-12", "pauses": [REVIEW]}, 594_000, 33, False),
    ({"fine_fen": 600_000, "paid_on": "2026-02-13", "pauses": [REVIEW]}, 600_000, 34, True),
    ({"fine_fen": 600_000, "paid_on": "2026-01-20", "deferred_to": "2026-01-20"}, 0, 0, False),
    ({"fine_fen": 600_000, "paid_on": "2026-01-21", "deferred_to": "2026-01-20"}, 18_000, 1, False),
    (
        {"fine_fen": 600_000, "paid_on": "2026-01-15", "deferred_to": "2026-01-10", "pauses": [SUIT]},
        18_000,
        1,
        False,
    ),
)


@pytest.mark.pack("linxia")
@pytest.mark.clause("PL-72")
async def test_surcharge_to_the_fen(bench: Bench) -> None:
    """Three per cent a day to the fen, never above the fine, none during review or suit nor before a deferred day."""
    caller = await bench.county.treasury()
    for question, fen, days, capped in SURCHARGES:
        body = {"due_on": "2026-01-05"} | question
        found = await caller.post("penalty", "/v1/calculations/surcharge", body)
        assert (found["surcharge_fen"], found["days"], found["capped"]) == (fen, days, capped), question
        assert bool(found["steps"]) == bool(fen or days or question.keys() & {"pauses", "deferred_to"}), question


async def fined(bench: Bench, number: int) -> casework.Case:
    """A case decided on 22 December 2025 with a fine of 6,000 yuan, to be paid by 6 January."""
    county = bench.county
    enterprise_id = casework.enterprises(county)[number]
    case = await casework.opened(county, enterprise_id, "fire.exit_blocked", "harm_removed", today=TODAY)
    await case.heard(600_000)
    answer = await case.decide("lighter", 600_000)
    assert (answer.status, answer.body["pay_by"]) == (200, "2026-01-06"), answer.body
    return case


async def late(case: casework.Case, *days: str) -> list[int]:
    """The surcharge at the end of each day."""
    return [(await case.balance(day))["surcharge_fen"] for day in days]


@pytest.mark.pack("linxia")
@pytest.mark.clause("PL-72")
async def test_case_owes_no_surcharge_during_review_and_never_more_than_the_fine(bench: Bench) -> None:
    """A case's balance runs by the day, stands still during the review, stops at the fine, and is paid to the fen."""
    stage = acts.stage_of(bench.county)
    case = await fined(bench, 0)
    assert await late(case, "2026-01-06", "2026-01-07", "2026-01-10") == [0, 18_000, 72_000]
    capped = await case.balance("2026-02-09")
    assert (capped["surcharge_fen"], capped["capped"], capped["owed_fen"]) == (600_000, True, 1_200_000)
    assert (await case.balance("2027-02-09"))["surcharge_fen"] == 600_000

    await stage.move_to(at("2026-01-09"))
    head = await case.head()
    review = await head.post("penalty", f"{case.path}/disputes", {"kind": "review", "from": "2026-01-09"})
    assert await late(case, "2026-01-08", "2026-01-09", "2026-01-20", "2026-06-30") == [36_000, 36_000, 36_000, 36_000]
    await stage.move_to(at("2026-01-20"))
    await head.post("penalty", f"{case.path}/disputes/{review['dispute_id']}/end", {"to": "2026-01-20"})
    assert await late(case, "2026-01-20", "2026-01-21", "2026-02-20", "2026-02-21") == [
        36_000,
        54_000,
        594_000,
        600_000,
    ]

    await stage.move_to(at("2026-01-21"))
    treasury = await bench.county.treasury()
    paid_on = {"paid_on": "2026-01-21", "channel": "treasury_bank"}
    await treasury.refusal("penalty", f"{case.path}/payments", {"fen": 654_001} | paid_on)
    await treasury.post("penalty", f"{case.path}/payments", {"fen": 654_000} | paid_on)
    event = await bench.events.wait_for(FinePaid)
    assert (event.paid_fen, event.surcharge_fen, event.settled) == (600_000, 54_000, True)
    assert (await case.balance("2026-12-31"))["owed_fen"] == 0


@pytest.mark.pack("linxia")
@pytest.mark.clause("PL-72")
async def test_deferred_case_owes_surcharge_from_the_deferred_day(bench: Bench) -> None:
    """Under a deferral nothing runs before its day; under instalments only a missed part is late."""
    stage = acts.stage_of(bench.county)
    deferred, split = await fined(bench, 0), await fined(bench, 1)
    await stage.move_to(at("2026-01-05"))
    head = await deferred.head()
    body = {"until": "2026-02-06", "reason": "资金周转困难"}
    await head.post("penalty", f"{deferred.path}/deferral", body)
    parts = [{"due": "2026-01-20", "fen": 200_000}, {"due": "2026-02-20", "fen": 400_000}]
    await head.post("penalty", f"{split.path}/deferral", {"instalments": parts, "reason": "资金周转困难"})
    assert await late(deferred, "2026-01-07", "2026-02-06", "2026-02-07", "2026-03-12") == [0, 0, 18_000, 600_000]
    assert await late(split, "2026-01-20", "2026-01-21", "2026-02-20", "2026-02-21") == [0, 6_000, 186_000, 204_000]


PENALTY_LAW = "行政处罚法 第八十五条"
# National Day 2025: off 1 to 8 October, worked on Sunday 28 September and Saturday 11 October.
# Spring Festival 2026: off 15 to 23 February, worked on Saturdays 14 and 28 February.
DEADLINES: tuple[tuple[str, int, str, str, tuple[str, ...]], ...] = (
    ("2025-09-26", 2, "2025-09-29", "working", ("2025年9月28日",)),
    ("2025-09-30", 2, "2025-10-10", "working", ("2025年10月1日", "2025年10月8日")),
    ("2025-09-30", 3, "2025-10-11", "working", ("2025年10月1日", "2025年10月11日")),
    ("2025-09-30", 5, "2025-10-14", "working", ("2025年10月11日", "2025年10月12日")),
    ("2025-09-30", 7, "2025-10-16", "working", ("2025年10月1日", "2025年10月11日")),
    ("2025-09-30", 1, "2025-10-01", "calendar", ()),
    ("2025-09-30", 4, "2025-10-04", "calendar", ()),
    ("2025-09-30", 10, "2025-10-10", "calendar", ()),
    ("2025-09-30", 15, "2025-10-15", "calendar", ()),
    ("2026-02-12", 2, "2026-02-14", "working", ("2026年2月14日",)),
    ("2026-02-13", 3, "2026-02-25", "working", ("2026年2月14日", "2026年2月15日", "2026年2月23日")),
    ("2026-02-13", 5, "2026-02-27", "working", ("2026年2月14日", "2026年2月23日")),
    ("2026-02-13", 7, "2026-03-02", "working", ("2026年2月14日", "2026年2月28日", "2026年3月1日")),
    ("2026-02-13", 15, "2026-02-28", "calendar", ()),
    ("2026-02-13", 60, "2026-04-14", "calendar", ()),
    ("2026-02-13", 90, "2026-05-14", "calendar", ()),
)


@pytest.mark.pack("linxia")
@pytest.mark.clause("PL-85")
async def test_periods_over_holidays_and_worked_weekends(bench: Bench) -> None:
    """2, 3, 5 and 7 days skip National Day and Spring Festival and count worked weekends; others run through."""
    caller = await bench.county.head(bench.county.agency("market"))
    for start, days, due, unit, named in DEADLINES:
        body = {"start": start, "days": days, "article": PENALTY_LAW}
        found = await caller.post("penalty", "/v1/calculations/deadline", body)
        assert (found["due"], found["unit"]) == (due, unit), body
        assert found["at"].startswith(f"{due}T23:59:59"), body
        told, day = "".join(found["steps"]), date.fromisoformat(due)
        for part in (*named, PENALTY_LAW, f"{day.year}年{day.month}月{day.day}日"):
            assert part in told, (body, part)
    rolled = {"start": "2025-09-30", "days": 4, "article": PENALTY_LAW, "roll_to_workday": True}
    assert (await caller.post("penalty", "/v1/calculations/deadline", rolled))["due"] == "2025-10-09"


@pytest.mark.pack("linxia")
@pytest.mark.clause("PL-85")
async def test_each_clock_of_a_case_explains_itself(bench: Bench) -> None:
    """Over Spring Festival a case's clocks name the days that did not count, each with its clause."""
    county, stage = bench.county, acts.stage_of(bench.county)
    await stage.move_to(at("2026-02-13"))
    today = stage.now.date()
    enterprise_id = casework.enterprises(county)[0]
    case = await casework.opened(county, enterprise_id, "fire.exit_blocked", "harm_removed", today=today)
    await case.heard(600_000)
    clocks = {clock["name"]: clock for clock in (await case.shown())["clocks"]}
    assert clocks["statement"]["due"] == "2026-02-27"
    assert clocks["decision"]["due"] == "2026-05-14"
    told = "".join(clocks["statement"]["explained"])
    assert all(day in told for day in ("2026年2月13日", "2026年2月14日", "2026年2月23日", "2026年2月27日"))
    assert (await case.decide("lighter", 600_000, handed_over=False)).status == 200
    waiting = {clock["name"]: clock for clock in (await case.shown())["clocks"]}
    assert waiting["delivery"]["due"] == "2026-03-02"
    handler = await case.handler()
    await handler.post("penalty", f"{case.path}/delivery", {"delivered_on": "2026-02-13", "method": "in_person"})
    after = {clock["name"]: clock for clock in (await case.shown())["clocks"]}
    assert (after["payment"]["due"], after["review"]["due"]) == ("2026-02-28", "2026-04-14")
    for clock in (clocks | waiting | after).values():
        assert clock["clause"]
        assert len(clock["explained"]) > 1


HEAVY = {
    "large_fine": ("safety.no_training_record", (), "ordinary", 5_000_000, ("fine",)),
    "suspension": ("safety.no_training_record", (), "ordinary", 0, ("suspension",)),
    "licence_revocation": ("food.no_health_certificate", ("refused",), "heavier", 0, ("licence_revocation",)),
    "closure": ("waste.storage_unlabelled", (), "ordinary", 0, ("closure",)),
}


@pytest.mark.pack("quzhou")
@pytest.mark.clause("QZ-31")
async def test_heavy_case_reaches_the_supervision_body_by_itself(bench: Bench) -> None:
    """A large fine, a revoked licence, a closure or a seizure is filed by event; a fen less is not, nor by hand."""
    county = bench.county
    parties = iter(casework.enterprises(county))
    light = await casework.opened(county, next(parties), "safety.no_training_record", today=TODAY)
    await light.heard(4_999_999)
    await light.weighed()
    assert (await light.decide("ordinary", 4_999_999)).status == 200

    filed: dict[str, casework.Case] = {}
    for ground, (violation, circumstances, outcome, fine_fen, kinds) in HEAVY.items():
        case = await casework.opened(county, next(parties), violation, *circumstances, today=TODAY)
        await case.heard(fine_fen, kinds)
        await case.weighed()
        answer = await case.decide(outcome, fine_fen, kinds=list(kinds))
        assert answer.status == 200, (ground, answer.body)
        filed[ground] = case
    seized = await casework.opened(county, next(parties), "waste.storage_unlabelled", today=TODAY)
    measure = {"kind": "seize", "reason": "防止转移危险废物", "softer_means_fail": "责令改正后仍在转移"}
    await (await seized.head()).post("penalty", f"{seized.path}/measures", measure)
    await bench.events.wait_for(CoercionImposed)
    filed["seizure"] = seized

    supervisor = await county.supervisor()

    async def arrived() -> list[Any] | None:
        found = await supervisor.pages("supervision", "/v1/heavy-cases")
        return found if len(found) >= len(filed) else None

    listed = {case["case_id"]: case["grounds"] for case in await until("the heavy cases arrive", arrived)}
    assert listed == {case.case_id: [ground] for ground, case in filed.items()}

    async def announced() -> bool:
        return {event.case_id: list(event.grounds) for event in bench.events.of(HeavyCaseFiled)} == listed

    await until("each filing is announced as listed", announced, seconds=10)
    by_hand = await supervisor.send("POST", "supervision", "/v1/heavy-cases", json={"case_id": light.case_id})
    assert by_hand.status == 405
