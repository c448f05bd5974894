"""The gate: may this inspection be? One pure function per rule; `judge` asks them all, always with reasons."""

from wurao.scheduling.domain.gate.judge import RULES, judge
from wurao.scheduling.domain.gate.question import (
    AgencyFact,
    EnterpriseFact,
    Facts,
    ItemFact,
    PlanFact,
    ResultFact,
    TaskFact,
    TaskRequest,
    Verdict,
    VisitFact,
)

__all__ = [
    "RULES",
    "AgencyFact",
    "EnterpriseFact",
    "Facts",
    "ItemFact",
    "PlanFact",
    "ResultFact",
    "TaskFact",
    "TaskRequest",
    "Verdict",
    "VisitFact",
    "judge",
]
