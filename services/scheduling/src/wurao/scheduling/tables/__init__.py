"""Tables of scheduling: replicas of others' facts, and its own plans, draws, tasks, visits and filings."""

from wurao.scheduling.tables.base import Base
from wurao.scheduling.tables.checkonce import Consent, JointCopy, Merge, MergeStep, OfficerDays
from wurao.scheduling.tables.draws import Draw, DrawFile, Drawn, DrawParty
from wurao.scheduling.tables.plans import Plan
from wurao.scheduling.tables.replicas import (
    Agency,
    Enterprise,
    EnterpriseGrade,
    Item,
    Officer,
    OfficerConflict,
    Result,
)
from wurao.scheduling.tables.work import (
    ActionKey,
    CapCounter,
    Filing,
    Task,
    Visit,
    VisitAgency,
    VisitOfficer,
)

__all__ = [
    "ActionKey",
    "Agency",
    "Base",
    "CapCounter",
    "Consent",
    "Draw",
    "DrawFile",
    "DrawParty",
    "Drawn",
    "Enterprise",
    "EnterpriseGrade",
    "Filing",
    "Item",
    "JointCopy",
    "Merge",
    "MergeStep",
    "Officer",
    "OfficerConflict",
    "OfficerDays",
    "Plan",
    "Result",
    "Task",
    "Visit",
    "VisitAgency",
    "VisitOfficer",
]
