"""The notice of credit repair (信用修复告知书), which goes with the decision (LX-12, 两书同达)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from wurao.registry.domain.displays import Term
from wurao.registry.domain.repair_policy import RepairSection

TITLE = "信用修复告知书"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice by paragraph, and the clause that it rests on."""

    title: str
    paragraphs: tuple[str, ...]
    clause: str
    cite: str


def notice(law: RepairSection, term: Term, *, party: str, record: str, agency: str) -> Notice:
    """What a party is told with the decision: class, display, conditions, papers, procedure, limits, where, when."""
    rule = law.terms.value[term.severity]
    paragraphs = (
        f"{party}：",
        f"你单位的失信信息（{record}）属于{rule.label}类。{_display(term)}",
        f"申请修复应当具备：{_numbered(law.conditions.value)}。",
        f"应当提交：{_numbered(material.name for material in law.materials.value)}。",
        f"办理程序：{_numbered(law.procedure.value)}。",
        f"办理期限：{law.check_days.value}个工作日内审查材料，自受理之日起{law.decision_days.value}个工作日内作出决定。",
        f"受理机关：{agency}（{law.office.value}）。",
        f"{_day(term.apply_from)}起可以申请。{_automatic(term)}",
        f"依据：{law.terms.cite}。",
    )
    return Notice(TITLE, paragraphs, law.terms.clause, law.terms.cite)


def _display(term: Term) -> str:
    if not term.shown:
        return "该信息不向社会公示。"
    until = f"至{_day(term.shown_until)}" if term.shown_until else "，直至列入原因消除"
    return f"公示期自{_day(term.shown_from)}起{until}。"


def _automatic(term: Term) -> str:
    if term.shown_until is None:
        return ""
    return f"不申请的，{_day(term.shown_until)}届满后自动恢复，不再公示，也不再计入信用评价。"


def _numbered(parts: Iterable[str]) -> str:
    return "；".join(f"{number}.{part}" for number, part in enumerate(parts, 1))


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
