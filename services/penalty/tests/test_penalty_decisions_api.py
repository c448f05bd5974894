"""Deciding over HTTP: what is proposed, what is refused and why, what follows of itself."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from wurao.common.auth import Role
from wurao.common.contracts.penalty import (
    CaseOpened,
    HeavyCaseFiled,
    ListDeparted,
    NoticeServed,
    PenaltyDecided,
)
from wurao.common.contracts.registry import OfficerSuspended
from wurao.common.contracts.shared import Finding

AGENCY, OTHER = "330802-market", "330802-fire"
FIRM, SHOP = "91330800MA00000001", "92330800MA00000002"
EXEMPT = ("minor", "corrected", "harmless")
MakeDesk = Callable[..., Awaitable[Any]]


def codes(answer: Any) -> set[str]:
    """The refusal codes of a problem."""
    assert answer.status_code == 409, answer.text
    return {refusal["code"] for refusal in answer.json()["refusals"]}


def refusal(answer: Any, code: str) -> dict[str, Any]:
    """The refusal with a code."""
    assert answer.status_code in (403, 409), answer.text
    return next(dict(found) for found in answer.json()["refusals"] if found["code"] == code)


@pytest.mark.clause("PL-33")
async def test_exempting_circumstances_forbid_a_fine(desk: Any) -> None:
    """Slight, corrected and harmless must not be punished: a fine is refused, the exemption stands with education."""
    case_id = await desk.case("food.label_defect", *EXEMPT)
    found = await desk.get(f"cases/{case_id}/proposal", desk.officer())
    assert (found["outcome"], found["force"], found["range"]) == ("exempt", "must", {"min_fen": 0, "max_fen": 0})
    assert found["education_required"] is True
    assert "PL-33" in [reason["clause"] for reason in found["reasons"]]
    await desk.heard(case_id, 50_000)
    answer = await desk.decide(case_id, "ordinary", 50_000, departure_reason="从严处理")
    assert refusal(answer, "decision.outcome_not_open")["clause"] == "PL-33"
    assert codes(await desk.decide(case_id, "exempt")) == {"decision.no_education"}
    answer = await desk.decide(case_id, "exempt", education="已讲解标签标准")
    assert answer.json()["state"] == "closed", answer.text
    event = await desk.harness.recorder.wait_for(PenaltyDecided)
    assert (event.outcome, event.educated, event.fine_fen, event.pay_by) == ("exempt", True, 0, None)


@pytest.mark.clause("PL-33")
async def test_first_offence_may_be_waived_or_fined(desk: Any) -> None:
    """A first, slightly harmful and corrected act may be waived; the law leaves a fine open."""
    case_id = await desk.case("safety.no_training_record", "slight_harm", "corrected")
    found = await desk.get(f"cases/{case_id}/proposal", desk.officer())
    assert (found["outcome"], found["force"]) == ("waived", "may")
    assert "ordinary" in found["permitted"]
    await desk.heard(case_id, 3_000_000)
    assert (await desk.decide(case_id, "ordinary", 3_000_000)).status_code == 200


@pytest.mark.clause("PL-33")
async def test_without_fault_no_penalty_unless_the_law_says_otherwise(desk: Any) -> None:
    """Proven absence of fault forbids a penalty, but not where a law punishes without fault."""
    case_id = await desk.case("fire.exit_blocked", "no_fault")
    found = await desk.get(f"cases/{case_id}/proposal", desk.officer())
    assert (found["outcome"], found["force"], found["permitted"]) == ("no_fault", "must", ["no_fault"])
    strict = await desk.case("fire.exit_blocked", "no_fault", strict_liability="某法第十条")
    found = await desk.get(f"cases/{strict}/proposal", desk.officer())
    assert found["outcome"] == "ordinary"
    answer = await desk.decide(case_id, "no_fault", education="已提示注意义务")
    assert answer.json()["decided"]["education"] == "已提示注意义务"


@pytest.mark.clause("PL-51")
@pytest.mark.parametrize(
    ("party", "limit"), [("organisation", 300_000), ("citizen", 20_000)], ids=["organisation", "citizen"]
)
async def test_on_the_spot_limit(desk: Any, party: str, limit: int) -> None:
    """On the spot the limit itself is allowed and one fen more is refused, with the ordinary procedure named."""
    more = {"party": party, "act_id": party}
    case_id = await desk.case("safety.no_training_record", "confessed", **more)
    spot = {"procedure": "summary", "told": True, "headers": desk.officer()}
    answer = await desk.decide(case_id, "lighter", limit, **spot | {"headers": desk.officer("r1")})
    assert codes(answer) == {"decision.not_case_officer"}
    answer = await desk.decide(case_id, "lighter", limit + 1, **spot)
    found = refusal(answer, "summary.fine_above_limit")
    assert found["clause"] == "PL-51"
    assert "普通程序" in found["alternatives"][0]
    answer = await desk.decide(case_id, "lighter", limit, **spot)
    assert answer.status_code == 200, answer.text
    decided = answer.json()["decided"]
    assert decided["form_no"] == f"{AGENCY}-2026-S00001"
    assert (decided["delivered_on"], decided["reported_to"]) == ("2026-01-05", AGENCY)
    assert decided["reported_at"]
    event = await desk.harness.recorder.wait_for(PenaltyDecided)
    assert (event.procedure, event.fine_fen) == ("summary", limit)


@pytest.mark.clause("PL-51")
async def test_individual_business_counts_as_a_citizen(desk: Any) -> None:
    """An individual business is its owner: the citizen's limit applies without being asked for."""
    case_id = await desk.case("safety.no_training_record", "confessed", enterprise_id=SHOP)
    answer = await desk.decide(case_id, "lighter", 20_001, procedure="summary", told=True, headers=desk.officer())
    assert codes(answer) == {"summary.fine_above_limit"}


