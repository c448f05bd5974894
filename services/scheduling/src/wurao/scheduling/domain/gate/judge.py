"""Asks every rule, in the order in which people read the reasons."""

from dataclasses import replace

from wurao.scheduling.domain.gate import (
    agency,
    area,
    cap,
    draw,
    enterprise,
    grade,
    items,
    joining,
    levels,
    off_site,
    plan,
    pressure,
    recognition,
    same_agency,
    same_matter,
    triggered,
)
from wurao.scheduling.domain.gate.question import Facts, Rule, TaskRequest, Verdict
from wurao.scheduling.domain.policy import Policy

RULES: tuple[Rule, ...] = (
    agency.is_published,
    enterprise.is_registered,
    enterprise.premises_are_its_own,
    items.are_listed,
    items.have_a_basis,
    items.belong_to_the_agency,
    items.suit_the_method,
    plan.window_lies_ahead,
    plan.is_usable,
    plan.campaign_is_approved,
    plan.covers_the_request,
    plan.has_a_ground_outside,
    triggered.names_its_source,
    triggered.stays_reasonable,
    draw.or_a_ground,
    draw.ground_holds,
    grade.exempts,
    cap.is_not_full,
    pressure.leaves_room,
    pressure.spares_the_white_list,
    same_matter.is_asked_once,
    recognition.of_a_like_result,
    off_site.comes_first,
    area.is_its_own,
    area.county_comes_first,
    levels.come_together,
    same_agency.comes_once,
    joining.is_possible,
)


STANDING: tuple[Rule, ...] = (
    agency.is_published,
    enterprise.is_registered,
    enterprise.premises_are_its_own,
    items.are_listed,
    items.have_a_basis,
    items.belong_to_the_agency,
    items.suit_the_method,
    plan.has_a_ground_outside,
    triggered.names_its_source,
    draw.or_a_ground,
    draw.ground_holds,
    grade.exempts,
    pressure.spares_the_white_list,
    recognition.of_a_like_result,
    off_site.comes_first,
    area.is_its_own,
    area.county_comes_first,
)
"""Rules that no step of a task's own can break: they are asked again before its visit is approved or moved."""


def as_carried_out(request: TaskRequest, facts: Facts, policy: Policy) -> TaskRequest:
    """The request as one for an off-site check, where it allows that and the gate would have it (LX-09, QZ-15)."""
    remote = replace(request, method="off_site", join_visit_id=None)
    wanted = request.or_off_site and any(off_site.comes_first(request, facts, policy))
    return remote if wanted and judge(remote, facts, policy).permitted else request


def judge(request: TaskRequest, facts: Facts, policy: Policy) -> Verdict:
    """The verdict on a request: every refusal of every rule."""
    return Verdict(tuple(refusal for rule in RULES for refusal in rule(request, facts, policy)))


def judge_again(request: TaskRequest, facts: Facts, policy: Policy) -> Verdict:
    """The verdict on what was permitted once, by what may have changed since."""
    return Verdict(tuple(refusal for rule in STANDING for refusal in rule(request, facts, policy)))
