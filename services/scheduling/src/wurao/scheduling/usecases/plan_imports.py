"""Take in a plan table: all of its plans as drafts, or none and a report of every row that is wrong (LX-02, CX-05)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from wurao.common.auth import Principal
from wurao.common.contracts.shared import Refusal
from wurao.common.db import WriteSession
from wurao.common.rowfiles import RowError
from wurao.scheduling.domain import plan_table as rules
from wurao.scheduling.domain.plans import FIELDS
from wurao.scheduling.repository import replicas
from wurao.scheduling.usecases import plans, spreadsheets

# Turns a plan's cells into what it asks for, or names the faulty fields with what is wrong.
Check = Callable[[dict[str, Any]], "plans.Wanted | list[tuple[str, str]]"]


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a table: `plan_ids` are empty when there is any error."""

    rows: int
    plans: int
    plan_ids: list[str] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


def read(body: bytes) -> tuple[list[tuple[int, spreadsheets.Row]], list[RowError]]:
    """The rows of a plan table. Raises Malformed and TooLarge as `spreadsheets.rows_of` does."""
    return spreadsheets.rows_of(body, rules.REQUIRED, rules.KNOWN)


async def take_in(
    session: WriteSession,
    rows: Sequence[tuple[int, spreadsheets.Row]],
    unreadable: Sequence[RowError],
    check: Check,
    *,
    who: Principal,
    now: datetime,
    today: date,
) -> Imported:
    """Enter the plans of a table as drafts, all of them or none."""
    found, faults = rules.gathered(rows)
    errors = [*unreadable, *(RowError(row=f.row, field=f.heading, code=f.code, message=f.message) for f in faults)]
    wanted: list[plans.Wanted] = []
    for plan in found:
        asked = check(plan.body())
        if isinstance(asked, list):
            errors += [_error(plan.row, rules.HEADINGS.get(name, ""), "invalid", text) for name, text in asked]
        elif asked.agency_id != who.agency_id:
            errors.append(_error(plan.row, rules.AGENCY, "other_agency", "只能导入本机关的检查计划"))
        else:
            errors += await _refused(session, plan, asked, who, now, today)
            wanted.append(asked)
    if not rows and not errors:
        errors.append(_error(1, "", "empty", "表格没有内容"))
    if errors:
        return Imported(len(rows), len(found), errors=sorted(errors, key=lambda error: error.row))
    made = [await plans.create(session, one, who=who, now=now, today=today) for one in wanted]
    return Imported(len(rows), len(found), [plan.plan_id for plan in made])


async def _refused(
    session: WriteSession, plan: rules.PlanRows, asked: plans.Wanted, who: Principal, now: datetime, today: date
) -> list[RowError]:
    """What the gate says against a plan, at the cell that it speaks of; kept as evidence like any refusal."""
    found = await plans.judged(session, asked, who, now, today)
    if not found.refusals:
        return []
    session.record(found.asked.event(found.refusals))
    names = {item_id: item.name for item_id, item in (await replicas.items(session, asked.item_ids)).items()}
    return [_at(plan, one, names.items()) for one in found.refusals]


def _at(plan: rules.PlanRows, refusal: Refusal, names: Iterable[tuple[str, str]]) -> RowError:
    message = f"{refusal.message}（{refusal.cite}）"
    if refusal.code == "plan.field_missing":
        heading = next((FIELDS[name] for name in FIELDS if refusal.message.endswith(FIELDS[name])), "")
        return _error(plan.row, heading, refusal.code, message)
    if refusal.code.startswith("item."):
        known = dict(names)
        for item_id, row in plan.item_rows.items():
            if f"事项{item_id}" in refusal.message or f"“{known.get(item_id)}”" in refusal.message:
                return _error(row, rules.ITEM, refusal.code, message)
    heading = rules.AGENCY if refusal.code.startswith("agency.") else rules.TITLE
    return _error(plan.row, heading, refusal.code, message)


def _error(row: int, heading: str, code: str, message: str) -> RowError:
    return RowError(row=row, field=heading, code=code, message=message)
