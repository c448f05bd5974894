"""A small world around a running check-in: two agencies, officers, two enterprises, and scheduling's signing key."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from wurao.checkin.app import build
from wurao.common.auth import Role
from wurao.common.codes import ActionClaims, KeyRing, items_digest
from wurao.common.contracts.registry import (
    AgencyPublished,
    EnterpriseRegistered,
    ItemPublished,
    OfficerCertified,
    PackActivated,
)
from wurao.common.contracts.scheduling import ActionKeyPublished, EmergencyFiled, VisitApproved
from wurao.common.contracts.shared import OfficerRef, Question, VisitItem, Window
from wurao.common.ids import new_id
from wurao.common.packs import load_pack
from wurao.common.testing import Harness, running

AREA = "330802"
MARKET, FIRE = "330802-market", "330802-fire"
SHOP, STALL = "91330802MA00000001", "92330802MA00000002"
FORM = (
    Question(question_id="q1", text="是否公示许可证", kind="yes_no", mandatory=True, item_ids=("M-1",)),
    Question(question_id="q2", text="从业人数", kind="number", mandatory=False, item_ids=("M-1",)),
    Question(question_id="q3", text="安全出口状况", kind="text", mandatory=True, item_ids=("F-1",)),
)


@dataclass
class World:
    """Check-in among what registry and scheduling told it."""

    harness: Harness
    ring: KeyRing
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def client(self) -> httpx.AsyncClient:
        return self.harness.client

    @property
    def now(self) -> datetime:
        return self.harness.clock.now()

    def next_version(self, key: str) -> int:
        self.versions[key] = self.versions.get(key, 0) + 1
        return self.versions[key]

    def officer(self, officer_id: str) -> dict[str, str]:
        agency = FIRE if officer_id.startswith("f") else MARKET
        return self.harness.headers(
            Role.OFFICER, subject=officer_id, officer_id=officer_id, agency_id=agency, area=AREA
        )

    def enterprise(self, enterprise_id: str = SHOP) -> dict[str, str]:
        return self.harness.headers(Role.ENTERPRISE, subject=enterprise_id, enterprise_id=enterprise_id)

    def supervisor(self, area: str = AREA) -> dict[str, str]:
        return self.harness.headers(Role.SUPERVISOR, area=area, agency_id="330802-justice")

    async def seed(self, pack: str | None = None) -> None:
        """Two agencies with two officers each, a company and a stall, two items, the action key, perhaps a pack."""
        for agency_id, name, line in ((MARKET, "柯城区市场监督管理局", "market"), (FIRE, "柯城区消防救援大队", "fire")):
            await self.harness.deliver(agency(agency_id, name, line))
        for officer_id in ("m1", "m2", "m3", "f1"):
            await self.certify(officer_id)
        for enterprise_id, name, kind in ((SHOP, "甲食品有限公司", "company"), (STALL, "乙小吃店", "individual")):
            await self.harness.deliver(enterprise(enterprise_id, name, kind))
        await self.harness.deliver(item("M-1", MARKET, FORM[:2]), item("F-1", FIRE, FORM[2:]))
        [key] = self.ring.public()
        await self.harness.deliver(ActionKeyPublished(kid=key["kid"], jwk=key, published_at=self.now, version=1))
        if pack:
            await self.activate(pack)

    async def activate(self, name: str) -> None:
        pack = load_pack(name)
        await self.harness.deliver(
            PackActivated(
                area=AREA,
                pack=name,
                digest=pack.digest,
                effective_from=date(2025, 6, 1),
                document=pack.to_document(),
                approved_by=("甲", "乙"),
                version=self.next_version("pack"),
            )
        )

    async def certify(self, officer_id: str, **changes: Any) -> None:
        event = OfficerCertified(
            officer_id=officer_id,
            name=f"执法员{officer_id}",
            agency_id=FIRE if officer_id.startswith("f") else MARKET,
            area=AREA,
            certificate_no=f"浙-{officer_id}",
            valid_from=date(2024, 1, 1),
            valid_to=date(2028, 12, 31),
            version=self.next_version(officer_id),
        )
        await self.harness.deliver(event.model_copy(update=changes))

    async def approve(self, **changes: Any) -> tuple[VisitApproved, str]:
        """An approved visit of both agencies at the shop with its code, open now; the token is what officers show."""
        visit_id = new_id()
        event = VisitApproved(
            visit_id=visit_id,
            enterprise_id=SHOP,
            enterprise_name="甲食品有限公司",
            area=AREA,
            lead_agency_id=MARKET,
            agencies=(MARKET, FIRE),
            officers=tuple(
                OfficerRef(officer_id=o, agency_id=FIRE if o == "f1" else MARKET) for o in ("m1", "m2", "f1")
            ),
            items=(
                VisitItem(item_id="M-1", agency_id=MARKET, name="食品经营检查"),
                VisitItem(item_id="F-1", agency_id=FIRE, name="消防安全检查"),
            ),
            questions=FORM,
            kind="random",
            window=Window(opens=self.now - timedelta(hours=1), closes=self.now + timedelta(hours=8)),
            code_id=new_id(),
            code="",
            approved_by="head",
            approved_at=self.now,
            version=1,
        ).model_copy(update=changes)
        token = self.action_token(event)
        event = event.model_copy(update={"code": token})
        await self.harness.deliver(event)
        return event, token

    def action_token(self, event: VisitApproved, ring: KeyRing | None = None) -> str:
        claims = ActionClaims(
            jti=event.code_id,
            visit_id=event.visit_id,
            enterprise_id=event.enterprise_id,
            agencies=event.agencies,
            officers=tuple(officer.officer_id for officer in event.officers),
            items_digest=items_digest([item.item_id for item in event.items]),
            nbf=int(event.window.opens.timestamp()),
            exp=int(event.window.closes.timestamp()),
            iat=int(self.now.timestamp()),
        )
        return claims.to_token(ring or self.ring)

    async def enterprise_code(self, enterprise_id: str = SHOP) -> str:
        answer = await self.client.get(f"/v1/enterprises/{enterprise_id}/code", headers=self.enterprise(enterprise_id))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    async def knock(
        self, action_code: str | None, officers: tuple[str, ...] = ("m1", "m2"), **body: Any
    ) -> httpx.Response:
        """Scan at the shop's door by the first officer."""
        code = body.pop("enterprise_code", "")
        code = await self.enterprise_code() if code == "" else code
        body = {"enterprise_code": code, "action_code": action_code, "officer_ids": list(officers)} | body
        return await self.client.post("/v1/entries", json=body, headers=self.officer(officers[0]))

    async def enter(self) -> dict[str, Any]:
        """An entry under a fresh visit."""
        _, token = await self.approve()
        answer = await self.knock(token)
        assert answer.status_code == 201, answer.text
        return dict(answer.json()) | {"token": token}

    async def except_(self, *officers: str, **body: Any) -> httpx.Response:
        """An exceptional entry at the shop for the market item."""
        asked = {
            "enterprise_id": SHOP,
            "officer_ids": list(officers) or ["m1", "m2"],
            "ground": "emergency",
            "source_record": "接警记录 20260105-3",
            "item_ids": ["M-1"],
        } | body
        headers = self.officer(asked["officer_ids"][0])
        return await self.client.post("/v1/entries/exception", json=asked, headers=headers)

    async def put_record(self, entry_id: str, **changes: Any) -> httpx.Response:
        return await self.client.put(
            f"/v1/entries/{entry_id}/record", json=record() | changes, headers=self.officer("m1")
        )

    async def sign(self, entry_id: str, *officers: str) -> None:
        for officer_id in officers or ("m1", "m2"):
            answer = await self.client.post(f"/v1/entries/{entry_id}/signatures", headers=self.officer(officer_id))
            assert answer.status_code == 201, answer.text

    async def finish(self, entry_id: str, **changes: Any) -> dict[str, Any]:
        """Record, two signatures, end."""
        answer = await self.put_record(entry_id, **changes)
        assert answer.status_code == 200, answer.text
        await self.sign(entry_id)
        answer = await self.client.post(f"/v1/entries/{entry_id}/finish", headers=self.officer("m1"))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def filed(self, **changes: Any) -> EmergencyFiled:
        event = EmergencyFiled(
            filing_id=new_id(),
            enterprise_id=SHOP,
            agency_id=MARKET,
            area=AREA,
            ground="emergency",
            source_record="接警记录 20260105-3",
            officers=(OfficerRef(officer_id="m1", agency_id=MARKET),),
            item_ids=("M-1",),
            began_at=self.now,
            filed_at=self.now,
            after_the_fact=False,
            late=False,
            clause="CX-06",
            version=1,
        ).model_copy(update=changes)
        await self.harness.deliver(event)
        return event


