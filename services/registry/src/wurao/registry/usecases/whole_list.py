"""Grade a whole list: slab by slab, each in a transaction of its own, as columns; news alone are written.

A slab's enterprises are locked before their facts are read, as when one enterprise is graded: a fact entered
meanwhile is either read here, or grades its enterprise once the slab is done.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from wurao.common.area import prefix
from wurao.common.clock import Clock
from wurao.common.contracts.registry import EnterpriseGraded
from wurao.common.contracts.shared import JsonObject
from wurao.common.db import Database, WriteSession
from wurao.common.errors import Conflict
from wurao.common.ids import new_id
from wurao.common.jobs import Job, JobHandler, Progress, submit
from wurao.common.outbox import OUTBOX, HeaderText
from wurao.common.policy import pack_for
from wurao.common.upsert import insert_or_nothing
from wurao.registry.domain import frames
from wurao.registry.domain.policy import GradeSection, RhythmSection
from wurao.registry.domain.rhythm import is_due, period_of
from wurao.registry.repository import adjustments, slabs
from wurao.registry.repository import enterprises as enterprise_repository
from wurao.registry.repository import grading as repository
from wurao.registry.repository.bulk import chunked
from wurao.registry.tables import GradingRun
from wurao.registry.usecases.grading import Labels, Law, Occasion, grade

JOB = "grading"
OWNER = "registry"
SLAB = 20_000
# Enterprises given by name: below so many one by one; so many in one statement.
FEW, LISTED = 200, 5_000
FURTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Slab:
    """What became of a slab: its last enterprise, how many were graded, how many grades are news."""

    last: str
    graded: int
    news: int


async def request(session: WriteSession, area: str, in_force_from: date | None, owner: str, today: date) -> Job:
    """Queue the grading of an area. Raises Conflict for a day that is past or far ahead (CX-12)."""
    on = in_force_from or today
    if not today <= on <= today + FURTHEST:
        scheme = (await pack_for(session, area, today)).section(GradeSection, on=today).scheme
        raise Conflict("分级的生效日期应在今天至一年之内", code="grading.bad_date", clause=scheme.clause)
    months = (await pack_for(session, area, today)).section(RhythmSection, on=today).rhythm_months
    if on == today and months is not None:
        await _claim(session, area, period_of(today, months.value))
    return await _submit(session, area, on, owner)


async def renew(session: WriteSession, today: date) -> int:
    """Queue the period's grading of each area with an active pack whose rhythm says so; how many areas.

    Only lists that were graded before: the first grading of a list is asked for by a person.
    """
    renewed = 0
    for area in await repository.areas_with_packs(session, today):
        rhythm = (await pack_for(session, area, today)).section(RhythmSection, on=today)
        months = rhythm.rhythm_months
        if months is None or not is_due(today, months.value, rhythm.rhythm_day.value):
            continue
        if not await repository.any_graded(session, prefix(area)):
            continue
        if await _claim(session, area, period_of(today, months.value)):
            await _submit(session, area, today, OWNER)
            renewed += 1
    return renewed


async def _claim(session: WriteSession, area: str, period: date) -> bool:
    """Take note that the period's list is graded; tells whether nobody had before."""
    run = {"run_id": f"{area}:{period.isoformat()}", "area": area, "period": period}
    return await insert_or_nothing(session, GradingRun, run, "run_id")


async def _submit(session: WriteSession, area: str, on: date, owner: str) -> Job:
    return await submit(session, JOB, owner, {"area": area, "in_force_from": on.isoformat()})


def grading_job(clock: Clock, size: int = SLAB) -> JobHandler:
    """The job that grades an area slab by slab, `size` enterprises each; repeating it changes nothing."""

    async def run(parameters: JsonObject, progress: Progress) -> JsonObject:
        area, on = prefix(parameters["area"]), date.fromisoformat(parameters["in_force_from"])
        async with progress.db.read() as session:
            total = await enterprise_repository.count(session, area)
        done, news, last, law = 0, 0, "", Law(on)
        await progress.report(0, total, "开始分级")
        while True:
            # A run that passes midnight or is done again later reads the facts of its own day, not of one gone by.
            law = law if law.on >= clock.today() else Law(clock.today())
            slab = await _next(progress.db, area, last, size, Occasion("grading", law, clock.now()))
            if slab is None:
                break
            last, done, news = slab.last, done + slab.graded, news + slab.news
            await progress.report(done, max(done, total), f"已分级 {done} 户，其中 {news} 户等级有变化")
        async with progress.db.read() as session:
            grades = await enterprise_repository.grades(session, area)
        return {
            "area": parameters["area"],
            "in_force_from": law.on.isoformat(),
            "graded": done,
            "changed": news,
            "grades": grades,
        }

    return run


async def _next(db: Database, area: str, after: str, size: int, why: Occasion) -> Slab | None:
    async with db.write() as session:
        return await grade_slab(session, area, after, size, why)


async def grade_slab(session: WriteSession, area: str, after: str, size: int, why: Occasion) -> Slab | None:
    """Grade the next enterprises of an area (by prefix) behind an id; None when there are none."""
    known = await slabs.locked(session, area, after, size)
    if known.is_empty():
        return None
    first, last = known.item(0, "enterprise_id"), known.item(-1, "enterprise_id")
    facts = await slabs.counting(session, area, first, last, why.on)
    return Slab(last, known.height, await _grade(session, known, facts, why))


