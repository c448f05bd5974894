"""Draws in and out."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from wurao.scheduling.schemas.shared import Body, Day, Digest, Identifier, Line, Out, Reason, Windowed, WithReason

Secret = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{16,128}$")]
OneLine = Annotated[
    str, StringConstraints(min_length=2, max_length=500, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$")
]


class OutsideIn(Body):
    """Randomness from outside: its source, such as a lottery's result, and the day on which it will be known."""

    source: Line
    on: Day


class DrawIn(Windowed):
    """A draw to freeze; `commitment` is the SHA-256 (hex) of the agency's secret.

    A draw that repeats another names it and says why. `max_visits` bounds the visits of each officer; by default
    what fits into the working days of the window.
    """

    plan_id: Identifier
    item_ids: Annotated[list[Identifier], Field(min_length=1, max_length=500)]
    commitment: Digest
    outside: OutsideIn | None = None
    repeats: Identifier | None = None
    repeat_reason: Reason | None = None
    max_visits: Annotated[int, Field(ge=1, le=100_000)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.repeats is None) != (self.repeat_reason is None):
            raise ValueError("重新抽取应同时写明原抽取和理由")
        return self


class CommitmentIn(Body):
    """SHA-256 (hex) of the party's secret."""

    commitment: Digest


class SecretIn(Body):
    """The secret behind a party's commitment; the supervision body adds the outside value where one was announced."""

    secret: Secret
    outside_value: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")] | None = None


class SubstitutionIn(WithReason):
    """A drawn enterprise that cannot be inspected, and why."""

    enterprise_id: Identifier
    reason: OneLine


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
    """A drawn enterprise: rank, ticket, officers by agency, agencies that can send nobody, tasks or refusals."""

    enterprise_id: str
    stratum: str
    rank: int
    ticket: str
    officers: dict[str, list[str]]
    unsent: list[dict[str, Any]]
    tasks: list[str]
    refused: list[str]
    replaces: str | None
    reason: str | None
    replaced_by: str | None


class DrawOut(Out):
    """A draw as it stands. `digests` are the SHA-256 (hex) of its files, which are public from the freeze on."""

    draw_id: str
    plan_id: str
    agency_id: str
    agencies: list[str]
    area: str
    item_ids: list[str]
    earliest: date
    latest: date
    state: Literal["frozen", "drawing", "held", "void"]
    digests: dict[str, str]
    pool_digest: str
    pool_size: int
    officers_size: int
    officers_per_visit: int
    strata: list[StratumOut]
    outside_source: str | None
    outside_on: date | None
    outside_value: str | None
    seed: str | None
    repeats: str | None
    repeat_reason: str | None
    frozen_at: AwareDatetime
    job_id: str | None
    ended_at: AwareDatetime | None
    void_reason: str | None
    version: int


class DrawProofOut(DrawOut):
    """A draw with all that is needed to replay it, beside its files."""

    parties: list[PartyOut]
    tickets: list[TicketOut]