@pytest.mark.clause("PL-44")
async def test_on_the_spot_party_is_told_first(desk: Any) -> None:
    """On the spot too the party is told and heard before the decision."""
    case_id = await desk.case("safety.no_training_record", "confessed")
    answer = await desk.decide(case_id, "lighter", 10_000, procedure="summary", headers=desk.officer())
    assert codes(answer) == {"decision.not_told"}


@pytest.mark.clause("PL-44")
async def test_statement_is_answered_before_the_decision(desk: Any) -> None:
    """With a statement unanswered there is no decision; answered, there is."""
    case_id = await desk.case("fire.exit_blocked")
    await desk.notice(case_id, 2_000_000)
    await desk.post(f"cases/{case_id}/statements", desk.party(), {"text": "货物当日已搬离"})
    assert codes(await desk.decide(case_id, "ordinary", 2_000_000)) == {"decision.statement_unanswered"}
    desk.advance(30)
    assert codes(await desk.decide(case_id, "ordinary", 2_000_000)) == {"decision.statement_unanswered"}
    await desk.post(f"cases/{case_id}/statements/answer", desk.officer(), {"text": "经复核，不予采纳"})
    assert (await desk.decide(case_id, "ordinary", 2_000_000)).status_code == 200


@pytest.mark.clause("PL-44")
async def test_decision_is_not_heavier_than_the_notice(desk: Any) -> None:
    """One fen more than noticed is refused; after a new notice it is not. Defending oneself is no ground for more."""
    case_id = await desk.case("fire.exit_blocked")
    await desk.heard(case_id, 2_000_000)
    assert codes(await desk.decide(case_id, "ordinary", 2_000_001)) == {"decision.heavier_than_noticed"}
    await desk.post(f"cases/{case_id}/statements", desk.party(), {"text": "请求从轻"})
    assert codes(await desk.notice(case_id, 2_000_001)) == {"notice.heavier_after_defence"}
    answer = await desk.notice(case_id, 2_000_001, new_facts="另查明二号出口同样被堵")
    assert answer.status_code == 200, answer.text
    await desk.post(f"cases/{case_id}/statements/answer", desk.officer(), {"text": "已复核"})
    assert (await desk.decide(case_id, "ordinary", 2_000_001)).status_code == 200


@pytest.mark.clause("LX-05")
@pytest.mark.pack("linxia")
async def test_no_decision_before_notice_and_its_time(desk_in: MakeDesk) -> None:
    """Before notice, and while the time for statements runs, a decision is refused; the day after it is not."""
    desk = await desk_in("linxia")
    case_id = await desk.case("fire.exit_blocked")
    assert codes(await desk.decide(case_id, "ordinary", 2_000_000)) == {"decision.no_notice"}
    answer = await desk.notice(case_id, 2_000_000)
    assert answer.json()["notice"]["statement_due"] == "2026-01-12"
    desk.advance(7)
    found = refusal(await desk.decide(case_id, "ordinary", 2_000_000), "decision.statement_time_runs")
    assert found["clause"] == "LX-05"
    desk.advance(1)
    assert (await desk.decide(case_id, "ordinary", 2_000_000)).status_code == 200
    event = await desk.harness.recorder.wait_for(NoticeServed)
    assert event.statement_due is not None
    assert event.statement_due.isoformat() == "2026-01-12"


