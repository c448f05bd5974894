"""Who may enforce: certificates, their suspension and their withdrawal (DT-02, QZ-02, YZ-10, DT-18).

recorded → certified ⇄ suspended → exited. Only a certified officer with a valid certificate enforces; whoever
exited does not come back.
"""

from dataclasses import dataclass
from datetime import date

from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Conflict, Forbidden, Refused
from wurao.common.packs import Bases
from wurao.registry.domain.agencies import PUBLISHED
from wurao.registry.domain.policy import OfficerSection, refusal

RECORDED, CERTIFIED, SUSPENDED, EXITED = "recorded", "certified", "suspended", "exited"


class OfficerExited(Conflict):
    """Exit is for good (YZ-10)."""

    code = "officer.exited"


class NotSuspended(Conflict):
    """Only a suspension can be lifted (DT-18)."""

    code = "officer.not_suspended"


class OwnMatter(Forbidden):
    """Nobody decides on the own certificate, post or recusal."""

    code = "officer.own_matter"


STANDINGS = {RECORDED: "未持证", CERTIFIED: "持证有效", SUSPENDED: "证件暂扣", EXITED: "已退出，证件收回"}


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a person who enforces or assists; `suspended_until` is the suspension's last day.

    `established` is False for a kind of employment that the pack shuts out; the first day off work is `retires_on`.
    """

    kind: str
    trained: bool
    examined: bool
    in_post: bool
    certificate_no: str | None
    valid_from: date | None
    valid_to: date | None
    standing: str = RECORDED
    suspended_until: date | None = None
    established: bool = True
    retires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps somebody from a certificate, and what would help."""

    code: str
    message: str
    way: str


AUXILIARY = Fault(
    "officer.auxiliary", "执法辅助人员、网格员、临时人员不得持有执法证件或者实施行政检查", "由持证执法人员实施"
)


def faults(record: Record) -> list[Fault]:
    """Why no certificate may be held (DT-02); auxiliaries never hold one (QZ-02)."""
    if record.kind != "officer":
        return [AUXILIARY]
    lacking = (
        (not record.trained, "untrained", "未参加执法培训", "完成培训后再申领"),
        (not record.examined, "unexamined", "未通过执法资格考试", "考试合格后再申领"),
        (not record.in_post, "not_in_post", "不在执法岗位", "调整到执法岗位后再申领"),
        (not record.established, "not_established", "不属于可以申领执法证件的在编人员", "由在编执法人员实施执法"),
        (_undated(record), "no_certificate", "没有执法证件编号或者有效期", "补录证件编号和有效期"),
    )
    return [Fault(f"officer.{code}", text, way) for applies, code, text, way in lacking if applies]


def shortcomings(record: Record, bases: Bases) -> list[Refusal]:
    """The faults as refusals (DT-02, QZ-02)."""
    duty = bases.officer_certification if record.kind == "officer" else bases.qualified_staff
    return [refusal(fault.code, duty, fault.message, fault.way) for fault in faults(record)]


def require_certifiable(record: Record, today: date, bases: Bases) -> None:
    """Certificates go to officers in post who passed training and examination, for days to come (DT-02, QZ-02).

    Raises Refused, and Conflict for the suspended and the exited (DT-18, YZ-10).
    """
    if record.standing in (SUSPENDED, EXITED):
        duty = bases.officer_suspension if record.standing == SUSPENDED else bases.officer_exit
        raise Conflict("执法证件已暂扣或者收回，不得另行发放", code=f"officer.{record.standing}", clause=duty.clause)
    if found := [*shortcomings(record, bases), *_expiry(record, today, bases), *_retirement(record, today, bases)]:
        raise Refused(found)


def is_established(employment: str | None, rules: OfficerSection) -> bool:
    """Tell whether a kind of employment allows a certificate; one that nobody stated is vouched for by the post."""
    allowed = rules.certifiable_employment
    return employment is None or allowed is None or employment in allowed.value


def require_other(officer_id: str, *callers: str | None) -> None:
    """Raises OwnMatter when a caller is the officer."""
    if officer_id in callers:
        raise OwnMatter("不得办理涉及本人的事项")


def require_lifter(bases: Bases, *, suspended_above: bool, above: bool) -> None:
    """What a body above imposed is not lifted or shortened by the agency (DT-18). Raises Refused."""
    if suspended_above and not above:
        message = "该暂扣由监督机关作出，所属机关不得解除或者变更"
        way = "报请作出决定的监督机关解除"
        raise Refused([refusal("officer.suspended_above", bases.officer_suspension, message, way)])


