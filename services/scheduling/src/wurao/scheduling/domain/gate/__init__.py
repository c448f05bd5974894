"""The gate: may this inspection be? One pure function per rule; `judge` asks them all, always with reasons."""

from wurao.scheduling.domain.gate.judge import RULES, STANDING, as_carried_out, judge, judge_again
from wurao.scheduling.domain.gate.question import (
    AgencyFact,
    EnterpriseFact,
    Facts,
    ItemFact,
    JoinFact,
    Method,
    Origin,
    OwnTaskFact,
    PlanFact,
    ResultFact,
    TaskFact,
    TaskRequest,
    Verdict,
    VisitFact,
)

__all__ = [
    "RULES",
    "STANDING",
    "AgencyFact",
    "EnterpriseFact",
    "Facts",
    "ItemFact",
    "JoinFact",
    "Method",
    "Origin",
    "OwnTaskFact",
    "PlanFact",
    "ResultFact",
    "TaskFact",
    "TaskRequest",
    "Verdict",
    "VisitFact",
    "as_carried_out",
    "judge",
    "judge_again",
]