async def grade_many(session: WriteSession, enterprise_ids: Sequence[str], why: Occasion) -> int:
    """`grading.grade` for any number of enterprises: many of them as columns, few one by one."""
    if len(enterprise_ids) < FEW:
        return await grade(session, enterprise_ids, why)
    # COPY sees what was flushed; events recorded before go before those of the grades.
    await session.stage()
    news = 0
    for ids in chunked(sorted(enterprise_ids), LISTED):
        known = await slabs.locked_among(session, ids)
        if not known.is_empty():
            news += await _grade(session, known, await slabs.counting_among(session, ids, why.on), why)
    return news


async def _grade(session: WriteSession, known: pl.DataFrame, facts: pl.DataFrame, why: Occasion) -> int:
    """Grade the enterprises of a frame, locked and in the order of their ids; how many grades are news."""
    apart = await adjustments.held_between(
        session, known.item(0, "enterprise_id"), known.item(-1, "enterprise_id"), why.on
    )
    alike = known.filter(~pl.col("enterprise_id").is_in(apart))
    news = 0
    for section, labels, part in _by_law(alike, await _laws(session, known, why)):
        outcome = await asyncio.to_thread(_outcome, section, labels, part, facts, why.on)
        await _write(session, outcome, why)
        news += outcome.news.height
    adjusted = known.filter(pl.col("enterprise_id").is_in(apart))["enterprise_id"].to_list()
    return news + await grade(session, adjusted, why)


Laws = dict[str, tuple[GradeSection, Labels]]


async def _laws(session: WriteSession, known: pl.DataFrame, why: Occasion) -> Laws:
    return {area: await why.law.of(session, area) for area in known["area"].unique()}


def _by_law(known: pl.DataFrame, laws: Laws) -> Iterator[tuple[GradeSection, Labels, pl.DataFrame]]:
    """The enterprises of areas with one and the same law."""
    places: dict[int, list[str]] = {}
    for area, (section, _) in laws.items():
        places.setdefault(id(section), []).append(area)
    for areas in places.values():
        section, labels = laws[areas[0]]
        part = known.filter(pl.col("area").is_in(areas)) if len(places) > 1 else known
        if not part.is_empty():
            yield section, labels, part


def _outcome(
    section: GradeSection, labels: Labels, known: pl.DataFrame, facts: pl.DataFrame, on: date
) -> frames.Outcome:
    return frames.grade(section, labels, known, frames.values(facts, known), on)


async def _write(session: WriteSession, outcome: frames.Outcome, why: Occasion) -> None:
    await slabs.change(session, outcome.rescored)
    news = outcome.news
    if news.is_empty():
        return
    await slabs.change(session, news.select("enterprise_id", *frames.SUBSTANCE, "score", "graded_from", "version"))
    known_at = slabs.instant(session, slabs.GRADES, "known_at", why.now)
    await slabs.insert(session, slabs.GRADES, _history(news, why.cause, known_at))
    now = datetime.now(UTC)
    database: Database = session.info["database"]
    headers = HeaderText.of(database.source, EnterpriseGraded, now)
    recorded_at = slabs.instant(session, OUTBOX, "recorded_at", now)
    await slabs.insert(session, OUTBOX, _outbox(news, headers, recorded_at))
    session.info["staged"] = True


def _history(news: pl.DataFrame, cause: str, known_at: str) -> pl.DataFrame:
    return news.select(
        pl.Series("grade_id", [new_id() for _ in range(news.height)]),
        "enterprise_id",
        "scheme",
        "grade",
        "previous",
        "score",
        "sampling_permille",
        "yearly_cap",
        "measures",
        "reasons",
        pl.col("grade_clause").alias("clause"),
        "cite",
        pl.lit(cause).alias("cause"),
        pl.col("graded_from").alias("in_force_from"),
        pl.lit(known_at).alias("known_at"),
    )


def _outbox(news: pl.DataFrame, headers: HeaderText, recorded_at: str) -> pl.DataFrame:
    """The rows that `outbox.stage` would write of the events of `news`; ids and credit codes need no escaping."""
    return news.select(
        pl.lit(EnterpriseGraded.topic).alias("topic"),
        pl.col("enterprise_id").alias("key"),
        pl.concat_str(
            pl.lit(headers.before_id + '"'),
            pl.Series("id", [new_id() for _ in range(news.height)]),
            pl.lit('"' + headers.before_subject + '"'),
            "enterprise_id",
            pl.lit('"' + headers.rest),
        ).alias("headers"),
        _body(news).alias("body"),
        pl.lit(recorded_at).alias("recorded_at"),
        pl.lit(0).alias("attempts"),
    )


_FIELDS = {
    "in_force_from": "graded_from",
    "clause": "grade_clause",
}
_LISTS = frozenset({"measures", "reasons"})


def _body(news: pl.DataFrame) -> pl.Series:
    """The events as JSON, field by field in the order of the contract. Raises KeyError for a field without column."""
    parts: list[pl.Series | pl.Expr] = []
    for number, field in enumerate(EnterpriseGraded.model_fields):
        parts.append(pl.lit(f'{"," if number else "{"}"{field}":'))
        column = news[_FIELDS.get(field, field)]
        parts.append(column if field in _LISTS else frames.as_json(column))
    return news.select(pl.concat_str(*parts, pl.lit("}")).alias("body"))["body"]
