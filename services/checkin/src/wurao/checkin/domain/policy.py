"""What check-in reads from a policy pack, and how a refusal cites it."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from wurao.common.contracts.shared import Refusal
from wurao.common.packs import Bases, Pack, Param, Section

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
    basis: Bases

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
        entry=pack.section(EntrySection, on=on),
        grounds=pack.section(GroundsSection, on=on),
        filing=pack.section(FilingSection, on=on),
        basis=pack.section(Bases, on=on),
    )


def refusal(code: str, basis: Param[Any], message: str, *alternatives: str) -> Refusal:
    """A refusal that rests on a pack's parameter: its clause and citation."""
    return Refusal(code=code, clause=basis.clause, cite=basis.cite, message=message, alternatives=alternatives)
