"""What scheduling reads from a policy pack, as typed sections."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from pydantic import StrictBool, StrictInt, StrictStr

from wurao.common.contracts.shared import Refusal, Way
from wurao.common.packs import Bases, Pack, Param, Section
from wurao.common.packs.shapes import FilingThrough, GradeMeasure, GradeScheme, Window, Words


class CapSection(Section, prefix="cap"):
    """How often an agency may come (QZ-16, QZ-17, CX-12)."""

    on_site_per_year: Param[StrictInt] | None = None
    triggered_reasonable_per_year: Param[StrictInt] | None = None
    random_exempt_grades: Param[Words]


class PressureSection(Section, prefix="pressure"):
    """Ahead of the documents, off unless a pack says so: how often all agencies together may come."""

    per_day: Param[StrictInt] | None = None
    per_week: Param[StrictInt] | None = None
    per_month: Param[StrictInt] | None = None
    per_year: Param[StrictInt] | None = None
    white_list_triggered_only: Param[StrictBool]
    same_matter_once: Param[StrictBool]
    clean_visits_of_an_officer: Param[StrictInt] | None = None


class GroundsSection(Section, prefix="grounds"):
    """On what ground an inspection may leave the plan or the draw (YZ-02, DT-11, LX-02, QZ-17)."""

    off_plan: Param[Words]
    off_draw: Param[Words]
    entry_without_scan: Param[Words]
    triggered: Param[Words]
    exempt_grade: Param[Words]
    labels: Param[dict[StrictStr, StrictStr]]

    def label(self, ground: str) -> str:
        """The Chinese name of a ground."""
        return self.labels.value.get(ground, ground)

    def ways(self, grounds: Iterable[str]) -> tuple[Way, ...]:
        """The grounds as ways for a machine."""
        return tuple(Way(kind="ground", ground=ground) for ground in grounds)

    def options(self, grounds: Iterable[str]) -> tuple[str, ...]:
        """The grounds as alternatives, each with its name and the word that a request uses."""
        return tuple(f"确属“{self.label(ground)}”的，注明理由（{ground}）" for ground in grounds)


class PlanSection(Section, prefix="plan"):
    """Who approves plans, what they say, when and where they are filed (QZ-05, LX-02, CX-05)."""

    approver: Param[StrictStr]
    approval_levels: Param[Words]
    mandatory_fields: Param[Words]
    must_be_published: Param[StrictBool]
    filing_office: Param[StrictStr]
    filing_through: Param[FilingThrough] | None = None
    filing_decision_working_days: Param[StrictInt]
    filing_window: Param[Window]
    annual_window: Param[Window]
    joint_copy_to: Param[StrictStr] | None = None
    joint_annual: Param[StrictBool]
    joint_every_months: Param[StrictInt] | None = None
    completion_reported: Param[StrictBool]
    evaluation_every_months: Param[StrictInt] | None = None
    platform: Param[StrictStr] | None = None


class CampaignSection(Section, prefix="campaign"):
    """How many special campaigns a year, and what each passes before it begins (QZ-08)."""

    max_per_year: Param[StrictInt] | None = None
    steps: Param[Words]


class ConferenceSection(Section, prefix="conference"):
    """Whether a joint conference decides, how often it meets, who convenes it and to whom it reports (CX-01)."""

    required: Param[StrictBool]
    host_line: Param[StrictStr] | None = None
    every_months: Param[StrictInt] | None = None
    extra_meetings: Param[StrictBool]
    conveners: Param[Words]
    agenda: Param[Words]
    reports_to: Param[Words]


class OfficeSection(Section, prefix="office"):
    """Which lines of administration lead which work."""

    leads: Param[dict[StrictStr, Words]]


class VocabularySection(Section, prefix="vocabulary"):
    """The Chinese names of codes."""

    labels: Param[dict[StrictStr, StrictStr]]

    def name(self, code: str) -> str:
        """A code's name, itself where it has none."""
        return self.labels.value.get(code, code)


class FilingSection(Section, prefix="filing"):
    """Whether what could not wait may be filed afterwards (CX-06, QZ-10)."""

    after_the_fact: Param[StrictBool]
    makeup_working_days: Param[StrictInt] | None = None
    same_moment_minutes: Param[StrictInt] | None = None
    mailbox: Param[StrictStr] | None = None


class EntrySection(Section, prefix="entry"):
    """How many officers a visit needs at least (PL-42)."""

    min_officers: Param[StrictInt]


