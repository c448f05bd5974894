"""Who stands at the door: enough officers, each with a valid certificate of a published agency."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from wurao.checkin.domain.policy import EntrySection, refusal
from wurao.common.contracts.shared import OfficerRef, Refusal
from wurao.common.packs import Bases


@dataclass(frozen=True, slots=True)
class OfficerFacts:
    """What is known of one officer at the door; `certificate_no` None: nobody ever certified this person."""

    officer_id: str
    name: str = ""
    agency_id: str = ""
    certificate_no: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    suspended: bool = False
    suspended_until: date | None = None
    exited: bool = False
    agency_name: str | None = None
    agency_published: bool = False

    @property
    def shown(self) -> str:
        """How the officer is named to people."""
        return self.name or self.officer_id

    def ref(self) -> OfficerRef:
        """The officer in an event."""
        return OfficerRef(officer_id=self.officer_id, agency_id=self.agency_id, name=self.name)


def flaw(officer: OfficerFacts, today: date) -> tuple[str, str] | None:
    """Why an officer's certificate does not stand today, as code and Chinese words; None when it does (YZ-09)."""
    if officer.certificate_no is None or officer.valid_from is None or officer.valid_to is None:
        return "door.not_certified", "没有有效的行政执法证件记录，不得实施检查"
    if officer.exited:
        return "door.officer_exited", "已退出执法队伍，执法证件已收回"
    if officer.suspended and (officer.suspended_until is None or today <= officer.suspended_until):
        until = f"至{officer.suspended_until}" if officer.suspended_until else ""
        return "door.certificate_suspended", f"执法证件已被暂扣{until}"
    if today < officer.valid_from:
        return "door.certificate_not_yet_valid", f"执法证件自{officer.valid_from}起生效"
    if today > officer.valid_to:
        return "door.certificate_expired", f"执法证件已于{officer.valid_to}到期"
    return None


def enough(officer_ids: Sequence[str], entry: EntrySection) -> Iterator[Refusal]:
    """No fewer officers than the law demands, usually two (LX-03, PL-42)."""
    present, least = len(set(officer_ids)), entry.min_officers.value
    if present < least:
        yield refusal(
            "door.too_few_officers",
            entry.min_officers,
            f"现场执法人员不得少于{least}人，现有{present}人",
            f"由行政行为码载明的不少于{least}名执法人员共同到场",
            "企业有权拒绝检查",
        )


def certified(officers: Sequence[OfficerFacts], today: date, entry: EntrySection) -> Iterator[Refusal]:
    """Each certificate is valid today, neither suspended nor withdrawn (YZ-09, DT-02)."""
    for officer in officers:
        found = flaw(officer, today)
        if found:
            code, words = found
            yield refusal(
                code,
                entry.certificate_shown,
                f"{officer.shown}{words}",
                "由持有效执法证件的执法人员到场",
                "企业有权拒绝检查",
            )


def of_published_agencies(officers: Sequence[OfficerFacts], basis: Bases) -> Iterator[Refusal]:
    """Each officer's agency is a registered and published inspecting body (DT-01, QZ-02)."""
    agencies = {officer.agency_id: officer for officer in officers if officer.agency_id}
    for agency_id, officer in agencies.items():
        if officer.agency_name is None:
            yield refusal(
                "door.agency_unknown",
                basis.qualified_body,
                f"{agency_id}不是登记的行政检查主体",
                "由具有法定资格并已公示的行政机关实施检查",
            )
        elif not officer.agency_published:
            yield refusal(
                "door.agency_unpublished",
                basis.agency_published,
                f"{officer.agency_name}未公示或已取消执法主体资格",
                "公示后再实施检查",
            )