@pytest.mark.clause("LX-05")
async def test_document_explains_how_the_benchmark_was_applied(desk: Any) -> None:
    """The decision's text holds the benchmark paragraph with circumstances, tier and bounds."""
    case_id = await desk.fined()
    found = await desk.get(f"cases/{case_id}/document", desk.party())
    paragraph = found["paragraphs"]["benchmark"]
    for part in ("主动消除或者减轻危害后果", "消防法第六十条第一款第三项", "较轻档", "5000.00元至18500.00元"):
        assert part in paragraph
    assert paragraph in found["text"]
    assert "罚款6000.00元" in found["paragraphs"]["decision"]
    assert "《信用修复告知书》随本决定书一并送达" in found["paragraphs"]["repair"]


@pytest.mark.clause("RL-23")
async def test_remedy_paragraph_follows_the_procedure(desk: Any) -> None:
    """An on-the-spot penalty names review before suit; an ordinary one leaves the choice."""
    ordinary = await desk.get(f"cases/{await desk.fined()}/document", desk.party())
    spot = await desk.case("safety.no_training_record", "confessed")
    await desk.decide(spot, "lighter", 10_000, procedure="summary", told=True, headers=desk.officer())
    summary = await desk.get(f"cases/{spot}/document", desk.party())
    assert "应当先自收到本决定书之日起60日内申请行政复议" in summary["paragraphs"]["remedy"]
    assert "也可以自收到本决定书之日起6个月内直接" in ordinary["paragraphs"]["remedy"]


@pytest.mark.clause("DT-06")
@pytest.mark.parametrize(("fine", "bound"), [(1_849_999, "下限1850000分"), (3_650_001, "上限3650000分")])
@pytest.mark.pack("dingtao")
async def test_fine_outside_the_benchmark_is_refused(desk_in: MakeDesk, fine: int, bound: str) -> None:
    """A fine one fen outside the tier is refused, naming the bound; the bound itself is allowed."""
    desk = await desk_in("dingtao")
    case_id = await desk.case("fire.exit_blocked")
    await desk.heard(case_id, 5_000_000)
    found = refusal(await desk.decide(case_id, "ordinary", fine), "decision.fine_out_of_range")
    assert found["clause"] == "DT-06"
    assert found["cite"] == "消防法 第六十条第一款第三项；菏定政办字〔2023〕6号 二(二)4；行政处罚法 第三十四条"
    assert bound in found["message"]
    inside = 1_850_000 if fine < 2_000_000 else 3_650_000
    assert (await desk.decide(case_id, "ordinary", inside)).status_code == 200


@pytest.mark.clause("DT-06")
async def test_no_list_can_be_sorted_by_fines(desk: Any) -> None:
    """No operation of the API takes a parameter that orders or filters by amounts, and lists carry none."""
    document = (await desk.harness.client.get("/openapi.json")).json()
    names = {
        parameter["name"]
        for path in document["paths"].values()
        for operation in path.values()
        for parameter in operation.get("parameters", [])
    }
    assert not [name for name in names if any(word in name for word in ("sort", "order", "fine", "fen", "target"))]
    assert not [name for name in document["components"]["schemas"]["CaseRow"]["properties"] if "fen" in name]


@pytest.mark.clause("DT-06")
async def test_kind_that_the_benchmark_does_not_know_is_refused(desk: Any) -> None:
    """A kind of penalty that the article does not provide is refused."""
    case_id = await desk.case("fire.exit_blocked")
    await desk.heard(case_id, 2_000_000, ["fine", "closure"])
    answer = await desk.decide(case_id, "ordinary", 2_000_000, kinds=["fine", "closure"])
    assert "decision.kind_not_allowed" in codes(answer)


@pytest.mark.clause("DT-06")
async def test_order_to_correct_comes_before_the_fine(desk: Any) -> None:
    """Where the article fines only a refused order to correct, nothing is fined until it was refused."""
    case_id = await desk.case("food.label_defect")
    found = await desk.get(f"cases/{case_id}/proposal", desk.officer())
    assert (found["outcome"], found["permitted"], found["range"]["max_fen"]) == ("exempt", ["exempt"], 0)
    assert "应先责令改正" in found["reasons"][-1]["text"]
    refused = await desk.case("food.label_defect", "refused")
    found = await desk.get(f"cases/{refused}/proposal", desk.officer())
    assert (found["outcome"], found["range"]) == ("heavier", {"min_fen": 140_000, "max_fen": 200_000})


