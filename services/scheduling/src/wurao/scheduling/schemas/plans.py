"""Plans and draws in and out."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from wurao.scheduling.schemas.shared import Body, Day, Digest, Identifier, Line, Out, Text

Secret = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{16,128}$")]
ItemIds = Annotated[list[Identifier], Field(min_length=1, max_length=500)]


class PlanIn(Body):
    """A plan to enter. The last six are what the pack may demand (LX-02, CX-05)."""

    agency_id: Identifier
    title: Line
    kind: Literal["annual", "quarterly", "joint"]
    period_from: Day
    period_to: Day
    item_ids: ItemIds
    basis: Text | None = None
    content: Text | None = None
    targets: Text | None = None
    frequency: Text | None = None
    method: Text | None = None
    time: Text | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.period_to < self.period_from:
            raise ValueError("period_to is before period_from")
        return self

    def contents(self) -> dict[str, str | None]:
        """What the plan says."""
        return self.model_dump(include={"basis", "content", "targets", "frequency", "method", "time"})


class Approval(Body):
    """The conference names its resolution."""

    resolution: Line | None = None


class PlanOut(Out):
    """A plan. `filing_due` and `late` are known once it is filed."""

    plan_id: str
    agency_id: str
    area: str
    title: str
    kind: str
    period_from: date
    period_to: date
    item_ids: list[str]
    contents: dict[str, str | None]
    state: Literal["draft", "approved", "published"]
    created_by: str
    approved_by: str | None
    approved_at: AwareDatetime | None
    resolution: str | None
    office: str | None
    filed_at: AwareDatetime | None
    filing_due: date | None
    late: bool
    published_at: AwareDatetime | None
    version: int


class PlanPublicOut(Out):
    """A published plan as anyone may read it."""

    plan_id: str
    agency_id: str
    area: str
    title: str
    kind: str
    period_from: date
    period_to: date
    item_ids: list[str]
    contents: dict[str, str | None]
    office: str | None
    filed_at: AwareDatetime | None
    late: bool
    published_at: AwareDatetime | None


class DrawIn(Body):
    """A draw to freeze; `commitment` is the SHA-256 (hex) of the agency's secret."""

    plan_id: Identifier
    item_ids: ItemIds
    earliest: Day
    latest: Day
    commitment: Digest

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.latest < self.earliest:
            raise ValueError("latest is before earliest")
        return self


class CommitmentIn(Body):
    """SHA-256 (hex) of the party's secret."""

    commitment: Digest


class SecretIn(Body):
    """The secret behind a party's commitment."""

    secret: Secret


class StratumOut(Out):
    """`quota` of the `size` enterprises of a stratum are drawn."""

    stratum: str
    permille: int
    size: int
    quota: int


class PartyOut(Out):
    """A party's commitment, and its secret once revealed."""

    party: str
    role: str
    commitment: str
    committed_at: AwareDatetime
    secret: str | None
    revealed_at: AwareDatetime | None


class TicketOut(Out):
    """A drawn enterprise, its winning ticket, and the tasks or refusals that came of it."""

    enterprise_id: str
    stratum: str
    ticket: str
    tasks: list[str]
    refused: list[str]


class DrawOut(Out):
    """A draw as it stands."""

    draw_id: str
    plan_id: str
    agency_id: str
    area: str
    item_ids: list[str]
    earliest: date
    latest: date
    state: Literal["frozen", "held", "void"]
    pool_digest: str
    pool_size: int
    strata: list[StratumOut]
    seed: str | None
    frozen_at: AwareDatetime
    ended_at: AwareDatetime | None
    void_reason: str | None
    version: int


class DrawProofOut(DrawOut):
    """A draw with all that is needed to replay it, beside the pool itself."""

    parties: list[PartyOut]
    tickets: list[TicketOut]