class MergeSection(Section, prefix="merge"):
    """Whether, with whom and within which limits visits are merged (QZ-06, QZ-07, LX-14, YZ-04, CX-03)."""

    check_once: Param[StrictBool]
    max_agencies: Param[StrictInt]
    max_minutes: Param[StrictInt]
    max_officers: Param[StrictInt]
    window_days: Param[StrictInt]
    one_form: Param[StrictBool]
    delegated_checks: Param[StrictBool]
    consent_working_days: Param[StrictInt] | None = None
    same_agency: Param[StrictBool]
    random_with_non_random: Param[StrictBool]
    joint_draws: Param[StrictBool]


class RecognitionSection(Section, prefix="recognition"):
    """How long a result is recognised (YZ-07)."""

    required: Param[StrictBool]
    days: Param[StrictInt] | None = None


class OffSiteSection(Section, prefix="off_site"):
    """Off-site before on-site, and a reminder before anybody comes (LX-09, QZ-15, CX-11)."""

    first: Param[StrictBool]
    reminder_first: Param[StrictBool]
    reminder_working_days: Param[StrictInt]


class CoverageSection(Section, prefix="coverage"):
    """Special trades and key fields are covered whole within a period (BE-54)."""

    fields: Param[Words]
    every_months: Param[StrictInt]


class AreaSection(Section, prefix="area"):
    """Whose area it is (YZ-05, QZ-18)."""

    out_of_area_approval: Param[StrictBool]
    county_first: Param[StrictBool]


class LevelSection(Section, prefix="level"):
    """Several levels at one enterprise, and superiors' visits (CX-14, CX-15)."""

    one_visit_per_levels: Param[StrictBool]
    superior_visits_filed: Param[StrictBool]
    local_government_told: Param[StrictBool]
    acceptance_visits: Param[StrictInt] | None = None


class GradeSection(Section, prefix="grade"):
    """Levels of the grading scheme and how many of each are drawn."""

    scheme: Param[GradeScheme]
    measures: Param[dict[StrictStr, GradeMeasure]]

    def middle_permille(self) -> int:
        """The share at which enterprises without a grade are drawn: that of the middle level."""
        levels = self.scheme.value.levels
        return self.measures.value[levels[len(levels) // 2]].sampling_permille


@dataclass(frozen=True, slots=True)
class Policy:
    """All sections of a pack in force on one day."""

    cap: CapSection
    pressure: PressureSection
    grounds: GroundsSection
    plan: PlanSection
    campaign: CampaignSection
    conference: ConferenceSection
    office: OfficeSection
    vocabulary: VocabularySection
    filing: FilingSection
    entry: EntrySection
    merge: MergeSection
    recognition: RecognitionSection
    off_site: OffSiteSection
    coverage: CoverageSection
    area: AreaSection
    level: LevelSection
    grade: GradeSection
    basis: Bases

    @classmethod
    def of(cls, pack: Pack, on: date) -> Self:
        """The sections of a pack. Raises PackError."""
        return cls(
            cap=pack.section(CapSection, on=on),
            pressure=pack.section(PressureSection, on=on),
            grounds=pack.section(GroundsSection, on=on),
            plan=pack.section(PlanSection, on=on),
            campaign=pack.section(CampaignSection, on=on),
            conference=pack.section(ConferenceSection, on=on),
            office=pack.section(OfficeSection, on=on),
            vocabulary=pack.section(VocabularySection, on=on),
            filing=pack.section(FilingSection, on=on),
            entry=pack.section(EntrySection, on=on),
            merge=pack.section(MergeSection, on=on),
            recognition=pack.section(RecognitionSection, on=on),
            off_site=pack.section(OffSiteSection, on=on),
            coverage=pack.section(CoverageSection, on=on),
            area=pack.section(AreaSection, on=on),
            level=pack.section(LevelSection, on=on),
            grade=pack.section(GradeSection, on=on),
            basis=pack.section(Bases, on=on),
        )


def refusal(
    code: str, rests_on: Param[Any], message: str, alternatives: Iterable[str] = (), ways: Iterable[Way] = ()
) -> Refusal:
    """A refusal that rests on a pack's parameter: its clause and citation."""
    return Refusal(
        code=code,
        clause=rests_on.clause,
        cite=rests_on.cite,
        message=message,
        alternatives=tuple(alternatives),
        ways=tuple(ways),
    )