@pytest.mark.clause("YZ-12")
@pytest.mark.pack("yongzhou")
async def test_departing_from_a_list_needs_a_reason_and_is_announced(desk_in: MakeDesk) -> None:
    """A matching entry's outcome is proposed; another one needs a written reason and becomes an event."""
    desk = await desk_in("yongzhou")
    case_id = await desk.case("fire.exit_blocked", "harm_removed")
    found = await desk.get(f"cases/{case_id}/proposal", desk.officer())
    assert (found["outcome"], found["list_entry"]) == ("lighter", "YZ-L-1")
    await desk.heard(case_id, 1_000_000)
    answer = await desk.decide(case_id, "mitigated", 400_000)
    assert refusal(answer, "decision.departure_without_reason")["clause"] == "YZ-12"
    answer = await desk.decide(case_id, "mitigated", 400_000, departure_reason="首次且当场恢复畅通，减轻处理")
    assert answer.status_code == 200, answer.text
    event = await desk.harness.recorder.wait_for(ListDeparted)
    assert (event.list_entry, event.proposed, event.decided) == ("YZ-L-1", "lighter", "mitigated")
    assert event.reason == "首次且当场恢复畅通，减轻处理"


@pytest.mark.clause("YZ-12")
@pytest.mark.pack("yongzhou")
async def test_circumstance_found_untrue_opens_another_outcome(desk_in: MakeDesk) -> None:
    """An exempt entry yields only when a circumstance is found not established, with a reason, and is announced."""
    desk = await desk_in("yongzhou")
    case_id = await desk.case("credit.annual_report_late", *EXEMPT)
    body = {"kinds": ["abnormal_listing"], "not_established": ["corrected"]}
    await desk.heard(case_id, 0, ["abnormal_listing"])
    assert codes(await desk.decide(case_id, "ordinary", **body)) == {"decision.departure_without_reason"}
    answer = await desk.decide(case_id, "ordinary", **body, departure_reason="至今未补报年度报告")
    assert answer.status_code == 200, answer.text
    event = await desk.harness.recorder.wait_for(ListDeparted)
    assert (event.list_entry, event.proposed, event.decided) == ("YZ-E-2", "exempt", "ordinary")


@pytest.mark.clause("QZ-31")
@pytest.mark.pack("quzhou")
async def test_heavy_case_files_itself(desk_in: MakeDesk) -> None:
    """A large fine reaches the supervision body by event, with nobody filing it; a small one does not."""
    desk = await desk_in("quzhou")
    small = await desk.case("fire.exit_blocked")
    await desk.heard(small, 2_000_000)
    await desk.review(small)
    assert (await desk.decide(small, "ordinary", 2_000_000)).status_code == 200
    case_id = await desk.case("waste.storage_unlabelled")
    await desk.heard(case_id, 40_000_000)
    assert codes(await desk.decide(case_id, "ordinary", 40_000_000)) == {
        "decision.not_reviewed",
        "decision.not_discussed",
    }
    await desk.review(case_id)
    await desk.discuss(case_id)
    answer = await desk.decide(case_id, "ordinary", 40_000_000)
    assert answer.status_code == 200, answer.text
    event = await desk.harness.recorder.wait_for(HeavyCaseFiled)
    assert (event.case_id, event.grounds, event.fine_fen) == (case_id, ("large_fine",), 40_000_000)
    assert len(desk.harness.recorder.of(HeavyCaseFiled)) == 1


@pytest.mark.clause("QZ-21")
@pytest.mark.pack("quzhou")
async def test_every_ordinary_case_is_reviewed_by_the_qualified(desk_in: MakeDesk) -> None:
    """Under Quzhou's pack each ordinary case needs a review; who is new to it must hold the qualification."""
    desk = await desk_in("quzhou")
    case_id = await desk.case("fire.exit_blocked")
    await desk.heard(case_id, 2_000_000)
    answer = await desk.decide(case_id, "ordinary", 2_000_000)
    assert refusal(answer, "decision.not_reviewed")["clause"] == "QZ-21"
    assert codes(await desk.review(case_id, reviewer="r2")) == {"review.not_qualified"}
    assert codes(await desk.review(case_id, reviewer="o1")) == {"review.not_a_reviewer"}
    await desk.review(case_id, passed=False)
    assert codes(await desk.decide(case_id, "ordinary", 2_000_000)) == {"decision.review_failed"}
    await desk.review(case_id)
    assert (await desk.decide(case_id, "ordinary", 2_000_000)).status_code == 200


