"""Record training, examinations and posts of officers; the conditions of a certificate follow from them (DT-02)."""

from datetime import date, datetime

from sqlalchemy.orm.attributes import flag_modified

from wurao.common.clock import legal_date
from wurao.common.db import WriteSession
from wurao.common.errors import Conflict, Malformed, Refused
from wurao.common.ids import new_id
from wurao.registry.domain import legal_reviewers
from wurao.registry.domain.policy import refusal
from wurao.registry.repository import officer_records as repository
from wurao.registry.schemas.officers import Appointment, ExaminationIn, PostEnd, PostIn, TrainingIn
from wurao.registry.tables import Officer, OfficerExamination, OfficerPost, OfficerTraining
from wurao.registry.usecases import officers
from wurao.registry.usecases.officer_law import OfficerLaw


async def train(session: WriteSession, officer: Officer, body: TrainingIn, by: str, now: datetime) -> OfficerTraining:
    """Record a course; one that was passed makes the officer a trained one."""
    _require_past(body.finished_on, now)
    row = OfficerTraining(
        training_id=new_id(), officer_id=officer.officer_id, **body.model_dump(), recorded_by=by, recorded_at=now
    )
    session.add(row)
    officer.trained = officer.trained or body.passed
    await session.flush()
    return row


async def examine(
    session: WriteSession, officer: Officer, body: ExaminationIn, by: str, now: datetime
) -> OfficerExamination:
    """Record an examination; the latest one counts, and failing it suspends the certificate (DT-02)."""
    _require_past(body.sat_on, now)
    row = OfficerExamination(
        examination_id=new_id(), officer_id=officer.officer_id, **body.model_dump(), recorded_by=by, recorded_at=now
    )
    session.add(row)
    await session.flush()
    latest = (await repository.examinations(session, officer.officer_id))[0]
    officer.examined = latest.passed
    # Even unchanged it is written, so that of two examinations recorded at once the later entry looks at both.
    flag_modified(officer, "examined")
    await officers.suspend_unfit(session, officer, OfficerLaw(session, legal_date(now)), by, now)
    await session.flush()
    return row


async def take_post(session: WriteSession, officer: Officer, body: PostIn, by: str, now: datetime) -> OfficerPost:
    """Put a person into an enforcement post, out of the one held before. Raises Refused for auxiliaries (QZ-02)."""
    _require_past(body.began_on, now)
    law = OfficerLaw(session, legal_date(now))
    if officer.kind != "officer":
        duty = (await law.bases(officer.area)).qualified_staff
        message = "执法辅助人员、网格员、临时人员不得担任执法岗位"
        raise Refused([refusal("officer.auxiliary", duty, message, "由在编执法人员担任执法岗位")])
    await _close(session, officer, body.began_on)
    row = OfficerPost(
        post_id=new_id(),
        officer_id=officer.officer_id,
        post=body.post,
        employment=body.employment,
        began_on=body.began_on,
        recorded_by=by,
        recorded_at=now,
    )
    session.add(row)
    officer.in_post, officer.post, officer.employment = True, body.post, body.employment
    if body.unit is not None:
        officer.unit = body.unit
    if body.retires_on is not None:
        officer.retires_on = body.retires_on
    officer.changed_unseen = officer.changed_unseen or officer.standing == "suspended"
    await session.flush()
    await officers.suspend_unfit(session, officer, law, by, now)
    officers.tell_particulars(session, officer)
    return row


async def leave_post(session: WriteSession, officer: Officer, body: PostEnd, by: str, now: datetime) -> None:
    """End the post; without one the certificate is suspended at once (DT-02). Raises Conflict when there is none."""
    _require_past(body.ended_on, now)
    law = OfficerLaw(session, legal_date(now))
    if not officer.in_post:
        clause = (await law.bases(officer.area)).officer_certification.clause
        raise Conflict("该人员不在执法岗位", code="officer.not_in_post", clause=clause)
    await _close(session, officer, body.ended_on)
    officer.in_post, officer.post = False, ""
    await session.flush()
    await officers.suspend_unfit(session, officer, law, by, now)


async def _close(session: WriteSession, officer: Officer, ended_on: date) -> None:
    for held in await repository.held_posts(session, officer.officer_id):
        if ended_on < held.began_on:
            raise Malformed(f"日期早于现任岗位的任职日期{held.began_on}", code="post.before_beginning")
        held.ended_on = ended_on


async def appoint(session: WriteSession, officer: Officer, body: Appointment, now: datetime) -> Officer:
    """Make a person a legal reviewer, or no longer one. Raises Refused (QZ-02, QZ-21)."""
    law = OfficerLaw(session, legal_date(now))
    qualified = officer.legal_qualified or body.qualification_no is not None
    if body.appointed:
        legal_reviewers.require_appointable(
            officer.kind,
            first_time=not officer.legal_reviewer,
            qualified=qualified,
            bases=await law.bases(officer.area),
            rules=await law.rules(officer.area),
        )
    officer.legal_reviewer, officer.legal_qualified = body.appointed, qualified
    officer.qualification_no = body.qualification_no or officer.qualification_no
    officer.changed_unseen = officer.changed_unseen or officer.standing == "suspended"
    await session.flush()
    officers.tell_particulars(session, officer)
    return officer


def _require_past(day: date, now: datetime) -> None:
    if day > legal_date(now):
        raise Malformed("日期不能晚于今日", code="future_date")
