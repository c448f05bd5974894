"""A running penalty service with a county's people in it, and short verbs for its callers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from wurao.common.auth import Role
from wurao.common.clock import ManualClock
from wurao.common.contracts.checkin import InspectionFinished
from wurao.common.contracts.registry import AgencyPublished, EnterpriseRegistered, OfficerCertified, PackActivated
from wurao.common.contracts.shared import Finding, ItemResult, OfficerRef
from wurao.common.packs import load_pack
from wurao.common.testing import Harness, running
from wurao.penalty.app import build

AREA = "330802"
AGENCY, OTHER = "330802-market", "330802-fire"
FIRM, SHOP = "91330800MA00000001", "92330800MA00000002"
DAY = timedelta(days=1)

Answer = dict[str, Any]


@dataclass
class Desk:
    """Verbs over HTTP; each answers the response."""

    harness: Harness

    def headers(self, *roles: Role, **claims: str | None) -> dict[str, str]:
        """A login."""
        return self.harness.headers(*roles, **{"area": AREA, **claims})

    def officer(self, officer_id: str = "o1", agency_id: str = AGENCY) -> dict[str, str]:
        """An officer's login."""
        return self.headers(Role.OFFICER, agency_id=agency_id, officer_id=officer_id)

    def head(self, agency_id: str = AGENCY) -> dict[str, str]:
        """The login of an agency's head, who handles no case."""
        return self.headers(Role.HEAD, agency_id=agency_id, officer_id=f"{agency_id}-head")

    def reviewer(self, officer_id: str = "r1") -> dict[str, str]:
        """A legal reviewer's login."""
        return self.headers(Role.REVIEWER, agency_id=AGENCY, officer_id=officer_id)

    def party(self, enterprise_id: str = FIRM) -> dict[str, str]:
        """The enterprise's login."""
        return self.headers(Role.ENTERPRISE, enterprise_id=enterprise_id)

    def treasury(self) -> dict[str, str]:
        """The treasury's login."""
        return self.headers(Role.TREASURY)

    async def post(self, path: str, headers: dict[str, str], body: object = None) -> httpx.Response:
        """A POST."""
        return await self.harness.client.post(f"/v1/{path}", headers=headers, json=body)

    async def get(self, path: str, headers: dict[str, str]) -> Answer:
        """What a GET answers; it must succeed."""
        answer = await self.harness.client.get(f"/v1/{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def case(self, violation: str, *circumstances: str, **more: Any) -> str:
        """The id of a new case against FIRM, for an act of today."""
        agency = more.get("agency_id", AGENCY)
        officers = ["o1", "o2"] if agency == AGENCY else ["f1", "f2"]
        body = {
            "enterprise_id": FIRM,
            "agency_id": agency,
            "violation": violation,
            "act_on": self.harness.clock.today().isoformat(),
            "circumstances": list(circumstances),
            "officer_ids": officers,
        }
        answer = await self.post("cases", self.officer(officers[0], agency), body | more)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["case_id"])

    async def notice(self, case_id: str, fine_fen: int, kinds: list[str] | None = None, **more: Any) -> httpx.Response:
        """A notice."""
        body = {
            "fine_fen": fine_fen,
            "kinds": ["fine"] if kinds is None else kinds,
            "facts": "现场查明",
            "reasons": "依法",
        }
        return await self.post(f"cases/{case_id}/notice", self.officer(), body | more)

    async def waive(self, case_id: str) -> httpx.Response:
        """The party's waiver."""
        return await self.post(f"cases/{case_id}/statements/waive", self.party())

    async def heard(self, case_id: str, fine_fen: int, kinds: list[str] | None = None) -> None:
        """Notice served and statements waived."""
        for answer in (await self.notice(case_id, fine_fen, kinds), await self.waive(case_id)):
            assert answer.status_code == 200, answer.text

    async def review(self, case_id: str, *, passed: bool = True, reviewer: str = "r1") -> httpx.Response:
        """A legal review."""
        return await self.post(
            f"cases/{case_id}/review", self.reviewer(reviewer), {"passed": passed, "opinion": "审核意见"}
        )

    async def discuss(self, case_id: str) -> httpx.Response:
        """A collective discussion."""
        body = {"participants": ["h1", "h2"], "conclusion": "同意"}
        return await self.post(f"cases/{case_id}/discussion", self.head(), body)

    async def decide(
        self, case_id: str, outcome: str, fine_fen: int = 0, *, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """An ordinary decision by the head, unless told otherwise."""
        body = {
            "procedure": "ordinary",
            "outcome": outcome,
            "fine_fen": fine_fen,
            "kinds": ["fine"] if fine_fen else [],
            "reason": "事实清楚，证据充分",
        }
        return await self.post(f"cases/{case_id}/decision", headers or self.head(), body | more)

    async def fined(self, fine_fen: int = 600_000) -> str:
        """The id of a case that was decided today with a fine, lighter, for a blocked exit."""
        case_id = await self.case("fire.exit_blocked", "harm_removed")
        await self.heard(case_id, fine_fen)
        answer = await self.decide(case_id, "lighter", fine_fen)
        assert answer.status_code == 200, answer.text
        return case_id

    async def pay(self, case_id: str, fen: int, channel: str = "treasury_bank", **more: Any) -> httpx.Response:
        """A payment of today."""
        body = {"fen": fen, "paid_on": self.harness.clock.today().isoformat(), "channel": channel}
        return await self.post(f"cases/{case_id}/payments", self.treasury(), body | more)

    async def activate(self, name: str, since: date) -> None:
        """Let a pack take effect in the area."""
        pack = load_pack(name)
        await self.harness.deliver(
            PackActivated(
                area=AREA,
                pack=name,
                digest=pack.digest,
                effective_from=since,
                document=pack.to_document(),
                approved_by=("a", "b"),
                version=1,
            )
        )

    async def finish_visit(self, *findings: Finding, entry_id: str = "e1") -> None:
        """A visit of today that ended with findings."""
        now = self.harness.clock.now()
        agencies = tuple(dict.fromkeys(finding.agency_id for finding in findings))
        await self.harness.deliver(
            InspectionFinished(
                entry_id=entry_id,
                visit_id=f"v-{entry_id}",
                enterprise_id=FIRM,
                enterprise_name="衢州甲食品有限公司",
                area=f"{AREA}001",
                agencies=agencies,
                officers=(
                    OfficerRef(officer_id="o1", agency_id=AGENCY),
                    OfficerRef(officer_id="o2", agency_id=AGENCY),
                    OfficerRef(officer_id="f1", agency_id=OTHER),
                ),
                results=tuple(
                    ItemResult(item_id=f.item_id, agency_id=f.agency_id, result="violation") for f in findings
                ),
                findings=findings,
                record_digest="sha256:abc",
                ledger_seq=1,
                started_at=now,
                finished_at=now,
                minutes=30,
                version=1,
            )
        )

    def advance(self, days: int) -> None:
        """Let days go by."""
        self.harness.clock.advance(days * DAY)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A service under the national law, on Monday 5 January 2026."""
    async with open_desk(tmp_path) as found:
        yield found


@pytest.fixture
async def desk_in(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Desk]]]:
    """Makes a service under a named pack, perhaps at another instant."""
    async with AsyncExitStack() as stack:

        async def make(pack: str | None = None, now: datetime | None = None) -> Desk:
            return await stack.enter_async_context(open_desk(tmp_path, pack=pack, now=now))

        yield make


@asynccontextmanager
async def open_desk(folder: Path, *, pack: str | None = None, now: datetime | None = None) -> AsyncIterator[Desk]:
    """A service with two agencies, their officers, two enterprises, and perhaps a pack in force since 2021."""
    clock = ManualClock(now) if now else ManualClock(datetime(2026, 1, 5, 1, 0, tzinfo=UTC))
    async with running(build, "penalty", folder, clock=clock) as harness:
        found = Desk(harness)
        await harness.deliver(*_people(), *_enterprises())
        if pack:
            await found.activate(pack, date(2021, 7, 15))
        yield found


def _people() -> list[AgencyPublished | OfficerCertified]:
    names = {AGENCY: "柯城区市场监督管理局", OTHER: "柯城区消防救援大队"}
    agencies: list[AgencyPublished | OfficerCertified] = [
        AgencyPublished(
            agency_id=agency_id,
            name=name,
            kind="organ",
            level="county",
            area=AREA,
            line="market",
            authority="法律",
            published_on=date(2021, 1, 1),
            version=1,
        )
        for agency_id, name in names.items()
    ]
    staff = {"o1": AGENCY, "o2": AGENCY, "expired": AGENCY, "r1": AGENCY, "r2": AGENCY, "f1": OTHER, "f2": OTHER}
    return [*agencies, *(_officer(officer_id, agency_id) for officer_id, agency_id in staff.items())]


def _officer(officer_id: str, agency_id: str) -> OfficerCertified:
    return OfficerCertified(
        officer_id=officer_id,
        name=f"执法员{officer_id}",
        agency_id=agency_id,
        area=AREA,
        certificate_no=f"33-{officer_id}",
        valid_from=date(2020, 1, 1),
        valid_to=date(2025, 12, 31) if officer_id == "expired" else date(2029, 12, 31),
        legal_reviewer=officer_id.startswith("r"),
        legal_qualified=officer_id == "r1",
        version=1,
    )


def _enterprises() -> list[EnterpriseRegistered]:
    return [
        EnterpriseRegistered(
            enterprise_id=FIRM,
            name="衢州甲食品有限公司",
            kind="company",
            industry="C1411",
            size="small",
            area=f"{AREA}001",
            address="衢州市柯城区甲路1号",
            version=1,
        ),
        EnterpriseRegistered(
            enterprise_id=SHOP,
            name="柯城区乙小吃店",
            kind="individual",
            industry="H6291",
            size="micro",
            area=f"{AREA}002",
            address="衢州市柯城区乙路2号",
            version=1,
        ),
    ]