@pytest.mark.clause("PL-58")
async def test_listed_situation_makes_review_compulsory(desk: Any) -> None:
    """Under national law a listed situation, and only that, asks for a review; a new notice asks for a new one."""
    case_id = await desk.case("fire.exit_blocked", situations=["complex"])
    await desk.heard(case_id, 2_000_000)
    assert codes(await desk.decide(case_id, "ordinary", 2_000_000)) == {"decision.not_reviewed"}
    await desk.review(case_id)
    await desk.heard(case_id, 1_900_000)
    assert codes(await desk.decide(case_id, "ordinary", 1_900_000)) == {"decision.not_reviewed"}
    await desk.review(case_id)
    assert (await desk.decide(case_id, "ordinary", 1_900_000)).status_code == 200


@pytest.mark.clause("YZ-15")
@pytest.mark.pack("yongzhou")
async def test_large_fine_needs_an_impact_assessment(desk_in: MakeDesk) -> None:
    """Above the pack's threshold a decision needs an impact assessment, and the document cites it."""
    desk = await desk_in("yongzhou")
    case_id = await desk.case("waste.storage_unlabelled", "harm_removed", "corrected")
    await desk.heard(case_id, 5_000_000)
    found = refusal(await desk.decide(case_id, "mitigated", 5_000_000), "decision.no_impact_assessment")
    assert found["clause"] == "YZ-15"
    answer = await desk.decide(case_id, "mitigated", 5_000_000, impact_assessment="不影响持续经营")
    assert answer.status_code == 200, answer.text
    document = await desk.get(f"cases/{case_id}/document", desk.party())
    assert "不影响持续经营" in document["text"]


@pytest.mark.clause("PL-63")
async def test_hearing_asked_for_in_time_holds_the_decision(desk: Any) -> None:
    """A request on the fifth working day counts and stops the decision until the hearing; on the sixth it is late."""
    case_id, late = await desk.case("waste.storage_unlabelled"), await desk.case("equipment.overdue_inspection")
    assert (await desk.notice(case_id, 37_000_000)).json()["notice"]["hearing_due"] == "2026-01-12"
    await desk.notice(late, 12_000_000)
    desk.advance(7)
    ask = {"text": "要求听证", "requests_hearing": True}
    assert (await desk.post(f"cases/{case_id}/statements", desk.party(), ask)).status_code == 200
    desk.advance(1)
    assert codes(await desk.post(f"cases/{late}/statements", desk.party(), ask)) == {"hearing.too_late"}
    await desk.post(f"cases/{case_id}/statements/answer", desk.officer(), {"text": "将组织听证"})
    await desk.review(case_id)
    await desk.discuss(case_id)
    assert codes(await desk.decide(case_id, "ordinary", 37_000_000)) == {"decision.hearing_pending"}
    desk.advance(13)
    held = {"notified_on": "2026-01-14", "held_on": "2026-01-23", "chair_id": "o1", "record": "听证笔录"}
    answer = await desk.post(f"cases/{case_id}/hearing", desk.officer(), held)
    assert codes(answer) == {"hearing.chaired_by_investigator", "hearing.notice_too_short"}
    held |= {"held_on": "2026-01-26", "chair_id": "r2"}
    answer = await desk.post(f"cases/{case_id}/hearing", desk.officer(), held)
    assert answer.status_code == 200, answer.text
    assert (await desk.decide(case_id, "ordinary", 37_000_000)).status_code == 200


@pytest.mark.clause("DT-07")
async def test_second_offence_is_not_a_first_one(desk: Any) -> None:
    """First offence comes from this service's own history, not from a claim; after a decision an act is repeated."""
    claim = ("first_offence", "slight_harm", "corrected")
    first = await desk.case("safety.no_training_record", *claim)
    await desk.decide(first, "waived", education="已指导补记")
    second = await desk.case("safety.no_training_record", *claim, agency_id=OTHER)
    found = await desk.get(f"cases/{second}/proposal", desk.officer("f1", OTHER))
    assert (found["outcome"], found["circumstances"]) == ("ordinary", ["corrected", "slight_harm"])
    desk.advance(1)
    third = await desk.case("safety.no_training_record", *claim)
    found = await desk.get(f"cases/{third}/proposal", desk.officer())
    assert (found["outcome"], found["circumstances"]) == ("heavier", ["corrected", "repeated", "slight_harm"])
    ledger = await desk.get("exemptions", desk.headers(Role.SUPERVISOR, agency_id="330802-justice"))
    [line] = ledger["items"]
    assert (line["case_id"], line["outcome"], line["education"]) == (first, "waived", "已指导补记")
    assert line["grounds"][0]["clause"] == "PL-33"
    desk.advance(366 * 2)
    later = await desk.case("safety.no_training_record", "slight_harm", "corrected")
    found = await desk.get(f"cases/{later}/proposal", desk.officer())
    assert found["outcome"] == "waived"


