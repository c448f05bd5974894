"""The door gate: did these officers come as approved? One function for each rule; all of them are asked.

`judge(knock, facts, law)` gives every refusal, so that officers and enterprise see the whole list at once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from wurao.checkin.domain import officers as standing
from wurao.checkin.domain.officers import OfficerFacts
from wurao.checkin.domain.policy import Law, refusal
from wurao.common.clock import SHANGHAI, legal_date
from wurao.common.contracts.shared import Refusal


@dataclass(frozen=True, slots=True)
class EnterpriseCode:
    """The scanned enterprise code; `flaw` is the Chinese reason why it is not genuine."""

    flaw: str | None = None
    enterprise_id: str | None = None
    serial: int = 0


@dataclass(frozen=True, slots=True)
class ActionCode:
    """The shown action code; `flaw` is the Chinese reason why it is not genuine."""

    flaw: str | None = None
    code_id: str | None = None
    visit_id: str | None = None
    enterprise_id: str | None = None


@dataclass(frozen=True, slots=True)
class Knock:
    """Who asks to enter, and with which codes. `caller_enterprise_id`: the enterprise itself did the scan."""

    now: datetime
    officer_ids: tuple[str, ...]
    enterprise_code: EnterpriseCode | None = None
    action_code: ActionCode | None = None
    caller_enterprise_id: str | None = None

    @property
    def at_enterprise(self) -> str | None:
        """The enterprise at whose door this is, if anything proves it."""
        if self.enterprise_code and self.enterprise_code.enterprise_id:
            return self.enterprise_code.enterprise_id
        return self.caller_enterprise_id


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """The visit as scheduling last announced it, and the entry made for it."""

    visit_id: str
    enterprise_id: str
    agencies: tuple[str, ...]
    officer_ids: tuple[str, ...]
    opens: datetime
    closes: datetime
    code_id: str
    cancelled: bool = False
    makeup: bool = False
    entry_id: str | None = None
    entry_finished: bool = False


@dataclass(frozen=True, slots=True)
class DoorFacts:
    """Everything the gate may know."""

    visit: VisitFacts | None
    officers: tuple[OfficerFacts, ...]
    current_serial: int | None = None
    code_withdrawn: bool = False
    revoked_because: str | None = None


Rule = Callable[[Knock, DoorFacts, Law], Iterator[Refusal]]


def enterprise_code_genuine(knock: Knock, facts: DoorFacts, law: Law) -> Iterator[Refusal]:
    """The enterprise code verifies, is not withdrawn and bears the serial in use (YZ-01, CX-08)."""
    code = knock.enterprise_code
    if code is None:
        return
    if code.flaw:
        yield refusal(
            "door.enterprise_code_invalid",
            law.entry.scan_required,
            f"营商码无效：{code.flaw}",
            "扫描企业现场张贴的营商码",
        )
    elif facts.current_serial is None:
        yield refusal("door.enterprise_unknown", law.entry.scan_required, "营商码所载企业未登记", "核对企业登记信息")
    elif facts.code_withdrawn:
        yield refusal(
            "door.enterprise_code_withdrawn",
            law.entry.scan_required,
            "营商码已停用（遗失或者企业注销），不能凭此码入企",
            "由企业换发营商码后扫描",
            "核对企业登记信息",
        )
    elif code.serial != facts.current_serial:
        yield refusal(
            "door.enterprise_code_replaced", law.entry.scan_required, "营商码已换发，所扫为旧码", "扫描企业现行营商码"
        )


def scanned(knock: Knock, facts: DoorFacts, law: Law) -> Iterator[Refusal]:
    """Where the pack demands a scan, the one it demands was made (YZ-01, CX-08, QZ-11)."""
    if not law.entry.scan_required.value:
        return
    who = law.entry.who_scans.value
    if who == "enterprise_scans_action_code":
        missing = knock.at_enterprise is None
        way = "请企业扫描行政行为码，或由执法人员扫描营商码"
    else:
        missing = knock.enterprise_code is None
        way = "扫描企业现场的营商码后进入"
    if missing:
        yield refusal("door.not_scanned", law.entry.scan_required, "入企检查应当扫码，未见扫码记录", way)


def action_code_genuine(knock: Knock, facts: DoorFacts, law: Law) -> Iterator[Refusal]:
    """An action code is shown and verifies with scheduling's published keys (QZ-09)."""
    code = knock.action_code
    if code is None:
        yield refusal(
            "door.no_action_code",
            law.basis.approved_beforehand,
            "未出示行政行为码，企业有权拒绝",
            "经批准取得行政行为码后再检查",
        )
    elif code.flaw:
        yield refusal(
            "door.action_code_invalid",
            law.basis.approved_beforehand,
            f"行政行为码无效：{code.flaw}",
            "出示经批准签发的行政行为码",
        )


def visit_approved(knock: Knock, facts: DoorFacts, law: Law) -> Iterator[Refusal]:
    """The code's visit was approved beforehand and is neither cancelled nor over (QZ-09)."""
    code, visit = knock.action_code, facts.visit
    if code is None or code.flaw:
        return
    if visit is None:
        yield refusal(
            "door.visit_unknown",
            law.basis.approved_beforehand,
            "没有找到行政行为码对应的已批准检查",
            "待检查批准后再进入",
        )
    elif visit.cancelled:
        yield refusal(
            "door.visit_cancelled", law.basis.approved_beforehand, "该次检查已取消，行政行为码失效", "重新报批后再检查"
        )
    elif visit.makeup:
        yield refusal(
            "door.made_up", law.basis.approved_beforehand, "该行政行为码系事后补办，不得用于入企", "另行报批后再检查"
        )
    elif visit.entry_finished:
        yield refusal(
            "door.visit_finished",
            law.basis.approved_beforehand,
            "该次检查已经结束，同一码不得再次入企",
            "确有必要的重新报批",
        )


