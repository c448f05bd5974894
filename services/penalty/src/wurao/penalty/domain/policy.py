"""The parts of a pack that penalty reads, as typed sections.

Several sections share the prefix `penalty`: discretion is asked as of the day of the act and as of the day of
the decision (PL-37), procedure and money as of the day on which a step is taken.
"""

from datetime import date
from typing import Any, Literal

from wurao.common.contracts.shared import Refusal
from wurao.common.packs import Pack, Param, Section
from wurao.common.packs.shapes import Benchmark, ListEntry


class DiscretionSection(Section, prefix="penalty"):
    """Lists and benchmarks; None where none was in force on the day."""

    list_kinds: Param[dict[str, str]] | None = None
    list_precedence: Param[tuple[str, ...]] | None = None
    lists: Param[tuple[ListEntry, ...]] | None = None
    benchmarks: Param[tuple[Benchmark, ...]] | None = None

    def benchmark(self, violation: str) -> Benchmark | None:
        """The benchmark of a violation."""
        known = self.benchmarks.value if self.benchmarks else ()
        return next((entry for entry in known if entry.violation == violation), None)


class ProcedureSection(Section, prefix="penalty"):
    """Limits, reviews, hearings and what counts as heavy."""

    circumstance_labels: Param[dict[str, str]]
    summary_limit_citizen_fen: Param[int]
    summary_limit_organisation_fen: Param[int]
    hearing_kinds: Param[tuple[str, ...]]
    large_fine_fen: Param[int]
    heavy_kinds: Param[tuple[str, ...]]
    legal_review: Param[Literal["listed", "ordinary_all"]]
    legal_review_situations: Param[tuple[str, ...]]
    education_required: Param[bool]
    impact_assessment_fen: Param[int] | None = None


class TermSection(Section, prefix="penalty"):
    """Periods in days or years."""

    decision_days: Param[int]
    delivery_days: Param[int]
    payment_days: Param[int]
    statement_days: Param[int] | None = None
    hearing_request_days: Param[int]
    hearing_notice_days: Param[int]
    limitation_years: Param[int]
    limitation_years_grave: Param[int]


class SurchargeSection(Section, prefix="penalty"):
    """What late payment costs."""

    late_surcharge_permille_per_day: Param[int]
    late_surcharge_cap: Param[Literal["principal"]]


class WorkingTerms(Section, prefix="period"):
    """Which numbers of days mean working days."""

    working_day_terms: Param[tuple[int, ...]]


class StaffSection(Section, prefix="entry"):
    """How many officers a case needs."""

    min_officers: Param[int]


class ReviewerSection(Section, prefix="officer"):
    """Who may review."""

    first_review_needs_qualification: Param[bool]


class CoercionSection(Section, prefix="coercion"):
    """How long a seal or seizure may last."""

    seal_days: Param[int]
    extension_days: Param[int]
    urgent_report_hours: Param[int]


class RemedySection(Section, prefix="review"):
    """How long the party may apply for administrative review."""

    days_to_apply: Param[int]


def discretion(pack: Pack, on: date) -> DiscretionSection:
    """Lists and benchmarks in force on a day."""
    return pack.section(DiscretionSection, on=on)


def refusal(code: str, rests_on: Param[Any], message: str, *alternatives: str) -> Refusal:
    """A refusal that rests on a pack's parameter: its clause and citation."""
    return Refusal(code=code, clause=rests_on.clause, cite=rests_on.cite, message=message, alternatives=alternatives)
