"""A small county that scheduling has heard of: agencies, officers, items, enterprises, under a chosen pack."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from wurao.common.auth import Role
from wurao.common.contracts import Event
from wurao.common.contracts.checkin import InspectionFinished
from wurao.common.contracts.registry import (
    AgencyPublished,
    EnterpriseGraded,
    EnterpriseRegistered,
    ItemPublished,
    OfficerCertified,
    PackActivated,
)
from wurao.common.contracts.shared import ItemResult, OfficerRef, Premises, Question
from wurao.common.packs import load_pack
from wurao.common.testing import Harness, running
from wurao.local.plugin import Storage
from wurao.scheduling.app import build

COUNTY = "330802"
MARKET, FIRE, TOWN, CITY = "330802-market", "330802-fire", "330802001-town", "330800-market"
E1, E2, E3 = "91330802MA28F00011", "91330802MA28F00022", "91330802MA28F00033"
FAR = "91330803MA28F00044"


@dataclass
class World:
    """The running service, and short names for what tests ask of it."""

    harness: Harness
    published: dict[str, str] = field(default_factory=dict)

    @property
    def client(self) -> httpx.AsyncClient:
        """The HTTP client."""
        return self.harness.client

    def who(self, role: Role, agency_id: str | None = MARKET, subject: str | None = None) -> dict[str, str]:
        """Headers of a caller of an agency, or with None of one who watches over the county."""
        return self.harness.headers(role, subject=subject or f"{role}-{agency_id}", agency_id=agency_id, area=COUNTY)

    async def post(self, path: str, body: Any = None, *, by: dict[str, str] | None = None) -> httpx.Response:
        """POST as a planner of the market agency unless another is named."""
        return await self.client.post(path, json=body, headers=by or self.who(Role.PLANNER))

    async def get(self, path: str, *, by: dict[str, str] | None = None) -> Any:
        """The body of a GET that succeeds."""
        answer = await self.client.get(path, headers=by or self.who(Role.PLANNER))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def plan(
        self, items: list[str] | None = None, *, agency_id: str = MARKET, kind: str = "annual", publish: bool = True
    ) -> str:
        """A plan for 2026, approved and published by default; remembered for each agency."""
        by = self.who(Role.PLANNER, agency_id)
        answer = await self.post("/v1/plans", plan_body(agency_id, items, kind=kind), by=by)
        assert answer.status_code == 201, answer.text
        plan_id = str(answer.json()["plan_id"])
        if publish:
            await self.approve_plan(plan_id, agency_id)
            answer = await self.post(f"/v1/plans/{plan_id}/publish", by=by)
            assert answer.status_code == 200, answer.text
        return plan_id

    async def approve_plan(self, plan_id: str, agency_id: str = MARKET) -> None:
        """Take a plan through the approvals that the pack wants, each by whom it behoves."""
        path, head = f"/v1/plans/{plan_id}", self.who(Role.HEAD, agency_id)
        while (step := (await self.get(path, by=head))["awaiting"]) is not None:
            answer = await self.pass_step(plan_id, step, agency_id)
            assert answer.status_code in (200, 201), answer.text

    async def pass_step(self, plan_id: str, step: str, agency_id: str = MARKET, **more: Any) -> httpx.Response:
        """Pass one approval of a plan; the conference's by a resolution of a meeting that is being held."""
        conference, path = self.who(Role.CONFERENCE, None), f"/v1/plans/{plan_id}"
        if step == "conference":
            meeting = await self.meeting()
            minutes = await self.get(f"/v1/meetings/{meeting['meeting_id']}/minutes", by=conference)
            number = f"〔2026〕{meeting['meeting_id'][-4:]}-{len(minutes['resolutions']) + 1}号"
            body = {"number": number, "subject": "plans", "text": "审定计划", "plan_ids": [plan_id]}
            return await self.post(f"/v1/meetings/{meeting['meeting_id']}/resolutions", body | more, by=conference)
        by, deed, body = {
            "unit_leader": (self.who(Role.PLANNER, agency_id, f"leader-{agency_id}"), "steps", {"step": step}),
            "legal_review": (self.who(Role.REVIEWER, agency_id), "steps", {"step": step}),
            "collective_discussion": (
                self.who(Role.HEAD, agency_id, f"chair-{agency_id}"),
                "steps",
                {"step": step, "document": "〔2026〕会3号", "attendees": ["局长"]},
            ),
            "government_approval": (conference, "approve", {"document": "〔2026〕批1号"}),
            "head": (self.who(Role.HEAD, agency_id), "approve", {}),
        }[step]
        return await self.post(f"{path}/{deed}", body | more, by=by)

    async def meeting(self, **changes: Any) -> dict[str, Any]:
        """A meeting of the joint conference that is being held: the one that is, or a new one."""
        by = self.who(Role.CONFERENCE, None)
        for known in (await self.get(f"/v1/meetings?area={COUNTY}", by=by))["items"]:
            if known["state"] == "held" and not changes:
                return dict(known)
        body = {"area": COUNTY, "kind": "extra", "day": "2026-01-05", "reason": "计划亟待审定"}
        answer = await self.post("/v1/meetings", body | changes, by=by)
        assert answer.status_code == 201, answer.text
        conveners = (await self.get(f"/v1/conference?area={COUNTY}", by=by))["conveners"]
        held = {"held_on": (body | changes)["day"], "presided_by": conveners[0], "attendees": [MARKET]}
        answer = await self.post(f"/v1/meetings/{answer.json()['meeting_id']}/hold", held, by=by)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def task(self, *, agency_id: str = MARKET, **changes: Any) -> httpx.Response:
        """POST a planned on-site task on a special-industry item."""
        if "plan_id" not in changes and changes.get("origin", "plan") in ("plan", "draw"):
            if agency_id not in self.published:
                self.published[agency_id] = await self.plan(agency_id=agency_id)
            changes["plan_id"] = self.published[agency_id]
        return await self.post("/v1/tasks", task_body(agency_id, **changes), by=self.who(Role.PLANNER, agency_id))

    async def accepted(self, **changes: Any) -> dict[str, Any]:
        """A task that the gate permits."""
        answer = await self.task(**changes)
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def merge(self, first: str = "2026-03-02", last: str = "2026-03-31", area: str = COUNTY) -> dict[str, Any]:
        """Merge open tasks as the conference; the job's result."""
        by = self.who(Role.CONFERENCE, None, "coordinator")
        answer = await self.post("/v1/merges", {"area": area, "from": first, "to": last}, by=by)
        assert answer.status_code == 202, answer.text
        result: dict[str, Any] = await self.ended(answer.json()["job_id"], by)
        return result

    async def visits(self, **filters: str) -> list[dict[str, Any]]:
        """All visits of the county."""
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        page = await self.get(f"/v1/visits?limit=200&{query}", by=self.who(Role.SUPERVISOR, None))
        items: list[dict[str, Any]] = page["items"]
        return items

    async def approved(self, **changes: Any) -> dict[str, Any]:
        """One approved visit for one task."""
        await self.accepted(**changes)
        await self.merge()
        [visit] = await self.visits(state="proposed")
        answer = await self.post(
            f"/v1/visits/{visit['visit_id']}/approve", by=self.who(Role.HEAD, visit["lead_agency_id"])
        )
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def changed(self, visit: dict[str, Any], verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """An approved visit after a change that the planner proposed and the head approved."""
        path, lead = f"/v1/visits/{visit['visit_id']}", visit["lead_agency_id"]
        asked = await self.post(f"{path}/{verb}", body, by=self.who(Role.PLANNER, lead))
        assert asked.status_code == 202, asked.text
        change = asked.json()["pending_change"]
        answer = await self.post(f"{path}/changes/{change['change_id']}/approve", by=self.who(Role.HEAD, lead))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def draw(self, plan_id: str, items: list[str], secrets: tuple[str, str] = ("a" * 32, "b" * 32)) -> Any:
        """Hold a draw between the market agency and the supervision body; its public proof."""
        by, witness = self.who(Role.PLANNER), self.who(Role.SUPERVISOR, None)
        body = {
            "plan_id": plan_id,
            "item_ids": items,
            "earliest": "2026-03-02",
            "latest": "2026-03-31",
            "commitment": committed(secrets[0]),
        }
        answer = await self.post("/v1/draws", body, by=by)
        assert answer.status_code == 201, answer.text
        path = f"/v1/draws/{answer.json()['draw_id']}"
        for target, sent, caller in (
            ("commitments", {"commitment": committed(secrets[1])}, witness),
            ("reveals", {"secret": secrets[0]}, by),
            ("reveals", {"secret": secrets[1]}, witness),
        ):
            answer = await self.post(f"{path}/{target}", sent, by=caller)
            assert answer.status_code == 200, answer.text
        return await self.held(answer.json())

    async def held(self, draw: Any) -> Any:
        """The public proof of a draw whose last secret was revealed just now, by the supervision body."""
        await self.ended(draw["job_id"], self.who(Role.SUPERVISOR, None))
        proof = (await self.client.get(f"/v1/public/draws/{draw['draw_id']}")).json()
        assert proof["state"] == "held", proof
        return proof

    async def ended(self, job_id: str, by: dict[str, str]) -> Any:
        """The result of a job that ends well."""
        async with self.client.stream("GET", f"/v1/jobs/{job_id}/events", headers=by) as stream:
            async for _ in stream.aiter_lines():
                pass
        job = await self.get(f"/v1/jobs/{job_id}", by=by)
        assert job["state"] == "done", job
        return job["result"]


def committed(secret: str) -> str:
    """The commitment to a secret."""
    return sha256(secret.encode()).hexdigest()


def plan_body(agency_id: str = MARKET, items: list[str] | None = None, **changes: Any) -> dict[str, Any]:
    """A plan for 2026 with every field that any pack asks for."""
    body = {
        "agency_id": agency_id,
        "title": "2026年度检查计划",
        "kind": "annual",
        "period_from": "2026-01-01",
        "period_to": "2026-12-31",
        "item_ids": items or [f"{agency_id}-special", f"{agency_id}-random", f"{agency_id}-either"],
        "basis": "《食品安全法》第一百一十条",
        "content": "食品安全",
        "targets": "全县餐饮企业",
        "frequency": "每年一次",
        "method": "双随机抽查",
        "time": "2026年3月",
    }
    return body | changes


def task_body(agency_id: str = MARKET, **changes: Any) -> dict[str, Any]:
    """A planned on-site task on a special-industry item."""
    body = {
        "agency_id": agency_id,
        "enterprise_id": E1,
        "item_ids": [f"{agency_id}-special"],
        "earliest": "2026-03-02",
        "latest": "2026-03-31",
        "origin": "plan",
        "ground": "special_industry",
        "method": "on_site",
    }
    return body | changes


def agency(agency_id: str, *, level: str = "county", area: str = COUNTY, line: str = "market", **changes: Any) -> Event:
    """A published agency."""
    values = {
        "agency_id": agency_id,
        "name": f"{agency_id}局",
        "kind": "organ",
        "level": level,
        "area": area,
        "line": line,
        "authority": "《食品安全法》第六条",
        "published_on": date(2025, 1, 1),
        "version": 1,
    }
    return AgencyPublished.model_validate(values | changes)


def officer(agency_id: str, number: int, **changes: Any) -> Event:
    """An officer with a certificate until the end of 2027."""
    values = {
        "officer_id": f"{agency_id}-o{number}",
        "name": f"执法员{number}",
        "agency_id": agency_id,
        "area": COUNTY,
        "certificate_no": f"C{number}",
        "valid_from": date(2024, 1, 1),
        "valid_to": date(2027, 12, 31),
        "version": 1,
    }
    return OfficerCertified.model_validate(values | changes)


def item(agency_id: str, kind: str, **changes: Any) -> Event:
    """An item: `special` industry on site, `random` list on site, or `either` way."""
    question = {"text": "是否公示许可证", "kind": "yes_no", "mandatory": True}
    values = {
        "item_id": f"{agency_id}-{kind}",
        "agency_id": agency_id,
        "name": f"{agency_id}-{kind}检查",
        "law": "食品安全法",
        "article": "第一百一十条",
        "method": "either" if kind == "either" else "on_site",
        "random_list": kind != "special",
        "special_industry": kind == "special",
        "key_area": False,
        "minutes": 60,
        "officers": 2,
        "form_id": f"form-{agency_id}-{kind}",
        "form_version": 1,
        "questions": (
            Question(question_id=f"{agency_id}-{kind}-q1", shared_key="licence", **question),
            Question(question_id=f"{agency_id}-{kind}-q2", **question | {"text": f"{kind}专门问题"}),
        ),
        "version": 1,
    }
    return ItemPublished.model_validate(values | changes)


def enterprise(enterprise_id: str, *, area: str = "330802001", **changes: Any) -> Event:
    """A registered restaurant."""
    values = {
        "enterprise_id": enterprise_id,
        "name": f"餐饮{enterprise_id[-2:]}有限公司",
        "kind": "company",
        "industry": "H6210",
        "size": "small",
        "area": area,
        "address": "府山街道1号",
        "premises": (Premises(premises_id=f"{enterprise_id}-p1", name="总店", address="1号", area=area),),
        "version": 1,
    }
    return EnterpriseRegistered.model_validate(values | changes)


def graded(enterprise_id: str, grade: str, permille: int = 1000, version: int = 2) -> Event:
    """An enterprise's grade."""
    return EnterpriseGraded(
        enterprise_id=enterprise_id,
        area="330802001",
        scheme="test",
        grade=grade,
        score=9000,
        sampling_permille=permille,
        clause="YZ-08",
        in_force_from=date(2026, 1, 1),
        version=version,
    )


def activated(name: str, options: dict[str, Any] | None = None) -> Event:
    """A pack in force in the county; with options, which a county sets for itself, a later activation of it."""
    pack = load_pack(name)
    document = pack.to_document()
    for parameter, value in (options or {}).items():
        document["parameters"][parameter]["values"] = [
            {
                **document["parameters"][parameter]["values"][-1],
                "value": value,
                "origin": "operational",
                "clause": "BE-54",
                "cite": "优化营商环境条例 第五十四条",
            }
        ]
    return PackActivated(
        area=COUNTY,
        pack=name,
        digest=f"{pack.digest}{sorted(options.items())}" if options else pack.digest,
        effective_from=date(2025, 6, 2) if options else date(2025, 6, 1),
        document=document,
        approved_by=("a", "b"),
        version=2 if options else 1,
    )


def finished(item_ids: list[str], *, visit_id: str | None = None, agency_id: str = MARKET, **changes: Any) -> Event:
    """An inspection that ended on 1 February 2026."""
    values = {
        "entry_id": "entry-1",
        "visit_id": visit_id,
        "enterprise_id": E1,
        "enterprise_name": "餐饮11有限公司",
        "area": "330802001",
        "agencies": (agency_id,),
        "officers": (OfficerRef(officer_id=f"{agency_id}-o1", agency_id=agency_id),),
        "mode": "scan" if visit_id else "exception",
        "results": tuple(ItemResult(item_id=i, agency_id=agency_id, result="conform") for i in item_ids),
        "findings": (),
        "record_digest": "0" * 64,
        "ledger_seq": 1,
        "started_at": datetime(2026, 2, 1, 1, tzinfo=UTC),
        "finished_at": datetime(2026, 2, 1, 2, tzinfo=UTC),
        "minutes": 60,
        "version": 2,
    }
    return InspectionFinished.model_validate(values | changes)


def county() -> list[Event]:
    """All facts of the small county."""
    found = [
        agency(MARKET),
        agency(FIRE, line="fire"),
        agency(TOWN, level="township", area="330802001", line="city_management"),
        agency(CITY, level="prefecture", area="330800"),
        agency("330803-market", area="330803"),
    ]
    for agency_id in (MARKET, FIRE, TOWN, CITY):
        found += [officer(agency_id, number) for number in (1, 2, 3)]
        found += [item(agency_id, kind) for kind in ("special", "random", "either")]
    found += [enterprise(enterprise_id) for enterprise_id in (E1, E2, E3)]
    found.append(enterprise(FAR, area="330803002"))
    return found


World_ = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
def world(tmp_path: Path) -> World_:
    """`async with world("quzhou") as w`: the county under a pack; SQLite unless a storage is given."""

    @asynccontextmanager
    async def start(pack: str, *events: Event, storage: Storage | None = None) -> AsyncIterator[World]:
        served = storage.url if storage else None
        migrated = storage.migration_url if storage else None
        async with running(build, "scheduling", tmp_path, database_url=served, migration_url=migrated) as harness:
            await harness.deliver(activated(pack), *county(), *events)
            yield World(harness)

    return start


@pytest.fixture
def make() -> Any:
    """The builders of events and bodies in this file, and its ids, for tests in other files."""
    return SimpleNamespace(**{name: value for name, value in globals().items() if not name.startswith("__")})