def agency(agency_id: str, name: str, line: str, version: int = 1) -> AgencyPublished:
    return AgencyPublished(
        agency_id=agency_id,
        name=name,
        kind="organ",
        level="county",
        area=AREA,
        line=line,
        authority="法定",
        published_on=date(2025, 1, 1),
        version=version,
    )


def enterprise(enterprise_id: str, name: str, kind: Any) -> EnterpriseRegistered:
    return EnterpriseRegistered(
        enterprise_id=enterprise_id,
        name=name,
        kind=kind,
        industry="C1391",
        size="small",
        area="330802001",
        address="某路1号",
        version=1,
    )


def item(item_id: str, agency_id: str, questions: tuple[Question, ...]) -> ItemPublished:
    return ItemPublished(
        item_id=item_id,
        agency_id=agency_id,
        name="检查",
        law="食品安全法",
        article="第六条",
        method="on_site",
        random_list=True,
        special_industry=False,
        key_area=False,
        minutes=60,
        officers=2,
        questions=questions,
        version=1,
    )


def record() -> dict[str, Any]:
    """A record that follows the form."""
    return {
        "answers": [
            {"question_id": "q1", "value": True},
            {"question_id": "q2", "value": 12},
            {"question_id": "q3", "value": "畅通"},
        ],
        "results": [{"item_id": "M-1", "result": "violation"}, {"item_id": "F-1", "result": "conform"}],
        "findings": [
            {
                "item_id": "M-1",
                "violation": "food.label_defect",
                "description": "标签缺生产日期",
                "circumstances": ["minor"],
            }
        ],
        "present": "王店长",
    }


MakeWorld = Callable[..., Awaitable[World]]


@pytest.fixture
async def make_world(tmp_path: Path) -> AsyncIterator[MakeWorld]:
    """Starts check-in, seeded, under a pack."""
    async with AsyncExitStack() as stack:

        async def make(pack: str | None = None, **options: Any) -> World:
            harness = await stack.enter_async_context(running(build, "checkin", tmp_path, **options))
            world = World(harness, KeyRing.generate(harness.clock.now() - timedelta(days=1)))
            await world.seed(pack)
            return world

        yield make


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    """Check-in under the national pack."""
    return await make_world()
