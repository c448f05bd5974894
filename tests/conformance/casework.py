"""Cases over HTTP: opened, noticed, heard, reviewed, discussed, decided, as the tests of penalties play them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from wurao.embedded.demo.client import Answer, Caller, until
from wurao.embedded.demo.county import County

Json = dict[str, Any]


def enterprises(county: County, kind: str = "company") -> list[str]:
    """The sample's enterprises of a kind."""
    return [row["enterprise_id"] for row in county.table("enterprises") if row["kind"] == kind]


@dataclass(frozen=True)
class Case:
    """A case, and those who act in it."""

    county: County
    case_id: str
    agency_id: str
    enterprise_id: str
    officer_ids: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where it lies."""
        return f"/v1/cases/{self.case_id}"

    async def handler(self) -> Caller:
        """The first of its officers."""
        return await self.county.officer(self.officer_ids[0], self.agency_id)

    async def head(self) -> Caller:
        """The head of its agency."""
        return await self.county.head(self.agency_id)

    async def party(self) -> Caller:
        """The enterprise."""
        return await self.county.enterprise(self.enterprise_id)

    async def reviewer(self) -> Caller:
        """A qualified legal reviewer of the agency."""
        marks = {"agency_id": self.agency_id, "legal_reviewer": "true", "legal_qualified": "true"}
        rows = (row for row in self.county.table("officers") if marks.items() <= row.items())
        officer_id = next(row["officer_id"] for row in rows)
        claims = {"officer_id": officer_id, "agency_id": self.agency_id, "area": self.county.area}
        return await self.county.callers.of("reviewer", name=officer_id, **claims)

    async def shown(self) -> Json:
        """The case as its head reads it."""
        return dict(await (await self.head()).get("penalty", self.path))

    async def proposal(self) -> Json:
        """What lists and benchmarks propose."""
        return dict(await (await self.handler()).get("penalty", f"{self.path}/proposal"))

    async def heard(self, fine_fen: int, kinds: tuple[str, ...] = ("fine",)) -> None:
        """Notice served; the party gives up its time to speak and its hearing."""
        body = {"fine_fen": fine_fen, "kinds": kinds, "facts": "现场查明", "reasons": "依法"}
        await (await self.handler()).post("penalty", f"{self.path}/notice", body)
        await (await self.party()).post("penalty", f"{self.path}/statements/waive")

    async def weighed(self) -> None:
        """Legal review passed, and the leaders' discussion recorded."""
        await (await self.reviewer()).post("penalty", f"{self.path}/review", {"passed": True, "opinion": "审核通过"})
        body = {"participants": ["leader-1", "leader-2"], "conclusion": "同意"}
        await (await self.head()).post("penalty", f"{self.path}/discussion", body)

    async def decide(
        self, outcome: str, fine_fen: int = 0, *, by: Caller | None = None, procedure: str = "ordinary", **more: Any
    ) -> Answer:
        """What a decision answers; by the head unless told otherwise."""
        body = {
            "procedure": procedure,
            "outcome": outcome,
            "fine_fen": fine_fen,
            "kinds": ["fine"] if fine_fen else [],
            "reason": "事实清楚，证据充分",
        }
        return await (by or await self.head()).send("POST", "penalty", f"{self.path}/decision", json=body | more)

    async def on_the_spot(self, outcome: str, fine_fen: int = 0, **more: Any) -> Answer:
        """What a decision on the spot answers the officer who told the party before."""
        return await self.decide(outcome, fine_fen, by=await self.handler(), procedure="summary", told=True, **more)

    async def balance(self, on: str) -> Json:
        """What is owed at the end of a day."""
        return dict(await (await self.party()).get("penalty", f"{self.path}/balance", params={"on": on}))


async def opened(
    county: County, enterprise_id: str, violation: str, *circumstances: str, today: date, **more: Any
) -> Case:
    """A case of the market regulator for an act of today, once penalty knows enterprise and officers."""
    agency_id = county.agency("market")
    officer_ids = [row["officer_id"] for row in county.officers_of(agency_id)[:2]]
    handler = await county.officer(officer_ids[0], agency_id)
    body = {
        "enterprise_id": enterprise_id,
        "agency_id": agency_id,
        "violation": violation,
        "act_on": today.isoformat(),
        "circumstances": list(circumstances),
        "officer_ids": officer_ids,
    }

    async def known() -> Answer | None:
        answer = await handler.send("POST", "penalty", "/v1/cases", json=body | more)
        return None if answer.status == 404 else answer

    answer = await until("the enterprise is known to penalty", known)
    assert answer.status == 201, answer.body
    return Case(county, answer.body["case_id"], agency_id, enterprise_id, tuple(officer_ids))
