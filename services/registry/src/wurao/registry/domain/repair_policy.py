"""What credit repair reads from a policy pack: classes of adverse records, conditions, papers, clocks (LX-12)."""

from pydantic import StrictBool, StrictInt, StrictStr

from wurao.common.packs import Param, Section
from wurao.common.packs.shapes import DisplayTerm, Material, SeverityRules


class RepairSection(Section, prefix="repair"):
    """How long adverse records are shown, and how they are repaired."""

    terms: Param[dict[StrictStr, DisplayTerm]]
    severity: Param[SeverityRules]
    indicators: Param[dict[StrictStr, StrictStr]]
    conditions: Param[tuple[StrictStr, ...]]
    materials: Param[tuple[Material, ...]]
    procedure: Param[tuple[StrictStr, ...]]
    check_days: Param[StrictInt]
    decision_days: Param[StrictInt]
    remind_days: Param[StrictInt]
    decided_by: Param[StrictStr]
    office: Param[StrictStr]
    excluded: Param[dict[StrictStr, StrictStr]]
    false_materials_months: Param[StrictInt]
    remedies: Param[StrictStr]
    grade_public: Param[StrictBool]
