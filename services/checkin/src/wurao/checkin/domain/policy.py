"""What check-in reads from a policy pack, and how a refusal cites it."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

from wurao.common.contracts.shared import Refusal
from wurao.common.packs import Pack, Param, Section

WhoScans = Literal["officer_scans_enterprise_code", "enterprise_scans_action_code", "both"]


class EntrySection(Section, prefix="entry"):
    """What must be shown and scanned at the door."""

    min_officers: Param[int]
    certificate_shown: Param[bool]
    scan_required: Param[bool]
    code_shown: Param[bool]
    who_scans: Param[WhoScans]


class GroundsSection(Section, prefix="grounds"):
    """On which grounds officers may enter without an approved visit."""

    entry_without_scan: Param[tuple[str, ...]]
    off_plan: Param[tuple[str, ...]]
    labels: Param[dict[str, str]]


class FilingSection(Section, prefix="filing"):
    """When an entry that could not wait is filed."""

    after_the_fact: Param[bool]
    makeup_working_days: Param[int] | None = None


@dataclass(frozen=True, slots=True)
class Law:
    """The law at a door on a day."""

    entry: EntrySection
    grounds: GroundsSection
    filing: FilingSection

    @property
    def filed_beforehand(self) -> bool:
        """The document forbids filing afterwards (CX-06); where it is silent, no duty to file is invented."""
        rule = self.filing.after_the_fact
        return not rule.value and rule.origin != "silent"

    @property
    def exception_grounds(self) -> Param[tuple[str, ...]]:
        """Grounds that excuse the scan; where the document excuses none, those of a visit outside the plan."""
        excused = self.grounds.entry_without_scan
        return excused if excused.value else self.grounds.off_plan

    @property
    def exception_scans(self) -> bool:
        """Even an exceptional entry scans the enterprise's code: scanning is due and nothing excuses it (CX-08)."""
        return self.entry.scan_required.value and not self.grounds.entry_without_scan.value


def law_of(pack: Pack, on: date) -> Law:
    """The sections in force on a day."""
    return Law(
        pack.section(EntrySection, on=on), pack.section(GroundsSection, on=on), pack.section(FilingSection, on=on)
    )


class Cited(Protocol):
    """Whatever names a clause and its citation: a pack's Param, or a Basis."""

    @property
    def clause(self) -> str: ...

    @property
    def cite(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Basis:
    """A clause that no pack parameter carries."""

    clause: str
    cite: str


ACTION_CODE = Basis("QZ-09", "衢政办发〔2025〕16号 二(一)7")
ON_SITE_RECORD = Basis("QZ-11", "衢政办发〔2025〕16号 二(一)7")
INSPECTION_FORM = Basis("QZ-04", "衢政办发〔2025〕16号 二(一)3")
QUALIFIED_BODY = Basis("QZ-02", "衢政办发〔2025〕16号 二(一)1")
PUBLISHED_BODY = Basis("DT-01", "菏定政办字〔2023〕6号 二(一)1；行政处罚法 第三十九条")
SIGNED_LEDGER = Basis("DT-09", "菏定政办字〔2023〕6号 二(三)7")
EVALUATION = Basis("QZ-12", "衢政办发〔2025〕16号 二(一)7")
SOURCE_RECORD = Basis("QZ-17", "衢政办发〔2025〕16号 二(一)9")
UNLAWFUL_INSPECTION = Basis("BE-54", "优化营商环境条例 第六十九条")


def refusal(code: str, basis: Cited | Param[Any], message: str, *alternatives: str) -> Refusal:
    """A refusal that rests on a pack's parameter or a basis."""
    return Refusal(code=code, clause=basis.clause, cite=basis.cite, message=message, alternatives=alternatives)
