"""Who may handle, review and chair (PL-42, PL-58, QZ-21, PL-63)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from wurao.common.contracts.shared import Refusal
from wurao.common.packs import Param


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer as the registry announced it."""

    officer_id: str
    agency_id: str
    valid_from: date
    valid_to: date
    legal_reviewer: bool
    legal_qualified: bool
    suspended: bool
    suspended_until: date | None
    exited: bool

    def stands(self, on: date) -> bool:
        """Holds a valid certificate that is not suspended on the day."""
        lifted = self.suspended_until is not None and on > self.suspended_until
        free = not self.suspended or lifted
        return not self.exited and free and self.valid_from <= on <= self.valid_to


def case_officers(
    named: Collection[str], known: Sequence[Officer], agency_id: str, on: date, minimum: Param[int]
) -> list[Refusal]:
    """At least two certified officers of the agency handle a case (PL-42)."""
    standing = {officer.officer_id for officer in known if officer.agency_id == agency_id and officer.stands(on)}
    invalid = sorted(set(named) - standing)
    refusals = []
    if invalid:
        message = f"执法人员没有有效执法证件或者不属于本机关：{'、'.join(invalid)}"
        refusals.append(
            _refusal(minimum, "case.officer_not_certified", message, "改由持有有效证件的本机关执法人员办理")
        )
    if len(set(named)) < minimum.value:
        message = f"办案执法人员不得少于{minimum.value}人"
        refusals.append(_refusal(minimum, "case.too_few_officers", message, "增派持证执法人员"))
    return refusals


def reviewer(
    officer: Officer | None,
    *,
    officers: Collection[str],
    agency_id: str,
    on: date,
    first_review: bool,
    qualification: Param[bool],
) -> list[Refusal]:
    """A reviewer is named as such, qualified at the first review, and does not handle the case (PL-58, QZ-21)."""
    if officer is None or officer.agency_id != agency_id or not officer.stands(on) or not officer.legal_reviewer:
        message = "审核人不是本机关的法制审核人员"
        return [_refusal(qualification, "review.not_a_reviewer", message, "由本机关法制审核人员审核")]
    if officer.officer_id in officers:
        return [_refusal(qualification, "review.own_case", "办案人员不得审核本案", "由其他法制审核人员审核")]
    if qualification.value and first_review and not officer.legal_qualified:
        message = "初次从事法制审核的人员应当取得法律职业资格"
        return [_refusal(qualification, "review.not_qualified", message, "由具有法律职业资格的人员审核")]
    return []


def _refusal(param: Param[int] | Param[bool], code: str, message: str, alternative: str) -> Refusal:
    return Refusal(code=code, clause=param.clause, cite=param.cite, message=message, alternatives=(alternative,))
