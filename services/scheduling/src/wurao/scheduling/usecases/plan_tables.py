"""The tables of plans, of their completion and of several levels, as spreadsheets (CX-05, CX-18)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wurao.common.clock import legal_date
from wurao.common.db import ReadSession
from wurao.common.errors import TooLarge
from wurao.scheduling.domain.evaluation import TaskFigures, VisitFigures, share
from wurao.scheduling.domain.plan_table import (
    AGENCY,
    CONTENTS,
    FIRST,
    ITEM,
    KIND,
    LAST,
    TITLE,
)
from wurao.scheduling.domain.plans import KINDS
from wurao.scheduling.domain.quarters import Period
from wurao.scheduling.repository import evaluation, planning, replicas
from wurao.scheduling.tables import Item, Plan
from wurao.scheduling.usecases.spreadsheets import Cell, Column, Table

MOST_ROWS = 20_000
STATES: Mapping[str, str] = {"draft": "拟制", "approved": "已批准", "published": "已公布", "superseded": "已被替代"}
LEVELS: Mapping[str, str] = {"province": "省级", "prefecture": "市级", "county": "县级", "township": "乡镇、街道"}
PERCENT = "0.0%"

PLAN_COLUMNS = (
    Column(TITLE, 28),
    Column(KIND, 12),
    Column(AGENCY, 18),
    Column("检查单位", 20),
    Column(FIRST, 13),
    Column(LAST, 13),
    Column(ITEM, 20),
    Column("检查事项", 24),
    Column("事项法律依据", 28),
    *(Column(heading, 24) for heading in CONTENTS.values()),
    Column("是否双随机", 10),
    Column("是否联合检查", 10),
    Column("参与单位", 24),
    Column("状态", 10),
    Column("报备日期", 13),
)
COMPLETION_COLUMNS = (
    Column(AGENCY, 18),
    Column("检查单位", 20),
    Column(TITLE, 28),
    Column(KIND, 12),
    Column("计划任务数"),
    Column("已完成"),
    Column("其中按时完成"),
    Column("逾期未完成"),
    Column("已取消"),
    Column("完成率", 10, PERCENT),
    Column("入企检查次数"),
    Column("其中联合检查"),
    Column("联合检查占比", 12, PERCENT),
    Column("合并减少入企次数"),
)
LEVEL_COLUMNS = (
    Column("序号", 6),
    Column(TITLE, 28),
    Column("牵头单位", 20),
    Column("参与单位", 20),
    Column("层级", 12),
    Column("区划代码", 12),
    Column("检查事项", 36),
    Column("检查开始日期", 13),
    Column("检查结束日期", 13),
    Column("状态", 10),
)


@dataclass(frozen=True, slots=True)
class Sight:
    """Which plans a table shows: an area's, of one agency or of all, in a period."""

    area: str
    agency_id: str | None
    period: Period


async def plans(session: ReadSession, sight: Sight) -> Table:
    """The plan table: a row for each item of each plan; it can be imported again."""
    found = await _plans(session, sight)
    items = await replicas.item_rows(session, (item_id for plan in found for item_id in plan.item_ids))
    parts = await planning.participants(session, (plan.plan_id for plan in found))
    names = await _names(session, [*(plan.agency_id for plan in found), *(part.agency_id for part in parts)])
    taking: dict[str, list[str]] = {}
    for part in parts:
        taking.setdefault(part.plan_id, []).append(names.get(part.agency_id, part.agency_id))
    rows = [
        _plan_row(plan, item_id, items.get(item_id), names, taking.get(plan.plan_id, []))
        for plan in found
        for item_id in plan.item_ids
    ]
    return _bounded(Table(f"检查计划表{sight.period.name}", PLAN_COLUMNS, rows))


def _plan_row(
    plan: Plan, item_id: str, item: Item | None, names: Mapping[str, str], taking: Sequence[str]
) -> list[Cell]:
    return [
        plan.title,
        KINDS[plan.kind],
        plan.agency_id,
        names.get(plan.agency_id, plan.agency_id),
        plan.period_from,
        plan.period_to,
        item_id,
        item.name if item else "",
        f"{item.law}{item.article}" if item else "",
        *(plan.contents.get(name) for name in CONTENTS),
        "是" if item and item.random_list else "否",
        "是" if plan.kind == "joint" else "否",
        "、".join(taking),
        STATES[plan.state],
        legal_date(plan.filed_at) if plan.filed_at else None,
    ]