@pytest.mark.clause("PL-29")
async def test_one_act_is_fined_once_even_in_a_race(desk: Any) -> None:
    """Two bodies decide on the same act at once: one fine stands, the other is refused and names the first."""
    mine, theirs = await desk.case("fire.exit_blocked"), await desk.case("fire.exit_blocked", agency_id=OTHER)
    await desk.heard(mine, 2_000_000)
    body = {"fine_fen": 2_000_000, "kinds": ["fine"], "facts": "现场查明", "reasons": "依法"}
    await desk.post(f"cases/{theirs}/notice", desk.officer("f1", OTHER), body)
    await desk.post(f"cases/{theirs}/statements/waive", desk.party())
    answers = await asyncio.gather(
        desk.decide(mine, "ordinary", 2_000_000),
        desk.decide(theirs, "ordinary", 2_000_000, headers=desk.head(OTHER)),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    winner, loser = sorted(answers, key=lambda answer: answer.status_code)
    found = refusal(loser, "decision.fined_already")
    assert found["clause"] == "PL-29"
    assert winner.json()["case_no"] in found["message"]


@pytest.mark.clause("PL-29")
async def test_act_under_two_norms_is_fined_once(desk: Any) -> None:
    """Cases under different norms that name one act share its one fine."""
    first = await desk.case("fire.exit_blocked", act_id="act-7")
    second = await desk.case("safety.no_training_record", act_id="act-7")
    for case_id, fine in ((first, 2_000_000), (second, 3_000_000)):
        await desk.heard(case_id, fine)
    assert (await desk.decide(first, "ordinary", 2_000_000)).status_code == 200
    assert codes(await desk.decide(second, "ordinary", 3_000_000)) == {"decision.fined_already"}


DIRECT = {
    "enterprise_id": FIRM,
    "agency_id": AGENCY,
    "violation": "fire.exit_blocked",
    "act_on": "2026-01-05",
    "officer_ids": ["o1", "o2"],
}
LIMITS: list[tuple[dict[str, Any], int]] = [
    ({"act_on": "2024-01-05"}, 201),
    ({"act_on": "2024-01-04"}, 409),
    ({"act_on": "2023-01-01", "ended_on": "2024-01-05"}, 201),
    ({"act_on": "2021-09-01", "ended_on": "2024-01-04"}, 409),
    ({"act_on": "2021-01-05", "grave_harm": True}, 201),
    ({"act_on": "2021-01-04", "grave_harm": True}, 409),
    ({"act_on": "2024-01-04", "found_on": "2026-01-04"}, 201),
]


@pytest.mark.clause("PL-36")
async def test_limitation(desk: Any) -> None:
    """Just inside two or five years a case opens, just outside it does not; a continuous act counts from its end."""
    for more, status in LIMITS:
        answer = await desk.post("cases", desk.officer(), DIRECT | more)
        assert answer.status_code == status, (more, answer.text)
        if status == 409:
            assert refusal(answer, "case.time_barred")["clause"] == "PL-36"


UNFIT = [
    (["o1"], "case.too_few_officers"),
    (["o1", "o1"], "case.too_few_officers"),
    (["o1", "expired"], "case.officer_not_certified"),
    (["o1", "f1"], "case.officer_not_certified"),
    (["o1", "nobody"], "case.officer_not_certified"),
]


@pytest.mark.clause("PL-42")
async def test_case_needs_two_certified_officers(desk: Any) -> None:
    """One officer, the same twice, an expired certificate, another body's officer or a stranger is refused."""
    for officers, code in UNFIT:
        answer = await desk.post("cases", desk.officer(), DIRECT | {"officer_ids": officers})
        assert codes(answer) == {code}
        assert refusal(answer, code)["clause"] == "PL-42"


@pytest.mark.clause("PL-42")
async def test_suspended_officer_opens_no_case(desk: Any) -> None:
    """An officer whom the registry suspended handles no new case."""
    await desk.harness.deliver(OfficerSuspended(officer_id="o2", agency_id=AGENCY, reason="投诉查实", version=2))
    assert codes(await desk.post("cases", desk.officer(), DIRECT)) == {"case.officer_not_certified"}


@pytest.mark.clause("QZ-23")
@pytest.mark.pack("quzhou")
async def test_steps_are_taken_in_their_order(desk_in: MakeDesk) -> None:
    """Every step tried outside its place is refused; the case's officer does not decide it."""
    desk = await desk_in("quzhou")
    case_id = await desk.case("fire.exit_blocked")
    assert refusal(await desk.pay(case_id, 1), "case.wrong_step")["clause"] == "QZ-23"
    assert codes(await desk.waive(case_id)) == {"case.wrong_step"}
    plan = {"until": "2026-03-01", "reason": "资金周转困难"}
    assert codes(await desk.post(f"cases/{case_id}/deferral", desk.head(), plan)) == {"case.wrong_step"}
    dispute = {"kind": "review", "from": "2026-01-05"}
    assert codes(await desk.post(f"cases/{case_id}/disputes", desk.head(), dispute)) == {"case.wrong_step"}
    await desk.heard(case_id, 2_000_000)
    await desk.review(case_id)
    answer = await desk.decide(case_id, "ordinary", 2_000_000, headers=desk.officer())
    assert codes(answer) == {"decision.not_by_head", "decision.by_case_officer"}
    assert {found["clause"] for found in answer.json()["refusals"]} == {"QZ-23"}
    both = desk.headers(Role.HEAD, agency_id=AGENCY, officer_id="o1")
    assert codes(await desk.decide(case_id, "ordinary", 2_000_000, headers=both)) == {"decision.by_case_officer"}
    assert (await desk.decide(case_id, "ordinary", 2_000_000)).status_code == 200
    assert codes(await desk.notice(case_id, 1)) == {"case.wrong_step"}
    assert codes(await desk.decide(case_id, "ordinary", 2_000_000)) == {"case.wrong_step"}
    answer = await desk.post(f"cases/{case_id}/statements", desk.party(), {"text": "不服"})
    assert codes(answer) == {"case.wrong_step"}


async def test_finding_becomes_a_case_once(desk: Any) -> None:
    """A visit's finding is listed, becomes a case with its facts, and no second one."""
    finding = Finding(
        finding_id="F1",
        item_id="I1",
        agency_id=AGENCY,
        violation="food.label_defect",
        description="标签字号偏小",
        circumstances=EXEMPT,
    )
    await desk.finish_visit(finding)
    await desk.finish_visit(finding)
    [row] = (await desk.get("violations?state=open", desk.officer()))["items"]
    assert (row["violation_id"], row["officers"], row["found_on"]) == ("F1", ["o1", "o2"], "2026-01-05")
    answer = await desk.post("cases", desk.officer(), {"violation_id": "F1"})
    assert answer.status_code == 201, answer.text
    case = answer.json()
    assert answer.headers["Location"] == f"/v1/cases/{case['case_id']}"
    assert (case["record_digest"], case["visit_id"], case["circumstances"]) == ("sha256:abc", "v-e1", sorted(EXEMPT))
    event = await desk.harness.recorder.wait_for(CaseOpened)
    assert (event.finding_id, event.case_no) == ("F1", f"{AGENCY}-2026-00001")
    answer = await desk.post("cases", desk.officer(), {"violation_id": "F1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "violation.already_filed")


async def test_case_numbers_leave_no_gap(desk: Any) -> None:
    """Cases opened at once, refused ones among them, are numbered 1 to n per agency and year."""
    refused = {"officer_ids": ["o1"]}
    answers = await asyncio.gather(
        *(desk.post("cases", desk.officer(), DIRECT | (refused if n % 3 == 0 else {})) for n in range(12))
    )
    numbers = sorted(answer.json()["case_no"] for answer in answers if answer.status_code == 201)
    assert numbers == [f"{AGENCY}-2026-{n:05d}" for n in range(1, 9)]
    assert (await desk.case("fire.exit_blocked", agency_id=OTHER)) is not None
    desk.advance(365)
    answer = await desk.get(f"cases/{await desk.case('fire.exit_blocked')}", desk.officer())
    assert answer["case_no"] == f"{AGENCY}-2027-00001"


async def test_cases_are_seen_by_those_concerned_only(desk: Any) -> None:
    """The agency, its supervisors and the enterprise see a case; others find nothing and may do nothing."""
    case_id = await desk.case("fire.exit_blocked")
    for headers in (desk.officer(), desk.party(), desk.headers(Role.SUPERVISOR, agency_id="justice")):
        assert [row["case_id"] for row in (await desk.get("cases", headers))["items"]] == [case_id]
    outsiders = (
        desk.officer("f1", OTHER),
        desk.party(SHOP),
        desk.headers(Role.SUPERVISOR, area="330803", agency_id="justice"),
    )
    for headers in outsiders:
        assert (await desk.get("cases", headers))["items"] == []
        answer = await desk.harness.client.get(f"/v1/cases/{case_id}", headers=headers)
        assert answer.status_code == 404
    body = {"fine_fen": 1, "kinds": ["fine"], "facts": "现场查明", "reasons": "依法"}
    answer = await desk.post(f"cases/{case_id}/notice", desk.officer("f1", OTHER), body)
    assert (answer.status_code, answer.json()["code"]) == (403, "other_agency")
    answer = await desk.post(f"cases/{case_id}/statements", desk.party(SHOP), {"text": "旁人"})
    assert (answer.status_code, answer.json()["code"]) == (403, "other_enterprise")


async def test_stale_version_is_refused(desk: Any) -> None:
    """A step under an old ETag answers 412: a statement made meanwhile raised the version."""
    case_id = await desk.case("fire.exit_blocked")
    answer = await desk.notice(case_id, 2_000_000)
    known = answer.headers["ETag"]
    await desk.post(f"cases/{case_id}/statements", desk.party(), {"text": "有话要说"})
    answer = await desk.decide(case_id, "ordinary", 2_000_000, headers=desk.head() | {"If-Match": known})
    assert answer.status_code == 412


@pytest.mark.clause("PL-60")
async def test_later_delivery_starts_the_time_to_pay(desk: Any) -> None:
    """A decision not handed over has a delivery clock and no pay day; electronic delivery needs consent."""
    case_id = await desk.case("fire.exit_blocked")
    await desk.heard(case_id, 2_000_000)
    case = (await desk.decide(case_id, "ordinary", 2_000_000, handed_over=False)).json()
    clocks = {clock["name"]: clock["due"] for clock in case["clocks"]}
    assert (case["pay_by"], clocks["delivery"], clocks["decision"]) == (None, "2026-01-14", "2026-04-05")
    desk.advance(4)
    body = {"delivered_on": "2026-01-09", "method": "electronic"}
    answer = await desk.post(f"cases/{case_id}/delivery", desk.officer(), body)
    assert refusal(answer, "delivery.no_consent")["clause"] == "PL-60"
    answer = await desk.post(f"cases/{case_id}/delivery", desk.officer(), body | {"consent": True})
    assert answer.json()["pay_by"] == "2026-01-26"


MALFORMED: list[dict[str, Any]] = [
    {},
    {"violation_id": "F1", "violation": "fire.exit_blocked"},
    {"violation_id": "x\u0000y"},
    DIRECT | {"act_on": "0001-01-01"},
    DIRECT | {"act_on": "2026-01-06"},
    DIRECT | {"ended_on": "2026-01-04"},
    DIRECT | {"circumstances": ["unheard_of"]},
    DIRECT | {"situations": ["unheard_of"]},
    DIRECT | {"goods_value_fen": True},
    DIRECT | {"goods_value_fen": 10**16},
    DIRECT | {"target_fen": 1},
]


async def test_malformed_case_is_refused(desk: Any) -> None:
    """What cannot be understood answers 422 and leaves nothing behind."""
    for body in MALFORMED:
        answer = await desk.post("cases", desk.officer(), body)
        assert answer.status_code == 422, (body, answer.text)
    assert (await desk.get("cases", desk.officer()))["items"] == []


async def test_violation_without_benchmark_has_no_proposal(desk: Any) -> None:
    """Where no benchmark names the violation nothing is proposed and nothing can be decided but that."""
    case_id = await desk.case("unknown.violation")
    answer = await desk.harness.client.get(f"/v1/cases/{case_id}/proposal", headers=desk.officer())
    assert refusal(answer, "benchmark.none")["clause"] == "PL-34"
    assert codes(await desk.decide(case_id, "ordinary", 1)) == {"benchmark.none"}
