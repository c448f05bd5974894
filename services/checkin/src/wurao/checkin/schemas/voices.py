"""Enterprise codes, declines, reports, evaluations and code checks in and out."""

from typing import Annotated

from pydantic import AwareDatetime, Field, StrictBool

from wurao.checkin.domain.declines import Reason
from wurao.checkin.schemas.fields import Body, Identifier, Moment, Out, SomeWords, Token, Words


class CodeOut(Out):
    """An enterprise's code: the text of its QR."""

    enterprise_id: str
    token: str
    serial: int
    issued_at: AwareDatetime


class RevokeIn(Body):
    """Why an enterprise's code is revoked."""

    reason: SomeWords


class DeclineIn(Body):
    """An enterprise refused an inspection."""

    enterprise_id: Identifier
    visit_id: Identifier | None = None
    reason: Reason
    note: Words = ""


class DeclineOut(Out):
    """A refusal as recorded; `no_fault` true: it counts as no fault of the enterprise."""

    decline_id: str
    clause: str
    cite: str
    no_fault: bool
    message: str
    declined_at: AwareDatetime


class UnfiledIn(Body):
    """Somebody entered without approval or filing."""

    enterprise_id: Identifier
    agency_id: Identifier | None = None
    officer_ids: Annotated[list[Identifier], Field(max_length=20, default_factory=list)]
    description: SomeWords
    happened_at: Moment


class UnfiledOut(Out):
    """A report as recorded."""

    report_id: str
    agency_id: str | None
    reported_at: AwareDatetime


class EvaluationIn(Body):
    """An evaluation with the visit's action code; no login."""

    code: Token
    satisfaction: Annotated[int, Field(strict=True, ge=1, le=5)]
    code_shown: StrictBool
    certificates_shown: StrictBool
    disturbed: StrictBool
    fees_asked: StrictBool
    remark: Words = ""


class EvaluationOut(Out):
    """An evaluation was taken."""

    evaluation_id: str
    evaluated_at: AwareDatetime


class FiguresOut(Out):
    """Averages in hundredths and shares in permille of `ratings` evaluations."""

    ratings: int
    satisfaction_hundredths: int
    code_shown_permille: int
    certificates_shown_permille: int
    disturbed_permille: int
    fees_asked_permille: int


class EvaluationsOut(Out):
    """What an agency's evaluations amount to; no figures below three, and they move in steps of three."""

    agency_id: str
    count: int
    figures: FiguresOut | None


class CodeCheckIn(Body):
    """A code that somebody was shown."""

    token: Token


class CodeCheckOut(Out):
    """What a shown code is worth."""

    genuine: bool
    kind: str | None
    state: str
    message: str
    enterprise_name: str | None = None
    agencies: list[str] = Field(default_factory=list)
    officers: int | None = None
    items: list[str] = Field(default_factory=list)
    opens: AwareDatetime | None = None
    closes: AwareDatetime | None = None