async def completion(session: ReadSession, sight: Sight) -> Table:
    """The completion table: a row for each agency and plan, then the agency's visits, then the sum of all."""
    figures = await evaluation.tasks(session, sight.area, sight.period.first, sight.period.last, sight.agency_id)
    found = {plan.plan_id: plan for plan in await planning.plans(session, (plan_id for _, plan_id in figures))}
    names = await _names(session, (agency for agency, _ in figures))
    held = await evaluation.visits_by_agency(session, sight.area, sight.period.first, sight.period.last)
    rows: list[list[Cell]] = []
    bold: set[int] = set()
    for agency_id in sorted({agency for agency, _ in figures}):
        own = {plan_id: of for (agency, plan_id), of in sorted(figures.items()) if agency == agency_id}
        for plan_id, of in own.items():
            plan = found.get(plan_id)
            told = [agency_id, names.get(agency_id, agency_id), plan.title if plan else plan_id]
            rows.append([*told, KINDS[plan.kind] if plan else "", *_tasks(of), None, None, None, None])
        bold.add(len(rows))
        sums = [*_tasks(evaluation.total(own.values())), *_visits(held.get(agency_id, VisitFigures()))]
        rows.append([agency_id, names.get(agency_id, agency_id), "小计", "", *sums])
    bold.add(len(rows))
    visits = await evaluation.visits(session, sight.area, sight.period.first, sight.period.last, sight.agency_id)
    rows.append(["", "合计", "", "", *_tasks(evaluation.total(figures.values())), *_visits(visits)])
    return _bounded(Table(f"完成情况表{sight.period.name}", COMPLETION_COLUMNS, rows, frozenset(bold)))


def _tasks(of: TaskFigures) -> list[Cell]:
    return [of.planned, of.done, of.on_time, of.lapsed, of.cancelled, share(of.done, of.planned) / 1000]


def _visits(of: VisitFigures) -> list[Cell]:
    return [of.visits, of.joint, of.joint_permille / 1000, of.saved]


async def levels(session: ReadSession, sight: Sight) -> Table:
    """The table of plans of several levels: a row for each agency in each joint plan."""
    joint = {plan.plan_id: plan for plan in await _plans(session, sight, "joint")}
    parts = await planning.participants(session, joint)
    agencies = await replicas.agencies(
        session, [*(part.agency_id for part in parts), *(plan.agency_id for plan in joint.values())]
    )
    items = await replicas.items(session, (item_id for part in parts for item_id in part.item_ids))
    rows: list[list[Cell]] = []
    for part in parts:
        plan, agency = joint[part.plan_id], agencies.get(part.agency_id)
        lead = agencies.get(plan.agency_id)
        rows.append(
            [
                len(rows) + 1,
                plan.title,
                lead.name if lead else plan.agency_id,
                agency.name if agency else part.agency_id,
                LEVELS.get(agency.level, agency.level) if agency else "",
                agency.area if agency else "",
                "、".join(items[item_id].name if item_id in items else item_id for item_id in part.item_ids),
                part.period_from,
                part.period_to,
                STATES[plan.state],
            ]
        )
    return _bounded(Table(f"多层级检查计划表{sight.period.name}", LEVEL_COLUMNS, rows))


async def _plans(session: ReadSession, sight: Sight, kind: str | None = None) -> Sequence[Plan]:
    first, last = sight.period.first, sight.period.last
    return await planning.in_period(session, sight.area, first, last, sight.agency_id, kind=kind, limit=MOST_ROWS + 1)


async def _names(session: ReadSession, agency_ids: Iterable[str]) -> dict[str, str]:
    return {agency_id: fact.name for agency_id, fact in (await replicas.agencies(session, agency_ids)).items()}


def _bounded(table: Table) -> Table:
    if len(table.rows) > MOST_ROWS:
        raise TooLarge(f"表格超过 {MOST_ROWS:,} 行，请缩小范围", code="too_many_rows")
    return table
