"""What a shown code is worth, for anybody who asks."""

from dataclasses import dataclass
from datetime import datetime

from wurao.checkin.repository import replicas
from wurao.checkin.signing import Codes
from wurao.checkin.tables import Visit
from wurao.checkin.usecases.codes import State, genuine_action, visit_state
from wurao.common.codes import EnterpriseClaims, InvalidCode
from wurao.common.db import ReadSession
from wurao.common.errors import NotFound

SENTENCES: dict[State, str] = {
    "not_genuine": "不是真码：不是平台签发的码，请拒绝检查并举报",
    "replaced": "旧码：企业已换发新码，请以新码为准",
    "withdrawn": "已停用：企业营商码已停用（遗失或者注销），不能凭此码入企",
    "in_use": "真码：企业现行营商码",
    "unknown": "签名有效，但没有找到对应的登记，请向监督机关核实",
    "revoked": "已撤销：该行政行为码已被撤销，请要求出示新码",
    "cancelled": "已取消：该次检查已经取消，可以拒绝检查",
    "upcoming": "真码：检查已获批准，尚未到检查时间",
    "open": "真码：检查已获批准，正在检查时间内",
    "entered": "真码：执法人员已扫码入企，检查进行中",
    "finished": "真码：检查已经结束，可以评价",
    "expired": "已过期：已过批准的检查时间，可以拒绝检查",
}


@dataclass(frozen=True, slots=True)
class Check:
    """What can be told about a code; officers by number only."""

    genuine: bool
    kind: str | None
    state: State
    message: str
    enterprise_name: str | None = None
    agencies: tuple[str, ...] = ()
    officers: int | None = None
    items: tuple[str, ...] = ()
    opens: datetime | None = None
    closes: datetime | None = None


async def check(session: ReadSession, codes: Codes, token: str, now: datetime) -> Check:
    """Judge an action code or an enterprise code."""
    try:
        enterprise = codes.enterprise_claims(token)
    except InvalidCode:
        return await _check_action(session, codes, token, now)
    return await _check_enterprise(session, enterprise)


async def _check_enterprise(session: ReadSession, claims: EnterpriseClaims) -> Check:
    try:
        enterprise = await replicas.enterprise(session, claims.enterprise_id)
    except NotFound:
        return Check(False, "enterprise", "unknown", SENTENCES["unknown"])
    state: State = "in_use" if enterprise.code_serial == claims.serial else "replaced"
    if enterprise.code_revoked_at is not None:
        state = "withdrawn"
    return Check(state == "in_use", "enterprise", state, SENTENCES[state], enterprise.name)


async def _check_action(session: ReadSession, codes: Codes, token: str, now: datetime) -> Check:
    try:
        claims = await genuine_action(session, codes, token)
    except InvalidCode as error:
        return Check(False, None, "not_genuine", f"{SENTENCES['not_genuine']}（{error.message}）")
    visit = await replicas.visit(session, claims.visit_id)
    return await _of_visit(session, visit, claims.jti, now)


async def check_number(session: ReadSession, code_id: str, now: datetime) -> Check:
    """Judge an action code by its number, as the short link in a QR names it. Raises NotFound."""
    visit = await replicas.visit_of_code(session, code_id)
    return await _of_visit(session, visit, code_id, now)


async def _of_visit(session: ReadSession, visit: Visit | None, code_id: str, now: datetime) -> Check:
    state = await visit_state(session, visit, code_id, now)
    if visit is None:
        return Check(True, "action", state, SENTENCES[state])
    known = await replicas.agencies(session, visit.agencies)
    return Check(
        genuine=True,
        kind="action",
        state=state,
        message=SENTENCES[state],
        enterprise_name=visit.enterprise_name,
        agencies=tuple(known[agency].name if agency in known else agency for agency in visit.agencies),
        officers=len(visit.officers),
        items=tuple(item["name"] for item in visit.items),
        opens=visit.opens,
        closes=visit.closes,
    )
