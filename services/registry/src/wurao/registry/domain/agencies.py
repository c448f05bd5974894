"""Who may be an inspecting agency, and the life of one: confirmed → published → withdrawn → perhaps confirmed anew.

An organ acts within its own powers, an authorised organisation where a law says so, an entrusted one on an organ's
written delegation as long as that lasts (行政处罚法 第十七条至第二十一条; DT-01, QZ-02).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import get_args

from wurao.common.area import covers
from wurao.common.contracts.shared import AgencyKind, Refusal
from wurao.common.errors import Conflict
from wurao.common.packs import Bases
from wurao.registry.domain.policy import AgencySection, refusal

CONFIRMED, PUBLISHED, WITHDRAWN = "confirmed", "published", "withdrawn"
ORGAN, AUTHORISED, ENTRUSTED = "organ", "authorised", "entrusted"
QUALIFIED: frozenset[str] = frozenset(get_args(AgencyKind))

_CITED = re.compile(r"《([^《》]+)》([^《》]*)")
_ARTICLE = re.compile(r"第[零〇一二三四五六七八九十百千0-9]+条(?:之[一二三四五六七八九十]+)?")
_LAWFUL = {
    "coordinating_body": "由其成员单位中具有法定资格的行政机关以自己的名义实施检查",
    "third_party": "由行政机关实施检查，第三方机构只受托提供检测、鉴定等技术服务",
    "intermediary": "由行政机关实施检查，中介机构只受托提供技术服务",
}


class NotPublishable(Conflict):
    """Only a confirmed agency is published (DT-01)."""

    code = "agency.not_confirmed"


@dataclass(frozen=True, slots=True)
class Law:
    """What the rules on agencies rest on in an area on a day."""

    bases: Bases
    agency: AgencySection


@dataclass(frozen=True, slots=True)
class Delegation:
    """A written delegation, in force from the first to the last day."""

    document_no: str
    delegating_id: str
    begins: date
    ends: date
    scope: str
    basis: str


@dataclass(frozen=True, slots=True)
class Body:
    """What counts about an agency that delegates, or that a delegation is for."""

    agency_id: str
    kind: str
    area: str
    state: str = CONFIRMED


def cited(text: str) -> list[tuple[str, str]]:
    """Law and article of each citation in a text: 《消防法》第四条、第五十三条 gives two."""
    return [(law, article) for law, rest in _CITED.findall(text) for article in _ARTICLE.findall(rest)]


def unfit(kind: str, law: Law) -> list[Refusal]:
    """Coordinating bodies, third parties and intermediaries may not inspect (QZ-02)."""
    if kind in QUALIFIED:
        return []
    name = law.agency.unfit.value.get(kind, "不具备法定资格的组织")
    way = _LAWFUL.get(kind, "由具有法定资格的行政机关实施检查")
    return [refusal("agency.unqualified", law.bases.qualified_body, f"{name}不得登记为行政检查主体", way)]


def without_authority(
    body: Body, authority: str, delegations: Iterable[Delegation], on: date, law: Law
) -> list[Refusal]:
    """Why an agency may not enforce on a day: each kind needs its own authority (DT-01)."""
    found = []
    if not authority.strip():
        message, way = "行政执法主体须有明确的法律法规授权或者委托", "补充授权依据或书面委托后再公示"
        found.append(refusal("agency.no_authority", law.bases.qualified_body, message, way))
    elif body.kind == AUTHORISED and not cited(authority):
        message, way = "法律法规授权的组织须写明授权的法律、法规及其条款", "按“《法律名称》第几条”补充授权依据"
        found.append(refusal("agency.no_authorisation", law.agency.authorised, message, way))
    if body.kind == ENTRUSTED and not any(one.begins <= on <= one.ends for one in delegations):
        message = "受委托组织没有在有效期内的书面委托"
        ways = ("登记有效的书面委托后再公示", "由委托机关自行实施检查")
        found.append(refusal("agency.no_delegation", law.agency.delegated, message, *ways))
    return found


def misdelegated(delegation: Delegation, body: Body, delegating: Body | None, on: date, law: Law) -> list[Refusal]:
    """Why a delegation to an agency is not lawful: by whom, to whom, on what basis, for how long."""
    rests_on, found = law.agency.delegated, []
    if body.kind != ENTRUSTED:
        message = "只有受委托组织才登记委托；行政机关和法律法规授权的组织以自己的名义执法"
        found.append(refusal("delegation.not_entrusted", rests_on, message, "不填写委托，或者把主体类型改为受委托组织"))
    unable = _not_able(delegating, body, law)
    if not unable and delegating is not None and body.state == PUBLISHED:
        unable = unpublished_delegating(delegating, law)
    found += unable
    if not cited(delegation.basis):
        message, way = "委托须写明允许委托的法律、法规或者规章及其条款", "按“《法律名称》第几条”补充委托依据"
        found.append(refusal("delegation.no_basis", rests_on, message, way))
    if delegation.ends < on:
        message = f"委托期限已于{delegation.ends:%Y-%m-%d}届满"
        found.append(refusal("delegation.over", rests_on, message, "由委托机关重新书面委托"))
    return found


def _not_able(delegating: Body | None, body: Body, law: Law) -> list[Refusal]:
    way = "由本辖区或者上级辖区内具有法定权限的行政机关委托"
    if delegating is None:
        message = "委托机关没有登记"
    elif delegating.kind != ORGAN:
        message = "只有行政机关可以委托；受委托组织不得再委托"
    elif delegating.state == WITHDRAWN:
        message = "委托机关已经取消"
    elif not covers(delegating.area, body.area):
        message = "委托机关的管辖区域不包含受委托组织的区域"
    else:
        return []
    return [refusal("delegation.delegating", law.agency.delegated, message, way)]


def interrupted(delegation: Delegation, until: date | None, on: date, law: Law) -> list[Refusal]:
    """A renewal follows the delegation in force without a day between; after that the body is confirmed anew."""
    if until is None or until < on or delegation.begins <= until + timedelta(days=1):
        return []
    message = f"现有委托于{until:%Y-%m-%d}届满，续期委托不得中断"
    way = f"续期委托自{until + timedelta(days=1):%Y-%m-%d}或者更早的日期起生效"
    return [refusal("delegation.gap", law.agency.delegated, message, way)]


def unpublished_delegating(delegating: Body, law: Law) -> list[Refusal]:
    """Who delegates to a published body is itself published (DT-01)."""
    if delegating.state == PUBLISHED:
        return []
    return [refusal("delegation.unpublished", law.bases.agency_published, "委托机关未经公示", "先公示委托机关")]


def publish(state: str, bases: Bases) -> str:
    """The state after publication (DT-01). Raises NotPublishable."""
    if state != CONFIRMED:
        clause = bases.agency_published.clause
        raise NotPublishable("只有已确认且未公示的执法主体可以公示", clause=clause)
    return PUBLISHED


def withdraw(state: str, bases: Bases) -> str:
    """The state after withdrawal (DT-01). Raises Conflict when withdrawn already."""
    if state == WITHDRAWN:
        raise Conflict("该执法主体已经取消", code="agency.withdrawn", clause=bases.agency_published.clause)
    return WITHDRAWN


def confirm_anew(state: str, bases: Bases) -> str:
    """The state of a withdrawn agency that is confirmed once more (DT-01). Raises Conflict for any other."""
    if state != WITHDRAWN:
        raise Conflict(
            "只有已取消的执法主体可以重新确认", code="agency.in_standing", clause=bases.agency_published.clause
        )
    return CONFIRMED
