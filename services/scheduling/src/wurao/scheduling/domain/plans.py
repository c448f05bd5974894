"""What a plan holds, and its life: draft → approved → published → superseded (QZ-05, LX-02, CX-05)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Conflict, Refused
from wurao.common.packs import Bases
from wurao.common.packs.shapes import Window
from wurao.scheduling.domain.approval import CAMPAIGN_KIND, DRAFT, is_campaign, lacking
from wurao.scheduling.domain.gate import AgencyFact, ItemFact
from wurao.scheduling.domain.gate.question import chinese
from wurao.scheduling.domain.policy import Policy, refusal

PUBLISHED, SUPERSEDED = "published", "superseded"
KINDS: Mapping[str, str] = {
    "annual": "年度计划",
    "quarterly": "季度计划",
    "joint": "联合检查计划",
    CAMPAIGN_KIND: "专项检查计划",
}

FIELDS: Mapping[str, str] = {
    "basis": "检查依据",
    "content": "检查内容",
    "targets": "检查对象",
    "frequency": "检查频次",
    "method": "检查方式",
    "time": "检查时间",
}


def objections(
    agency: AgencyFact | None,
    agency_id: str,
    kind: str,
    item_ids: Sequence[str],
    items: Mapping[str, ItemFact],
    contents: Mapping[str, str | None],
    policy: Policy,
) -> Iterator[Refusal]:
    """Why a plan cannot be entered: agency (DT-01), items (DT-10, QZ-03), missing contents (LX-02, CX-05)."""
    basis = policy.basis
    yield from standing(agency, basis)
    for item_id in item_ids:
        item = items.get(item_id)
        if item is None or not item.published:
            yield refusal("item.not_published", basis.item_listed, f"检查事项{item_id}未公布", ["先公布检查事项清单"])
        elif not (item.law.strip() and item.article.strip()):
            yield refusal(
                "item.no_basis", basis.item_legal_basis, f"检查事项“{item.name}”没有法律依据", ["补充法律依据"]
            )
        elif item.agency_id != agency_id and kind != "joint":
            yield refusal(
                "item.other_agency",
                basis.item_legal_basis,
                f"检查事项“{item.name}”不属于本机关职责",
                ["制定联合检查计划"],
            )
    for field in policy.plan.mandatory_fields.value:
        if not (contents.get(field) or "").strip():
            name = FIELDS.get(field, field)
            yield refusal("plan.field_missing", policy.plan.mandatory_fields, f"检查计划缺少{name}", [f"补充{name}"])


def standing(agency: AgencyFact | None, basis: Bases) -> Iterator[Refusal]:
    """Only a confirmed and published agency plans and draws (DT-01)."""
    if agency is None or not agency.published:
        yield refusal(
            "agency.not_published", basis.agency_published, "该机关未经确认公示为行政执法主体", ["先办理主体公示"]
        )


@dataclass(frozen=True, slots=True)
class Participant:
    """An agency's part in a joint plan: its items, and when it takes part."""

    agency_id: str
    item_ids: tuple[str, ...]
    period_from: date
    period_to: date


def participants(
    agency_id: str, item_ids: Sequence[str], items: Mapping[str, ItemFact], period: tuple[date, date]
) -> list[Participant]:
    """The agencies of a joint plan by the items that it lists, the lead first; all of them for the whole period."""
    owned: dict[str, list[str]] = {agency_id: []}
    for item_id in item_ids:
        if item_id in items:
            owned.setdefault(items[item_id].agency_id, []).append(item_id)
    return [Participant(agency, tuple(mine), *period) for agency, mine in owned.items()]


def joint_objections(
    parts: Sequence[Participant],
    item_ids: Sequence[str],
    period: tuple[date, date],
    agencies: Mapping[str, AgencyFact],
    items: Mapping[str, ItemFact],
    policy: Policy,
) -> Iterator[Refusal]:
    """Why a joint plan's parts cannot stand: an agency not published, foreign items, other days (LX-13, DT-01)."""
    basis = policy.basis
    for part in parts:
        agency = agencies.get(part.agency_id)
        name = agency.name if agency else part.agency_id
        if agency is None or not agency.published:
            yield refusal("agency.not_published", basis.agency_published, f"参与机关{name}未经公示", ["先办理主体公示"])
        foreign = [i for i in part.item_ids if i in items and items[i].agency_id != part.agency_id]
        if foreign:
            message = f"检查事项{'、'.join(foreign)}不属于参与机关{name}的职责"
            yield refusal("plan.participant_item", basis.item_legal_basis, message, ["核对参与机关的检查事项"])
        if not period[0] <= part.period_from <= part.period_to <= period[1]:
            within = f"{chinese(period[0])}至{chinese(period[1])}"
            message = f"参与机关{name}的检查时间不在计划期内（{within}）"
            yield refusal("plan.participant_period", basis.plan_followed, message, [f"安排在{within}之内"])
    nobody = sorted(set(item_ids) - {item_id for part in parts for item_id in part.item_ids})
    if nobody:
        message = f"检查事项{'、'.join(nobody)}没有参与机关负责"
        yield refusal("plan.item_without_participant", basis.plan_followed, message, ["写明负责的参与机关"])


