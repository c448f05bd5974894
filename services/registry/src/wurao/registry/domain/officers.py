"""Who may enforce: certificates, their suspension and their withdrawal (DT-02, QZ-02, YZ-10, DT-18).

recorded → certified ⇄ suspended → exited. Only a certified officer with a valid certificate enforces; whoever
exited does not come back.
"""

from dataclasses import dataclass
from datetime import date

from wurao.common.contracts.shared import Refusal
from wurao.common.errors import Conflict, Refused
from wurao.registry.domain.agencies import PUBLISHED

RECORDED, CERTIFIED, SUSPENDED, EXITED = "recorded", "certified", "suspended", "exited"

QZ_02 = ("QZ-02", "衢政办发〔2025〕16号 二(一)1")
DT_01 = ("DT-01", "菏定政办字〔2023〕6号 二(一)1")
DT_02 = ("DT-02", "菏定政办字〔2023〕6号 二(一)2")
DT_18 = ("DT-18", "菏定政办字〔2023〕6号 六18")
YZ_09 = ("YZ-09", "永优组办发〔2023〕5号 第4条")
YZ_10 = ("YZ-10", "永优组办发〔2023〕5号 第4条")


class OfficerExited(Conflict):
    """Exit is for good (YZ-10)."""

    code, clause = "officer.exited", "YZ-10"


class NotSuspended(Conflict):
    """Only a suspension can be lifted."""

    code, clause = "officer.not_suspended", "DT-18"


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a person who enforces or assists; `suspended_until` is the suspension's last day."""

    kind: str
    trained: bool
    examined: bool
    in_post: bool
    certificate_no: str | None
    valid_from: date | None
    valid_to: date | None
    standing: str = RECORDED
    suspended_until: date | None = None


def shortcomings(record: Record) -> list[Refusal]:
    """Why no certificate may be held (DT-02); auxiliaries never hold one (QZ-02)."""
    if record.kind != "officer":
        return [_auxiliary()]
    lacking = (
        (not record.trained, "untrained", "未参加执法培训", "完成培训后再申领"),
        (not record.examined, "unexamined", "未通过执法资格考试", "考试合格后再申领"),
        (not record.in_post, "not_in_post", "不在执法岗位", "调整到执法岗位后再申领"),
        (_undated(record), "no_certificate", "没有执法证件编号或者有效期", "补录证件编号和有效期"),
    )
    return [_refusal(f"officer.{code}", DT_02, text, way) for applies, code, text, way in lacking if applies]


def require_certifiable(record: Record) -> None:
    """Certificates go to officers in post who passed training and examination (DT-02, QZ-02). Raises Refused."""
    if record.standing in (SUSPENDED, EXITED):
        raise Conflict("执法证件已暂扣或者收回，不得另行发放", code=f"officer.{record.standing}", clause="DT-18")
    if found := shortcomings(record):
        raise Refused(found)


def standing_after_import(known: str | None, record: Record) -> str:
    """The standing that fresh particulars lead to; an import never lifts a suspension or an exit (DT-02)."""
    fit = not shortcomings(record)
    if known in (None, RECORDED):
        return CERTIFIED if fit else RECORDED
    if known == EXITED or (known == CERTIFIED and fit):
        return known
    return SUSPENDED if record.in_post and record.kind == "officer" else EXITED


def suspend(standing: str) -> str:
    """The standing under suspension (DT-18). Raises OfficerExited."""
    if standing == EXITED:
        raise OfficerExited("该人员已退出执法队伍")
    return SUSPENDED


def reinstate(record: Record) -> str:
    """The standing after a suspension is lifted. Raises NotSuspended, and Refused while DT-02 is not met."""
    if record.standing != SUSPENDED:
        raise NotSuspended("该人员的执法证件未被暂扣")
    if found := shortcomings(record):
        raise Refused(found)
    return CERTIFIED


def leave(standing: str) -> str:
    """The standing after the exit from enforcement (YZ-10). Raises OfficerExited."""
    if standing == EXITED:
        raise OfficerExited("该人员已退出执法队伍")
    return EXITED


def suspension_is_over(record: Record, today: date) -> bool:
    """Tell whether a dated suspension has run out and nothing else keeps the officer from the certificate."""
    ended = record.suspended_until is not None and record.suspended_until < today
    return record.standing == SUSPENDED and ended and not shortcomings(record)


def objection(record: Record | None, agency_state: str, today: date) -> Refusal | None:
    """Why the officer may not enforce today; None when nothing speaks against it."""
    if record is None:
        return _refusal("officer.unknown", DT_02, "执法人员库中没有此人")
    if record.kind != "officer":
        return _auxiliary()
    if record.standing == EXITED:
        return _refusal("officer.exited", YZ_10, "该人员已退出执法队伍，执法证件已收回")
    if record.standing == SUSPENDED:
        until = f"，暂扣至{record.suspended_until}" if record.suspended_until else ""
        return _refusal("officer.suspended", DT_18, f"该人员执法证件被暂扣{until}")
    if record.standing != CERTIFIED or record.valid_from is None or record.valid_to is None:
        return next(iter(shortcomings(record)), _refusal("officer.no_certificate", DT_02, "该人员没有执法证件"))
    if not record.valid_from <= today <= record.valid_to:
        return _refusal("officer.expired", YZ_09, f"执法证件有效期为{record.valid_from}至{record.valid_to}")
    if agency_state != PUBLISHED:
        return _refusal("agency.unpublished", DT_01, "所属执法主体未公示或者已取消")
    return None


def other_agency() -> Refusal:
    """Why an officer may not act for an agency that is not the officer's own (YZ-09)."""
    return _refusal("officer.other_agency", YZ_09, "该人员的执法证件属于其他执法主体", "由本机关持证执法人员实施")


def review(record: Record, today: date) -> list[Refusal]:
    """Why a certificate that is still held ought to be withdrawn, for the periodic review (DT-02)."""
    if record.standing not in (CERTIFIED, SUSPENDED):
        return []
    found = shortcomings(record)
    if record.valid_to is not None and record.valid_to < today:
        found.append(_refusal("officer.expired", DT_02, f"执法证件已于{record.valid_to}到期", "换证或者收回证件"))
    return found


def _undated(record: Record) -> bool:
    return not record.certificate_no or record.valid_from is None or record.valid_to is None


def _auxiliary() -> Refusal:
    text = "执法辅助人员、网格员、临时人员不得持有执法证件或者实施行政检查"
    return _refusal("officer.auxiliary", QZ_02, text, "由持证执法人员实施")


def _refusal(code: str, source: tuple[str, str], message: str, *alternatives: str) -> Refusal:
    clause, cite = source
    return Refusal(code=code, clause=clause, cite=cite, message=message, alternatives=alternatives)
