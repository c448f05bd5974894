"""Payments, deferrals, disputes, measures and calculations in and out."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StrictBool, StrictInt, StringConstraints, model_validator

from wurao.penalty.schemas.parts import NO_NUL, Body, Day, Fen, Out, PositiveFen, Remark, Words

LONGEST_PAUSE = 3660
Article = Annotated[str, StringConstraints(min_length=2, max_length=100, pattern=NO_NUL, strip_whitespace=True)]
Reason = Annotated[str, StringConstraints(max_length=100, pattern=NO_NUL, strip_whitespace=True)]


class PaymentIn(Body):
    """Money that reached the treasury. Channels: treasury, treasury_bank, e_payment."""

    fen: PositiveFen
    paid_on: Day
    channel: Annotated[str, StringConstraints(pattern=r"^[a-z_]{2,40}$")]


class BalanceOut(Out):
    """What is owed at the end of a day, in fen."""

    on: date
    fine_fen: int
    paid_fen: int
    outstanding_fen: int
    surcharge_fen: int
    surcharge_paid_fen: int
    surcharge_days: int
    capped: bool
    owed_fen: int
    pay_by: date | None
    parts: list["PartOut"]
    settled: bool
    steps: list[str]


class PartOut(Out):
    """An instalment and its due day."""

    due: date
    fen: int


class PaymentOut(Out):
    """A payment as booked: principal first, then surcharge."""

    payment_id: str
    principal_fen: int
    surcharge_fen: int
    settled: bool
    balance: BalanceOut


class PartIn(Body):
    """An instalment."""

    due: Day
    fen: PositiveFen


class DeferralIn(Body):
    """A deferral of the whole, or instalments that add up to it (YZ-16)."""

    reason: Words
    until: Day | None = None
    instalments: Annotated[list[PartIn], Field(min_length=2, max_length=60)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.until is None) == (self.instalments is None):
            raise ValueError("until 与 instalments 须给出且只给出一项")
        return self


class DeferralOut(Out):
    """An approved plan."""

    deferral_id: str
    granted_on: date
    parts: list[PartOut]
    reason: str


class DisputeIn(Body):
    """A review or suit over the decision; its first and last days are included."""

    kind: Literal["review", "suit"]
    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day | None, Field(alias="to")] = None


class DisputeEnd(Body):
    """The last day of a dispute."""

    last: Annotated[Day, Field(alias="to")]


class DisputeOut(Out):
    """A dispute."""

    dispute_id: str
    kind: str
    first: Annotated[date, Field(serialization_alias="from")]
    last: Annotated[date | None, Field(serialization_alias="to")]


class MeasureIn(Body):
    """A seal or seizure. An empty `softer_means_fail` is refused by rule (YZ-17)."""

    kind: Literal["seal", "seize"]
    reason: Words
    softer_means_fail: Remark = ""
    value_fen: Fen | None = None


class LiftIn(Body):
    """Why a measure ends."""

    reason: Words


class MeasureOut(Out):
    """A measure."""

    measure_id: str
    case_id: str
    kind: str
    reason: str
    value_fen: int | None
    imposed_at: AwareDatetime
    due: date
    lifted_at: AwareDatetime | None
    lift_reason: str | None
    version: int


class PauseIn(Body):
    """Days that do not count, first and last included."""

    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day, Field(alias="to")]
    reason: Reason = "依法暂停"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not 0 <= (self.last - self.first).days < LONGEST_PAUSE:
            raise ValueError(f"to 不早于 from，且一次不超过{LONGEST_PAUSE}天")
        return self


Pauses = Annotated[list[PauseIn], Field(max_length=20)]


class DeadlineIn(Body):
    """A period of days from a start. The article decides which numbers of days are working days (PL-85)."""

    start: Day
    days: Annotated[StrictInt, Field(ge=1, le=3660)]
    article: Article
    pauses: Pauses = Field(default_factory=list)
    roll_to_workday: StrictBool = False


class DeadlineOut(Out):
    """A due day that explains itself."""

    due: date
    at: AwareDatetime
    unit: Literal["working", "calendar"]
    steps: list[str]


class SurchargeIn(Body):
    """A fine paid late. Pauses: review or suit. `deferred_to` replaces the due day."""

    fine_fen: Fen
    due_on: Day
    paid_on: Day
    pauses: Pauses = Field(default_factory=list)
    deferred_to: Day | None = None


class SurchargeOut(Out):
    """The surcharge in fen, the late days that counted, and the calculation."""

    surcharge_fen: int
    days: int
    capped: bool
    steps: list[str]