def code_current(knock: Knock, facts: DoorFacts, law: Law) -> Iterator[Refusal]:
    """The code is the visit's present one; a revoked one is named as such (QZ-09)."""
    code, visit = knock.action_code, facts.visit
    if code is None or code.flaw or visit is None or code.code_id == visit.code_id:
        return
    if facts.revoked_because is not None:
        message = f"行政行为码已撤销：{facts.revoked_because}"
        yield refusal("door.code_revoked", law.basis.approved_beforehand, message, "出示重新签发的行政行为码")
    else:
        yield refusal(
            "door.code_not_current",
            law.basis.approved_beforehand,
            "行政行为码不是该次检查的现行码",
            "出示现行的行政行为码",
        )


def bound_to_enterprise(knock: Knock, facts: DoorFacts, law: Law) -> Iterator[Refusal]:
    """The code was issued for the enterprise at whose door it is shown (QZ-09)."""
    code, here = knock.action_code, knock.at_enterprise
    if code is None or code.flaw or here is None:
        return
    elsewhere = code.enterprise_id != here or (facts.visit is not None and facts.visit.enterprise_id != here)
    if elsewhere:
        yield refusal(
            "door.other_enterprise",
            law.basis.approved_beforehand,
            "行政行为码签发给另一企业，不得用于本企业",
            "到码上载明的企业检查",
        )


def within_window(knock: Knock, facts: DoorFacts, law: Law) -> Iterator[Refusal]:
    """Officers come within the approved time (QZ-09)."""
    visit = facts.visit
    if visit is None or visit.opens <= knock.now <= visit.closes:
        return
    window = f"{_told(visit.opens)}至{_told(visit.closes)}"
    early = knock.now < visit.opens
    yield refusal(
        "door.too_early" if early else "door.too_late",
        law.basis.approved_beforehand,
        f"{'未到' if early else '已过'}批准的检查时间（{window}）",
        f"于{window}到场" if early else "改期并取得新的行政行为码",
    )


def officers_named(knock: Knock, facts: DoorFacts, law: Law) -> Iterator[Refusal]:
    """Only officers whom the code names come in (QZ-09)."""
    visit = facts.visit
    if visit is None:
        return
    for officer in facts.officers:
        if officer.officer_id not in visit.officer_ids:
            yield refusal(
                "door.officer_not_named",
                law.basis.approved_beforehand,
                f"{officer.shown}不在行政行为码载明的执法人员之列",
                "由码上载明的执法人员到场",
                "变更执法人员并取得新的行政行为码",
            )


def enough_officers(knock: Knock, facts: DoorFacts, law: Law) -> Iterator[Refusal]:
    """No fewer officers than the law demands (LX-03, PL-42)."""
    return standing.enough(knock.officer_ids, law.entry)


def certificates_valid(knock: Knock, facts: DoorFacts, law: Law) -> Iterator[Refusal]:
    """Certificates valid on this legal day (YZ-09)."""
    return standing.certified(facts.officers, legal_date(knock.now), law.entry)


def officers_of_visit_agencies(knock: Knock, facts: DoorFacts, law: Law) -> Iterator[Refusal]:
    """Each officer's certificate is of one of the visit's agencies (YZ-09)."""
    visit = facts.visit
    if visit is None:
        return
    for officer in facts.officers:
        if officer.agency_id and officer.agency_id not in visit.agencies:
            yield refusal(
                "door.other_agency",
                law.entry.certificate_shown,
                f"{officer.shown}的执法证件属于{officer.agency_name or officer.agency_id}，不是本次检查的实施机关",
                "由实施机关的执法人员到场",
                "企业有权拒绝检查",
            )


def agencies_published(knock: Knock, facts: DoorFacts, law: Law) -> Iterator[Refusal]:
    """The officers' agencies are published inspecting bodies (DT-01, QZ-02)."""
    return standing.of_published_agencies(facts.officers, law.basis)


def not_entered_yet(knock: Knock, facts: DoorFacts, law: Law) -> Iterator[Refusal]:
    """One open entry for each visit."""
    if facts.visit and facts.visit.entry_id and not facts.visit.entry_finished:
        yield entered_already(facts.visit.entry_id, law)


def entered_already(entry_id: str, law: Law) -> Refusal:
    """The visit has an open entry; the refusal names it (QZ-09)."""
    return refusal(
        "door.entered_already",
        law.basis.approved_beforehand,
        f"该次检查已有进行中的入企记录（{entry_id}）",
        f"继续使用入企记录{entry_id}",
    )


RULES: Sequence[Rule] = (
    enterprise_code_genuine,
    action_code_genuine,
    code_current,
    bound_to_enterprise,
    visit_approved,
    within_window,
    officers_named,
    enough_officers,
    certificates_valid,
    officers_of_visit_agencies,
    agencies_published,
    scanned,
    not_entered_yet,
)


def judge(knock: Knock, facts: DoorFacts, law: Law) -> list[Refusal]:
    """Every reason against this entry; an empty list lets the officers in."""
    return [found for rule in RULES for found in rule(knock, facts, law)]


def _told(instant: datetime) -> str:
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