def publish(kind: str, state: str, taken: Sequence[str], policy: Policy) -> str:
    """The state after publication.

    Raises Conflict when published before, Refused when not approved (QZ-05); for a campaign each step that it
    lacks by name (QZ-08).
    """
    if state in (PUBLISHED, SUPERSEDED):
        raise Conflict("检查计划已经公布", code="plan.published")
    if is_campaign(kind, policy) and (missing := list(lacking(kind, taken, unpublished_steps(policy), policy))):
        raise Refused(missing)
    if state == DRAFT:
        rule = policy.plan.approver
        raise Refused([refusal("plan.not_approved", rule, "检查计划未经批准，不得公布", ["先报批准"])])
    return PUBLISHED


def unpublished_steps(policy: Policy) -> tuple[str, ...]:
    """The steps of a campaign before its publication (QZ-08)."""
    return tuple(step for step in policy.campaign.steps.value if step != "publication")


def require_draft(state: str) -> None:
    """Raises Conflict for a plan that is approved: it changes only by a new version (QZ-05)."""
    if state != DRAFT:
        raise Conflict("检查计划已经批准，只能制定新的版本", code="plan.not_draft")


def require_current(state: str) -> None:
    """Raises Conflict for a plan that has no successor: only the published version is followed by another (QZ-05)."""
    if state == SUPERSEDED:
        raise Conflict("该版本已被新版本替代", code="plan.superseded")
    if state != PUBLISHED:
        raise Conflict("检查计划尚未公布，可以直接修改", code="plan.not_published")


@dataclass(frozen=True, slots=True)
class FilingTerm:
    """Where a plan is filed, from when and until when; no days where the pack sets none."""

    office: str
    opens: date | None
    due: date | None
    clause: str


def filing_term(kind: str, period_from: date, policy: Policy) -> FilingTerm:
    """When a plan of a kind is due (DT-11, LX-02, CX-02, CX-05)."""
    window = policy.plan.filing_window
    if kind == "annual" and policy.plan.annual_window.value.rule != "none":
        window = policy.plan.annual_window
    opens, due = _days(window.value, kind, period_from)
    clause = policy.plan.filing_office.clause if due is None else window.clause
    return FilingTerm(policy.plan.filing_office.value, opens, due, clause)


def _days(window: Window, kind: str, period_from: date) -> tuple[date | None, date | None]:
    if window.rule in ("year_start", "january_end") and kind == "annual":
        return None, date(period_from.year, window.month or 1, window.day or 31)
    if window.rule == "last_two_weeks_of_quarter":
        due = quarter_start(period_from) - timedelta(days=1)
        return due - timedelta(days=(window.days or 14) - 1), due
    return None, None


def quarter_start(day: date) -> date:
    """The first day of the quarter in which a day lies."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def file_late(state: str, filed: bool, term: FilingTerm, today: date, policy: Policy) -> bool:
    """Whether filing today is late.

    Raises Conflict for a draft or a plan filed before, Refused before the window opens (CX-05).
    """
    if state == DRAFT:
        raise Conflict("检查计划批准后方可备案", code="plan.not_approved")
    if filed:
        raise Conflict("检查计划已经备案", code="plan.filed")
    if term.opens is not None and today < term.opens:
        opens = chinese(term.opens)
        message = f"报备时间未到，{opens}起方可报备"
        raise Refused([refusal("plan.filing_too_early", policy.plan.filing_window, message, [f"{opens}起报备"])])
    return term.due is not None and today > term.due


def through(items: Sequence[ItemFact], policy: Policy) -> str | None:
    """The line that checks the plan before it reaches the filing office, where the pack names one (CX-05)."""
    rule = policy.plan.filing_through
    if rule is None:
        return None
    return rule.value.random if items and all(item.random_list for item in items) else rule.value.non_random
