"""The life of a plan: draft → approved → published, filed once after approval (QZ-05, LX-02, CX-05)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Conflict, Kind, Refused
from wurao.common.packs import Bases
from wurao.common.packs.shapes import Window
from wurao.scheduling.domain.gate import AgencyFact, ItemFact
from wurao.scheduling.domain.policy import Policy, refusal

DRAFT, APPROVED, PUBLISHED = "draft", "approved", "published"

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


def approve(state: str, *, by_conference: bool, own: bool, resolution: str | None, policy: Policy) -> str:
    """The state after approval by the head or, where the pack says so, the conference with a resolution.

    Raises Conflict unless a draft, Refused for the wrong approver (CX-01, QZ-05), one's own plan (LX-01),
    or a missing resolution (CX-01).
    """
    if state != DRAFT:
        raise Conflict("检查计划已经批准", code="plan.not_draft")
    approver = policy.plan.approver
    if own:
        raise Refused(
            [refusal("plan.self_approval", approver, "不得批准自己制定的检查计划", ["由另一负责人批准"])],
            kind=Kind.FORBIDDEN,
        )
    if by_conference != (approver.value == "conference"):
        who = "联席会议" if approver.value == "conference" else "本机关负责人"
        raise Refused(
            [refusal("plan.wrong_approver", approver, f"检查计划应由{who}批准", [f"报{who}批准"])], kind=Kind.FORBIDDEN
        )
    if by_conference and not (resolution or "").strip():
        raise Refused([refusal("plan.no_resolution", approver, "联席会议审定计划须有会议决议", ["填写会议决议文号"])])
    return APPROVED


def publish(state: str, policy: Policy) -> str:
    """The state after publication. Raises Conflict when published already, Refused when not approved (QZ-05)."""
    if state == PUBLISHED:
        raise Conflict("检查计划已经公布", code="plan.published")
    if state == DRAFT:
        rule = policy.plan.approver
        raise Refused([refusal("plan.not_approved", rule, "检查计划未经批准，不得公布", ["先报批准"])])
    return PUBLISHED


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
        due = _quarter_start(period_from) - timedelta(days=1)
        return due - timedelta(days=(window.days or 14) - 1), due
    return None, None


def _quarter_start(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def file_late(state: str, filed: bool, term: FilingTerm, today: date) -> bool:
    """Whether filing today is late. Raises Conflict for a draft or a plan filed before."""
    if state == DRAFT:
        raise Conflict("检查计划批准后方可备案", code="plan.not_approved")
    if filed:
        raise Conflict("检查计划已经备案", code="plan.filed")
    return term.due is not None and today > term.due


def through(items: Sequence[ItemFact], policy: Policy) -> str | None:
    """The line that checks the plan before it reaches the filing office, where the pack names one (CX-05)."""
    rule = policy.plan.filing_through
    if rule is None:
        return None
    return rule.value.random if items and all(item.random_list for item in items) else rule.value.non_random
