"""Tables of the registry, by topic."""

from wurao.registry.tables.agencies import Agency, AgencyChange, AgencyUnit, DelegationRow
from wurao.registry.tables.base import Base
from wurao.registry.tables.classes import Adjustment, ClassEntry, ClassList, Objection
from wurao.registry.tables.conflicts import OfficerConflict
from wurao.registry.tables.credit import FactRow, GradeRow, GradingRun
from wurao.registry.tables.enterprises import (
    DuplicateProposal,
    Enterprise,
    EnterpriseDeed,
    EnterpriseSearch,
    FormerCode,
    FormerName,
    Merge,
    PremisesRow,
    SearchBacklog,
)
from wurao.registry.tables.items import (
    CountedEntry,
    FormQuestion,
    Item,
    ItemEdition,
    ItemList,
    ItemProposal,
    ItemUsage,
    ListedItem,
)
from wurao.registry.tables.jurisdictions import Area
from wurao.registry.tables.officers import (
    Officer,
    OfficerDecision,
    OfficerExamination,
    OfficerPost,
    OfficerTraining,
)
from wurao.registry.tables.policy import PackActivation, PackDraft
from wurao.registry.tables.repair import Display, FactChange, Repair, RepairStep
from wurao.registry.tables.reviews import OfficerReview, OfficerReviewEntry
from wurao.registry.tables.view import SeenCase, SeenComplaint, SeenEntry, SeenMeasure, SeenVisit

__all__ = [
    "Adjustment",
    "Agency",
    "AgencyChange",
    "AgencyUnit",
    "Area",
    "Base",
    "ClassEntry",
    "ClassList",
    "CountedEntry",
    "DelegationRow",
    "Display",
    "DuplicateProposal",
    "Enterprise",
    "EnterpriseDeed",
    "EnterpriseSearch",
    "FactChange",
    "FactRow",
    "FormQuestion",
    "FormerCode",
    "FormerName",
    "GradeRow",
    "GradingRun",
    "Item",
    "ItemEdition",
    "ItemList",
    "ItemProposal",
    "ItemUsage",
    "ListedItem",
    "Merge",
    "Objection",
    "Officer",
    "OfficerConflict",
    "OfficerDecision",
    "OfficerExamination",
    "OfficerPost",
    "OfficerReview",
    "OfficerReviewEntry",
    "OfficerTraining",
    "PackActivation",
    "PackDraft",
    "PremisesRow",
    "Repair",
    "RepairStep",
    "SearchBacklog",
    "SeenCase",
    "SeenComplaint",
    "SeenEntry",
    "SeenMeasure",
    "SeenVisit",
]
