"""A county's people as callers, and what they do over HTTP: the verbs that the quarter and the tests play."""

import csv
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from wurao.embedded.demo.client import Caller, Callers, StepFailed, until

FILES = (
    ("areas", "/v1/areas/import"),
    ("agencies", "/v1/agencies/import"),
    ("units", "/v1/units/import"),
    ("officers", "/v1/officers/import"),
    ("forms", "/v1/forms/import"),
    ("items", "/v1/items/import"),
    ("enterprises", "/v1/enterprises/import"),
    ("premises", "/v1/premises/import"),
    ("facts", "/v1/facts/import"),
)
YEAR = 2026
UNKNOWN = {"agency.not_published", "item.not_published", "enterprise.unknown"}

Row = dict[str, str]


@dataclass
class County:
    """The county under play: its callers, its sample rows."""

    callers: Callers
    pack: str
    area: str
    sample: Path
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def agency(self, line: str) -> str:
        """The county agency of a line."""
        return f"{self.area}-{line}"

    def table(self, name: str) -> list[Row]:
        """The rows of a sample file, read once."""
        if name not in self.rows:
            with (self.sample / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                self.rows[name] = list(csv.DictReader(file))
        return self.rows[name]

    def items_of(self, agency_id: str, keep: Callable[[Row], bool] = lambda row: True) -> list[Row]:
        """An agency's items."""
        return [row for row in self.table("items") if row["agency_id"] == agency_id and keep(row)]

    def officers_of(self, agency_id: str) -> list[Row]:
        """An agency's officers who may inspect, leaders last."""
        able = [
            row
            for row in self.table("officers")
            if row["agency_id"] == agency_id
            and row["kind"] == "officer"
            and row["valid_to"] >= "2026-04-01"
            and all(row[flag] == "true" for flag in ("trained", "examined", "in_post"))
        ]
        return sorted(able, key=lambda row: (row["leader"] == "true", row["officer_id"]))

    def enterprises_in(self, prefixes: tuple[str, ...]) -> Iterator[Row]:
        """Enterprises of the industries that begin with one of the prefixes."""
        return (row for row in self.table("enterprises") if row["industry"].startswith(prefixes))

    async def platform(self) -> Caller:
        """The provincial platform."""
        return await self.callers.of("platform", area=f"{self.area[:2]}0000")

    async def planner(self, agency_id: str) -> Caller:
        """Who plans in an agency."""
        return await self.callers.of("planner", name=f"{agency_id}-planner", agency_id=agency_id, area=self.area)

    async def head(self, agency_id: str) -> Caller:
        """An agency's head."""
        return await self.callers.of("head", name=f"{agency_id}-head", agency_id=agency_id, area=self.area)

    async def reviewer(self, agency_id: str) -> Caller:
        """An agency's legal reviewer."""
        return await self.callers.of("reviewer", name=f"{agency_id}-reviewer", agency_id=agency_id, area=self.area)

    async def officer(self, officer_id: str, agency_id: str) -> Caller:
        """An officer."""
        return await self.callers.of(
            "officer", name=officer_id, officer_id=officer_id, agency_id=agency_id, area=self.area
        )

    async def enterprise(self, enterprise_id: str) -> Caller:
        """An enterprise's own back end."""
        return await self.callers.of("enterprise", name=enterprise_id, enterprise_id=enterprise_id, area=self.area)

    async def supervisor(self) -> Caller:
        """The county's supervision body."""
        return await self.callers.of("supervisor", agency_id=self.agency("justice"), area=self.area)

    async def conference(self) -> Caller:
        """The joint conference's office."""
        return await self.callers.of("conference", area=self.area)

    async def discipline(self) -> Caller:
        """Discipline inspection."""
        return await self.callers.of("discipline", area=self.area)

    async def treasury(self) -> Caller:
        """The treasury's payment channel."""
        return await self.callers.of("treasury", area=self.area)

    async def activate(self, effective_from: str = "2025-01-01") -> None:
        """Let the county's pack take effect from its document's first day on: one person proposes, another approves."""
        packs = await self.callers.public.get("registry", "/v1/packs")
        [since] = [pack["in_force_from"] for pack in packs if pack["name"] == self.pack]
        wish = {
            "pack": self.pack,
            "area": self.area,
            "effective_from": max(effective_from, since),
            "reason": "县政府决定施行",
        }
        proposed = await (await self.platform()).post("registry", "/v1/packs/activations", wish)
        approver = await self.supervisor()
        await approver.post("registry", f"/v1/packs/activations/{proposed['activation_id']}/approve", {})

    async def load(self, note: Callable[[str], None] = lambda _: None) -> dict[str, int]:
        """Import every file through the endpoints that a province would use; rows loaded per file."""
        platform = await self.platform()
        loaded = {}
        for name, path in FILES:
            note(f"导入 {name}.csv")
            body = (self.sample / f"{name}.csv").read_bytes()
            report = await platform.post("registry", path, content=body, headers={"Content-Type": "text/csv"})
            if report["rejected"]:
                raise StepFailed(f"{name}.csv 有 {report['rejected']} 行未通过：{report['errors'][:3]}")
            loaded[name] = int(report["accepted"])
        return loaded

    async def publish(self, *, except_for: frozenset[str] = frozenset()) -> int:
        """Publish agencies and their item lists; the number of agencies published."""
        platform = await self.platform()
        agencies = [row["agency_id"] for row in self.table("agencies") if row["agency_id"] not in except_for]
        for agency_id in agencies:
            await platform.post("registry", f"/v1/agencies/{agency_id}/publish")
        for agency_id in sorted({row["agency_id"] for row in self.table("items")} - except_for):
            await self.publish_items(agency_id)
        return len(agencies)

    async def publish_items(self, agency_id: str) -> None:
        """Submit an agency's items as the year's list, have the province's justice department review it, publish it."""
        platform = await self.platform()
        reviewer = await self.callers.of("supervisor", name="legal-review", area=f"{self.area[:2]}0000")
        listed = await platform.post("registry", f"/v1/agencies/{agency_id}/item-lists", {"year": YEAR})
        path = f"/v1/item-lists/{listed['list_id']}"
        await reviewer.post("registry", f"{path}/review", {"passed": True, "opinion": "依据充分，同意公布"})
        await platform.post("registry", f"{path}/publish")

    async def rule(self, name: str) -> Any:
        """The value of a parameter of the pack in force, as anyone may read it."""
        query = {"area": self.area, "on": f"{YEAR}-01-05"}
        found = await self.callers.public.get("registry", "/v1/packs/effective", params=query)
        return next(one["value"] for one in found if one["name"] == name)

    async def grade(self, note: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
        """Grade all by the pack's scheme, by an approved class list where it wants one; `grades`: how many of each."""
        if await self.rule("grade.approved_month") is not None:
            listed = await self.proposed_list(YEAR - 1, "first", note)
            return {"grades": (await self.approved_list(listed["list_id"], note))["counts"]}
        platform = await self.platform()
        job = await platform.post("registry", "/v1/gradings", {"area": self.area})
        return await self.job_done(platform, "registry", job["job_id"], note)

    async def approved_list(self, list_id: str, note: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
        """A proposed class list, approved by the joint conference and announced."""
        conference, path = await self.conference(), f"/v1/class-lists/{list_id}"
        made = await conference.post("registry", f"{path}/approve", {"resolution": "联席会议审定纪要"})
        await self.job_done(conference, "registry", made["job"]["job_id"], note)
        return dict(await conference.get("registry", path))

    async def proposed_list(
        self, year: int, kind: str = "annual", note: Callable[[str], None] = lambda _: None
    ) -> dict[str, Any]:
        """A year's class list as the supervision body proposes it."""
        supervisor = await self.supervisor()
        wish = {"area": self.area, "year": year, "kind": kind}
        made = await supervisor.post("registry", "/v1/class-lists", wish)
        await self.job_done(supervisor, "registry", made["job"]["job_id"], note)
        return dict(await supervisor.get("registry", f"/v1/class-lists/{made['class_list']['list_id']}"))

    async def job_done(
        self, caller: Caller, service: str, job_id: str, note: Callable[[str], None] = lambda _: None
    ) -> dict[str, Any]:
        """The result of a job once it is done. Raises StepFailed when it failed."""

        async def probe() -> dict[str, Any] | None:
            job: dict[str, Any] = await caller.get(service, f"/v1/jobs/{job_id}")
            note(f"{job['note'] or job['kind']} {job['done']}/{job['total']}")
            return job if job["state"] in ("done", "failed") else None

        job = await until(f"任务 {job_id}", probe, seconds=600)
        if job["state"] == "failed":
            raise StepFailed(f"任务失败：{job['error']}")
        return dict(job["result"])

    async def known_everywhere(self) -> None:
        """Wait until the last imported facts have reached the services that decide on them."""
        last = self.table("enterprises")[-1]["enterprise_id"]
        enterprise = await self.enterprise(last)

        async def coded() -> bool:
            return (await enterprise.send("GET", "checkin", f"/v1/enterprises/{last}/code")).status == 200

        platform = await self.platform()
        published = {row["agency_id"] for row in await platform.pages("registry", "/v1/public/agencies")}
        questions = [
            task(row["agency_id"], last, [row["item_id"]], origin="plan")
            for row in self.table("items")
            if row["agency_id"] in published
        ]

        async def judged() -> bool:
            body = await platform.post("scheduling", "/v1/preflight", {"requests": questions})
            codes = {refusal["code"] for verdict in body["verdicts"] for refusal in verdict["refusals"]}
            return not UNKNOWN & codes

        await until("名录到达入企核验服务", coded, seconds=300)
        await until("名录到达排期服务", judged, seconds=300)


def task(
    agency_id: str,
    enterprise_id: str,
    item_ids: list[str],
    *,
    earliest: str = "2026-01-05",
    latest: str = "2026-03-20",
    origin: str,
    **more: Any,
) -> dict[str, Any]:
    """The body of a task or a preflight request."""
    return {
        "agency_id": agency_id,
        "enterprise_id": enterprise_id,
        "item_ids": item_ids,
        "earliest": earliest,
        "latest": latest,
        "origin": origin,
        "method": "on_site",
        **more,
    }


def plan(agency_id: str, title: str, item_ids: list[str], **more: Any) -> dict[str, Any]:
    """The body of a plan with all six contents that a document may ask for (LX-02)."""
    return {
        "agency_id": agency_id,
        "title": title,
        "kind": "quarterly",
        "period_from": "2026-01-01",
        "period_to": "2026-03-31",
        "item_ids": item_ids,
        "basis": "各检查事项所列法律依据",
        "content": "按检查表单逐项检查",
        "targets": "本县在册经营主体，按信用等级抽取",
        "frequency": "每户一季度至多一次",
        "method": "双随机抽查，能合并的合并",
        "time": "2026年第一季度",
        **more,
    }


def commitment(secret: str) -> str:
    """What a party publishes before the pool is frozen: the SHA-256 of its secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def at(day: str, clock: str = "09:30") -> datetime:
    """An instant of a legal day."""
    return datetime.fromisoformat(f"{day}T{clock}:00+08:00")
