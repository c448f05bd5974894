"""Entries that could not wait for an approved visit: ground, source, filing, officers, items (YZ-01, QZ-10, CX-06)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from wurao.checkin.domain import officers as standing
from wurao.checkin.domain.officers import OfficerFacts
from wurao.checkin.domain.policy import Law, refusal
from wurao.common.contracts.shared import Question, Refusal


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """An item as its agency published it."""

    item_id: str
    agency_id: str
    name: str
    questions: tuple[Question, ...] = ()
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class FilingFacts:
    """A filing as scheduling announced it; `used_by` is the entry that already rests on it."""

    filing_id: str
    enterprise_id: str
    agency_id: str
    after_the_fact: bool
    used_by: str | None = None


@dataclass(frozen=True, slots=True)
class ExceptionFacts:
    """Everything the gate may know about an exceptional entry."""

    today: date
    enterprise_id: str
    ground: str
    source_record: str
    scanned: bool
    scan_flaw: str | None
    officers: tuple[OfficerFacts, ...]
    item_ids: tuple[str, ...]
    items: dict[str, ItemFacts]
    filing_id: str | None = None
    filing: FilingFacts | None = None


Rule = Callable[[ExceptionFacts, Law], Iterator[Refusal]]


def ground_listed(facts: ExceptionFacts, law: Law) -> Iterator[Refusal]:
    """The declared ground is one that the pack accepts (YZ-01)."""
    accepted = law.exception_grounds
    if facts.ground not in accepted.value:
        names = law.grounds.labels.value
        listed = "、".join(names.get(ground, ground) for ground in accepted.value)
        yield refusal(
            "exception.ground_not_accepted",
            accepted,
            f"“{names.get(facts.ground, facts.ground)}”不是可以直接入企的情形",
            f"可以直接入企的情形：{listed}" if listed else "经批准取得行政行为码后再检查",
            "经批准取得行政行为码后再检查",
        )


def source_named(facts: ExceptionFacts, law: Law) -> Iterator[Refusal]:
    """The record that gave rise to the entry is named (QZ-17)."""
    if not facts.source_record.strip():
        yield refusal(
            "exception.no_source", law.basis.source_record, "应当注明线索来源或紧急情况记录", "补充来源记录编号"
        )


def filed(facts: ExceptionFacts, law: Law) -> Iterator[Refusal]:
    """Where nothing is filed afterwards, the filing comes first; a filing named is the right one (CX-06)."""
    rule, filing = law.filing.after_the_fact, facts.filing
    at_once = "立即办理报备，取得报备编号后再进入"
    if facts.filing_id is None:
        if law.filed_beforehand:
            yield refusal("exception.not_filed", rule, "紧急检查应当同时报备，不得事后补备，未见报备编号", at_once)
    elif filing is None:
        yield refusal("exception.filing_unknown", rule, f"没有找到报备{facts.filing_id}", at_once)
    elif filing.enterprise_id != facts.enterprise_id or filing.agency_id not in _agencies(facts):
        yield refusal("exception.filing_of_other", rule, "报备的企业或机关与本次入企不符", at_once)
    elif filing.used_by is not None:
        yield refusal("exception.filing_used", rule, f"报备已用于入企记录{filing.used_by}", at_once)
    elif filing.after_the_fact and law.filed_beforehand:
        yield refusal("exception.filed_afterwards", rule, "不得以事后报备作为入企依据", at_once)


def enterprise_code_scanned(facts: ExceptionFacts, law: Law) -> Iterator[Refusal]:
    """A scan, where even exceptions scan; a code that was scanned is genuine (CX-08)."""
    if facts.scan_flaw:
        yield refusal(
            "door.enterprise_code_invalid",
            law.entry.scan_required,
            f"营商码无效：{facts.scan_flaw}",
            "扫描企业现行营商码",
        )
    elif law.exception_scans and not facts.scanned:
        yield refusal(
            "door.not_scanned", law.entry.scan_required, "入企检查应当扫码，未见扫码记录", "扫描企业现场的营商码后进入"
        )


def enough_officers(facts: ExceptionFacts, law: Law) -> Iterator[Refusal]:
    """No fewer officers than the law demands (LX-03, PL-42)."""
    return standing.enough([officer.officer_id for officer in facts.officers], law.entry)


def certificates_valid(facts: ExceptionFacts, law: Law) -> Iterator[Refusal]:
    """Certificates valid on this legal day (YZ-09)."""
    return standing.certified(facts.officers, facts.today, law.entry)


def agencies_published(facts: ExceptionFacts, law: Law) -> Iterator[Refusal]:
    """The officers' agencies are published inspecting bodies (DT-01, QZ-02)."""
    return standing.of_published_agencies(facts.officers, law.basis)


def items_published(facts: ExceptionFacts, law: Law) -> Iterator[Refusal]:
    """Each item is on the published list of one of the officers' agencies (QZ-03)."""
    for item_id in facts.item_ids:
        item = facts.items.get(item_id)
        if item is None or item.cancelled:
            words = "未公布或已取消"
        elif item.agency_id not in _agencies(facts):
            words = "不属于到场执法人员所在机关"
        else:
            continue
        yield refusal(
            "exception.item_not_published",
            law.basis.item_listed,
            f"检查事项{item_id}{words}",
            "选择本机关已公布的检查事项",
        )


RULES: Sequence[Rule] = (
    ground_listed,
    source_named,
    filed,
    enough_officers,
    certificates_valid,
    agencies_published,
    items_published,
    enterprise_code_scanned,
)


def judge(facts: ExceptionFacts, law: Law) -> list[Refusal]:
    """Every reason against this entry; an empty list lets the officers in."""
    return [found for rule in RULES for found in rule(facts, law)]


def _agencies(facts: ExceptionFacts) -> set[str]:
    return {officer.agency_id for officer in facts.officers if officer.agency_id}
