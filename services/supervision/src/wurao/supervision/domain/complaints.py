"""Complaints: what can be complained about, what closing needs, what follows (YZ-18, YZ-19, LX-16, QZ-13, QZ-29)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Conflict, Refused
from wurao.common.packs import Param
from wurao.supervision.domain.policy import ComplaintSection

Channel = Literal["hotline_12345", "portal", "telephone", "supervisor", "enterprise", "platform"]
Outcome = Literal["proven", "unfounded", "withdrawn"]

OWN_CHANNELS: frozenset[str] = frozenset({"enterprise", "portal"})
URGENT: frozenset[str] = frozenset({"uncoded_visit", "unfiled_visit", "penalty_without_decision"})
_UNFILED_FIRST = ("unfiled_visit", "uncoded_visit", "arbitrary_inspection")


@dataclass(frozen=True, slots=True)
class Closing:
    """What the handler found."""

    outcome: Outcome | None
    reply: str
    suspected_breach: bool
    agency_id: str | None


def require_category(category: str, section: ComplaintSection) -> None:
    """Only what the jurisdiction's document lists can be complained about (YZ-18, DT-08, LX-03). Raises Refused."""
    if category not in section.categories.value:
        listed = tuple(f"{name}：{section.labels.value.get(name, name)}" for name in section.categories.value)
        raise _refused("complaint.unknown_category", section.categories, "该事由不在本地投诉举报事由之内", listed)


def is_urgent(category: str) -> bool:
    """Whether the supervision body hears of it at once (QZ-13)."""
    return category in URGENT


def unfiled_category(section: ComplaintSection) -> str:
    """Under which category an entry without approval is handled in this jurisdiction (QZ-13, CX-07)."""
    listed = section.categories.value
    return next((name for name in _UNFILED_FIRST if name in listed), listed[0])


def external_key(external_id: str | None, enterprise_id: str | None) -> str | None:
    """What makes an outside id unique within its channel (QZ-29).

    Platforms keep ids of their own; those that an enterprise chooses count only beside its own name.
    """
    if external_id is None:
        return None
    return external_id if enterprise_id is None else f"{enterprise_id}/{external_id}"


def require_same(known_enterprise: str, enterprise_id: str) -> None:
    """A repeated outside id speaks of the same enterprise (QZ-29). Raises Conflict."""
    if known_enterprise != enterprise_id:
        raise Conflict("该渠道编号已用于另一件投诉", code="complaint.external_id_taken", clause="QZ-29")


def require_open(state: str, section: ComplaintSection) -> None:
    """A closed complaint stays closed. Raises Conflict."""
    if state != "open":
        raise Conflict("该投诉已经办结", code="complaint.closed", clause=section.close_working_days.clause)


def require_closable(closing: Closing, section: ComplaintSection) -> None:
    """Every complaint gets an outcome and a reply; a proven one names the agency (YZ-19, LX-16). Raises Refused."""
    rule = section.close_working_days
    reasons = []
    if closing.outcome is None:
        reasons.append(_refusal("complaint.no_outcome", rule, "没有办理结果不得办结", ("填写查实、不属实或撤回",)))
    if not closing.reply.strip():
        reasons.append(_refusal("complaint.no_reply", rule, "没有答复投诉人不得办结", ("填写对投诉人的答复",)))
    if closing.outcome == "unfounded" and closing.suspected_breach:
        reasons.append(
            _refusal(
                "complaint.contradiction",
                rule,
                "不属实的投诉不能同时认定涉嫌违纪违法",
                ("改为查实", "取消涉嫌违纪违法的认定"),
            )
        )
    if closing.outcome == "proven" and closing.agency_id is None:
        reasons.append(
            _refusal("complaint.no_agency", rule, "查实的投诉须明确责任机关，以便责令改正", ("补充被投诉机关",))
        )
    if reasons:
        raise Refused(reasons)


def demand(category: str, section: ComplaintSection) -> str:
    """What a correction order asks; it names the conduct and never the complainant."""
    label = section.labels.value.get(category, category)
    return f"经查实存在“{label}”情形，责令立即改正，并在期限内书面反馈整改情况"


def labels_of(names: Sequence[str], section: ComplaintSection) -> tuple[str, ...]:
    """Chinese names of categories."""
    return tuple(section.labels.value.get(name, name) for name in names)


def require_known(names: Collection[str], section: ComplaintSection) -> None:
    """Conduct is named by the listed codes. Raises Refused."""
    unknown = sorted(set(names) - section.labels.value.keys())
    if unknown:
        listed = tuple(f"{code}：{label}" for code, label in section.labels.value.items())
        raise _refused("conduct.unknown", section.categories, f"未知的情形：{'、'.join(unknown)}", listed)


def _refusal(code: str, param: Param[Any], message: str, alternatives: tuple[str, ...]) -> Refusal:
    return Refusal(code=code, clause=param.clause, cite=param.cite, message=message, alternatives=alternatives)


def _refused(code: str, param: Param[Any], message: str, alternatives: tuple[str, ...]) -> Refused:
    return Refused([_refusal(code, param, message, alternatives)])
