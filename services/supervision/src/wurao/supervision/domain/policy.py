"""What supervision reads from a policy pack."""

from typing import Literal

from wurao.common.packs import Param, Section
from wurao.common.packs.shapes import Count, Words

DayUnit = Literal["working", "calendar"]


class ComplaintSection(Section, prefix="complaint"):
    """What can be complained about, and how soon it is closed."""

    close_working_days: Param[Count]
    categories: Param[Words]
    labels: Param[dict[str, str]]


class CorrectionSection(Section, prefix="correction"):
    """How long an agency has to correct."""

    days: Param[Count]
    unit: Param[DayUnit]


class LeadSection(Section, prefix="lead"):
    """Who receives leads, and whether an unfiled entry is one by itself."""

    unfiled_entry: Param[bool]
    recipients: Param[Words]


class CallbackSection(Section, prefix="callback"):
    """Whether and how soon an inspected enterprise is called."""

    required: Param[bool]
    days: Param[Count | None]
    unit: Param[DayUnit]


class SanctionSection(Section, prefix="sanction"):
    """How long a certificate is suspended; a value of None: until the suspension is lifted."""

    officer_suspension_days: Param[Count | None]


class ListSection(Section, prefix="penalty"):
    """The light-penalty lists that a decision may not leave unseen."""

    list_kinds: Param[dict[str, str]]
