"""Freeze what a draw is held from: pool, officers, conflicts and rule, before any secret is known (YZ-02, LX-08)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from wurao.common.auth import Principal
from wurao.common.contracts.shared import Refusal
from wurao.common.db import ReadSession, WriteSession
from wurao.common.errors import Conflict
from wurao.common.ids import new_id
from wurao.common.policy import calendar_for
from wurao.scheduling.domain import draw as rules
from wurao.scheduling.domain import people
from wurao.scheduling.domain.draw import sheets, spec
from wurao.scheduling.domain.gate.question import chinese
from wurao.scheduling.domain.policy import Policy, refusal
from wurao.scheduling.repository import draws as repository
from wurao.scheduling.repository import facts, replicas
from wurao.scheduling.repository import visits as visit_repository
from wurao.scheduling.tables import Draw, DrawFile, DrawParty, Item, Plan
from wurao.scheduling.usecases import composing, plans
from wurao.scheduling.usecases.merge_facts import workdays


@dataclass(frozen=True, slots=True)
class Wanted:
    """A draw that somebody wants; `outside` is a source of randomness and the day on which it speaks."""

    item_ids: Sequence[str]
    earliest: date
    latest: date
    commitment: str
    outside: tuple[str, date] | None = None
    repeats: str | None = None
    repeat_reason: str | None = None
    max_visits: int | None = None


async def freeze(
    session: WriteSession, plan: Plan, who: Principal, wanted: Wanted, *, now: datetime, today: date
) -> Draw:
    """Freeze and hash the files of a draw, with the agency's commitment.

    Raises Refused for an agency without standing (DT-01) or an unusable plan (QZ-05), Conflict for a repetition that
    does not say what it repeats, or an empty pool.
    """
    policy = await facts.Policies(session, today).of(plan.area)
    await plans.require_standing(session, plan, who.subject, now, policy)
    plans.require_usable(plan, who.subject, now, policy)
    plans.about(plan, who.subject, now).require(_outside(plan, wanted, policy))
    same = await _same(session, plan.plan_id, wanted.item_ids, wanted.earliest, wanted.latest)
    _require_repetition_named(same, wanted.repeats)
    items = list((await replicas.item_rows(session, wanted.item_ids)).values())
    plans.about(plan, who.subject, now).require(_apart(items, policy))
    draw_id = new_id()
    officers_per_visit = composing.officers_needed(items, policy)
    pool, strata = await _pool(session, plan.area, items, policy, today)
    officers = await _officers(session, items, wanted)
    _require_somebody(pool, officers)
    pairs = await repository.barred(session, plan.area, officers.keys(), wanted.earliest, wanted.latest)
    documents = {
        rules.POOL: sheets.write(rules.POOL, pool.items()),
        rules.OFFICERS: sheets.write(rules.OFFICERS, officers.values()),
        rules.CONFLICTS: sheets.write(rules.CONFLICTS, (pair for pair in pairs if pair[0] in pool)),
        rules.SPEC: spec.write(strata.spec(draw_id, officers_per_visit)),
    }
    inputs = rules.read(documents)
    digests = {name: sha256(document).hexdigest() for name, document in documents.items()}
    draw = Draw(
        draw_id=draw_id,
        plan_id=plan.plan_id,
        agency_id=plan.agency_id,
        agencies=sorted({item.agency_id for item in items} | {plan.agency_id}),
        area=plan.area,
        item_ids=list(dict.fromkeys(wanted.item_ids)),
        earliest=wanted.earliest,
        latest=wanted.latest,
        state=rules.FROZEN,
        digests=digests,
        pool_digest=digests[rules.POOL],
        pool_size=len(pool),
        officers_size=len(officers),
        officers_per_visit=officers_per_visit,
        strata=rules.summary(inputs),
        outside_source=wanted.outside[0] if wanted.outside else None,
        outside_on=wanted.outside[1] if wanted.outside else None,
        repeats=wanted.repeats,
        repeat_reason=wanted.repeat_reason,
        created_by=who.subject,
        frozen_at=now,
    )
    session.add(draw)
    session.add_all(DrawFile(draw_id=draw_id, name=name, document=text.decode()) for name, text in documents.items())
    session.add(party(draw, who, "agency", wanted.commitment, now))
    await session.flush()
    return draw


def party(draw: Draw, who: Principal, role: str, commitment: str, now: datetime) -> DrawParty:
    """Who commits to a secret."""
    return DrawParty(draw_id=draw.draw_id, party=who.subject, role=role, commitment=commitment, committed_at=now)


def _require_somebody(pool: Mapping[str, str], officers: Mapping[str, Sequence[str]]) -> None:
    """Raises Conflict when one of the two lists would be empty."""
    for found, whom in ((pool, "这些事项涉及的企业"), (officers, "证件在全部检查期间有效的执法人员")):
        if not found:
            options = ["核对抽查的事项、时间，以及企业和执法人员"]
            raise Conflict(f"没有{whom}，不能抽取", code="draw.nothing_to_draw", alternatives=options)


def _outside(plan: Plan, wanted: Wanted, policy: Policy) -> list[Refusal]:
    """Items and days that the plan does not carry (QZ-05)."""
    outside = [item_id for item_id in wanted.item_ids if item_id not in plan.item_ids]
    found = []
    if outside:
        message = f"检查计划未列入事项：{'、'.join(outside)}"
        found.append(refusal("plan.item_not_included", policy.basis.plan_followed, message, ["只抽取计划列入的事项"]))
    if wanted.earliest < plan.period_from or wanted.latest > plan.period_to:
        period = f"{chinese(plan.period_from)}至{chinese(plan.period_to)}"
        message = f"抽查时间不在计划期内（{period}）"
        found.append(refusal("plan.out_of_period", policy.basis.plan_followed, message, [f"安排在{period}之内"]))
    return found


def _apart(items: Sequence[Item], policy: Policy) -> list[Refusal]:
    """One draw for several departments only where the pack has them draw jointly (merge.joint_draws)."""
    rule = policy.merge.joint_draws
    if rule.value or len({item.agency_id for item in items}) < 2:
        return []
    return [
        refusal("draw.not_joint", rule, "未推行部门联合双随机抽查，不能一次抽取多个部门的检查对象", ["各部门分别抽取"])
    ]


async def _same(session: ReadSession, plan_id: str, item_ids: Sequence[str], earliest: date, latest: date) -> list[str]:
    """Draws of a plan whose seeds are out, on some of the same items in the same days, newest first."""
    ended = await repository.ended(session, plan_id, earliest, latest)
    return [draw.draw_id for draw in ended if set(draw.item_ids) & set(item_ids)]


def _require_repetition_named(same: Sequence[str], repeats: str | None) -> None:
    """Whoever draws the same once more says which draw he repeats: nobody draws until the result suits him.

    Raises Conflict.
    """
    if same and repeats is None:
        raise Conflict(
            "同一计划在这段时间已就这些事项抽取过，重新抽取应当指明并说明理由",
            code="draw.repetition_unnamed",
            alternatives=[f"作废后重新冻结，填写重复的抽取（repeats：{same[0]}）和理由（repeat_reason）"],
        )
    if repeats is not None and repeats not in same:
        raise Conflict("所指的抽取不是这些事项在这段时间的抽取，或者尚未结束", code="draw.repeats_other")


async def require_still_first(session: ReadSession, draw: Draw) -> None:
    """Raises Conflict when a draw frozen beside another would be drawn after it without saying so."""
    same = await _same(session, draw.plan_id, draw.item_ids, draw.earliest, draw.latest)
    _require_repetition_named(same, draw.repeats)


async def _pool(
    session: ReadSession, area: str, items: Sequence[Item], policy: Policy, today: date
) -> tuple[dict[str, str], rules.Strata]:
    """The stratum of each enterprise that an item concerns."""
    prefixes: dict[str, list[Sequence[str]]] = {}
    for item in items:
        prefixes.setdefault(item.agency_id, []).append(item.industries)
    strata = rules.Strata(prefixes, policy.grade.middle_permille())
    known: dict[str, tuple[str, ...]] = {}
    pool = {}
    for enterprise_id, industry, grade, permille in await replicas.pool(session, area, today):
        if industry not in known:
            known[industry] = rules.concerned(prefixes, industry)
        if known[industry]:
            pool[enterprise_id] = strata.of(grade, permille, known[industry])
    return pool, strata


async def _officers(session: ReadSession, items: Sequence[Item], wanted: Wanted) -> dict[str, tuple[str, str, str]]:
    """Officers of the items' agencies whose certificates hold through all days, with the visits left to each."""
    known = await replicas.officers_of(session, sorted({item.agency_id for item in items}))
    able = [
        officer
        for officers in known.values()
        for officer in officers
        if people.valid_on(officer, wanted.earliest) and people.valid_on(officer, wanted.latest)
    ]
    days = workdays(await calendar_for(session), wanted.earliest, wanted.latest)
    minutes = max([1, *(item.minutes for item in items)])
    most = wanted.max_visits or people.most_visits(len(days), minutes)
    laid = await visit_repository.booked_visits(
        session, wanted.earliest, wanted.latest, [officer.officer_id for officer in able]
    )
    return {
        officer.officer_id: (
            officer.officer_id,
            officer.agency_id,
            str(max(0, most - laid.get(officer.officer_id, 0))),
        )
        for officer in able
    }
