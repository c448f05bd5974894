"""Legal reviewers: who may be appointed, and whether there are enough of them (QZ-21, 行政处罚法 第五十八条)."""

from wurao.common.errors import Refused
from wurao.common.packs import Bases
from wurao.registry.domain.policy import OfficerSection, refusal


def share_permille(reviewers: int, officers: int) -> int:
    """Reviewers among certified officers, in permille, rounded down; 0 without officers."""
    return reviewers * 1000 // officers if officers else 0


def missing(reviewers: int, officers: int, rules: OfficerSection) -> int:
    """How many reviewers an agency lacks under the pack's least share; 0 where the pack sets none."""
    least = rules.min_share_legal_reviewers_permille
    needed = -(-officers * least.value // 1000) if least else 0
    return max(0, needed - reviewers)


def require_appointable(kind: str, *, first_time: bool, qualified: bool, bases: Bases, rules: OfficerSection) -> None:
    """Auxiliaries do not review; who never did so before holds the qualification. Raises Refused (QZ-02, QZ-21)."""
    if kind != "officer":
        message = "执法辅助人员不得从事法制审核"
        raise Refused([refusal("officer.auxiliary", bases.qualified_staff, message, "由执法机关工作人员审核")])
    duty = rules.first_review_needs_qualification
    if duty.value and first_time and not qualified:
        message = "初次从事法制审核的人员应当取得法律职业资格"
        raise Refused([refusal("reviewer.unqualified", duty, message, "登记法律职业资格证书编号", "另行指定审核人员")])
