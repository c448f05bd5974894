"""Tables of scheduling: replicas of others' facts, and its own plans, draws, tasks, visits and filings."""

from wurao.scheduling.tables.approvals import AreaApproval
from wurao.scheduling.tables.base import Base
from wurao.scheduling.tables.changes import CalendarLink, RevokedCode, VisitChange
from wurao.scheduling.tables.checkonce import Consent, JointCopy, Merge, MergeStep, OfficerDays
from wurao.scheduling.tables.conference import DeadlineWatch, Meeting, OverdueNotice, Resolution
from wurao.scheduling.tables.coverage import Coverage, CoverageScan
from wurao.scheduling.tables.draws import Draw, DrawFile, Drawn, DrawParty
from wurao.scheduling.tables.offsite import OffSiteCheck, SuperiorVisit
from wurao.scheduling.tables.plans import Plan, PlanFiling, PlanParticipant, PlanStep
from wurao.scheduling.tables.replicas import (
    Agency,
    Enterprise,
    EnterpriseGrade,
    Item,
    Officer,
    OfficerCall,
    OfficerConflict,
    Result,
)
from wurao.scheduling.tables.work import (
    ActionKey,
    CapCounter,
    Filing,
    OfficerList,
    Task,
    Visit,
    VisitAgency,
    VisitOfficer,
)

__all__ = [
    "ActionKey",
    "Agency",
    "AreaApproval",
    "Base",
    "CalendarLink",
    "CapCounter",
    "Consent",
    "Coverage",
    "CoverageScan",
    "DeadlineWatch",
    "Draw",
    "DrawFile",
    "DrawParty",
    "Drawn",
    "Enterprise",
    "EnterpriseGrade",
    "Filing",
    "Item",
    "JointCopy",
    "Meeting",
    "Merge",
    "MergeStep",
    "OffSiteCheck",
    "Officer",
    "OfficerCall",
    "OfficerConflict",
    "OfficerDays",
    "OfficerList",
    "OverdueNotice",
    "Plan",
    "PlanFiling",
    "PlanParticipant",
    "PlanStep",
    "Resolution",
    "Result",
    "RevokedCode",
    "SuperiorVisit",
    "Task",
    "Visit",
    "VisitAgency",
    "VisitChange",
    "VisitOfficer",
]