def standing_after_import(known: str | None, record: Record) -> str:
    """The standing that fresh particulars lead to; an import never lifts a suspension or an exit (DT-02)."""
    fit = not faults(record)
    if known in (None, RECORDED):
        return CERTIFIED if fit else RECORDED
    if known == EXITED or (known == CERTIFIED and fit):
        return known
    return SUSPENDED if record.in_post and record.kind == "officer" else EXITED


def suspend(standing: str, bases: Bases) -> str:
    """The standing under suspension (DT-18). Raises OfficerExited."""
    if standing == EXITED:
        raise OfficerExited("该人员已退出执法队伍", clause=bases.officer_exit.clause)
    return SUSPENDED


def reinstate(record: Record, today: date, bases: Bases) -> str:
    """The standing after a suspension is lifted. Raises NotSuspended, and Refused while DT-02 is not met."""
    if record.standing != SUSPENDED:
        raise NotSuspended("该人员的执法证件未被暂扣", clause=bases.officer_suspension.clause)
    if found := [*shortcomings(record, bases), *_retirement(record, today, bases)]:
        raise Refused(found)
    return CERTIFIED


def leave(standing: str, bases: Bases) -> str:
    """The standing after the exit from enforcement (YZ-10). Raises OfficerExited."""
    if standing == EXITED:
        raise OfficerExited("该人员已退出执法队伍", clause=bases.officer_exit.clause)
    return EXITED


def suspension_is_over(record: Record, today: date) -> bool:
    """Tell whether a dated suspension has run out and nothing else keeps the officer from the certificate."""
    ended = record.suspended_until is not None and record.suspended_until < today
    return record.standing == SUSPENDED and ended and not faults(record) and not _retired(record, today)


def objection(record: Record | None, agency_state: str, today: date, bases: Bases) -> Refusal | None:
    """Why the officer may not enforce today; None when nothing does (DT-01, DT-02, DT-18, QZ-02, YZ-09, YZ-10)."""
    if record is None:
        return refusal("officer.unknown", bases.officer_certification, "执法人员库中没有此人")
    if record.kind != "officer":
        return shortcomings(record, bases)[0]
    if record.standing == EXITED:
        return refusal("officer.exited", bases.officer_exit, "该人员已退出执法队伍，执法证件已收回")
    if record.standing == SUSPENDED:
        until = f"，暂扣至{record.suspended_until}" if record.suspended_until else ""
        return refusal("officer.suspended", bases.officer_suspension, f"该人员执法证件被暂扣{until}")
    if record.standing != CERTIFIED or record.valid_from is None or record.valid_to is None:
        missing = refusal("officer.no_certificate", bases.officer_certification, "该人员没有执法证件")
        return next(iter(shortcomings(record, bases)), missing)
    if not record.valid_from <= today <= record.valid_to:
        message = f"执法证件有效期为{record.valid_from}至{record.valid_to}"
        return refusal("officer.expired", bases.certificate, message)
    if agency_state != PUBLISHED:
        return refusal("agency.unpublished", bases.agency_published, "所属执法主体未公示或者已取消")
    return None


def other_agency(bases: Bases) -> Refusal:
    """Why an officer may not act for an agency that is not the officer's own (YZ-09)."""
    message = "该人员的执法证件属于其他执法主体"
    return refusal("officer.other_agency", bases.certificate, message, "由本机关持证执法人员实施")


def review(record: Record, today: date, bases: Bases) -> list[Refusal]:
    """Why a certificate that is still held ought to be withdrawn, for the periodic review (DT-02)."""
    if record.standing not in (CERTIFIED, SUSPENDED):
        return []
    return [
        *shortcomings(record, bases),
        *_expiry(record, today, bases),
        *_retirement(record, today, bases),
    ]


def _expiry(record: Record, today: date, bases: Bases) -> list[Refusal]:
    if record.valid_to is None or record.valid_to >= today:
        return []
    message = f"执法证件已于{record.valid_to}到期"
    return [refusal("officer.expired", bases.officer_certification, message, "换证或者收回证件")]


def _retired(record: Record, today: date) -> bool:
    return record.retires_on is not None and record.retires_on <= today


def _retirement(record: Record, today: date, bases: Bases) -> list[Refusal]:
    if not _retired(record, today):
        return []
    message = f"已于{record.retires_on}退休或者离职"
    return [refusal("officer.retired", bases.officer_certification, message, "收回证件")]


def _undated(record: Record) -> bool:
    return not record.certificate_no or record.valid_from is None or record.valid_to is None
