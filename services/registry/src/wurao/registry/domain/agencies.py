"""Who may be an inspecting agency, and the life of one: confirmed → published → withdrawn (DT-01, QZ-02)."""

from typing import get_args

from wurao.common.contracts.shared import AgencyKind
from wurao.common.errors import Conflict, Refused
from wurao.common.packs import Bases
from wurao.registry.domain.policy import refusal

CONFIRMED, PUBLISHED, WITHDRAWN = "confirmed", "published", "withdrawn"
QUALIFIED: frozenset[str] = frozenset(get_args(AgencyKind))


class NotPublishable(Conflict):
    """Only a confirmed agency is published (DT-01)."""

    code = "agency.not_confirmed"


def require_qualified(kind: str, bases: Bases) -> None:
    """Coordinating bodies, third parties and intermediaries may not inspect (QZ-02). Raises Refused."""
    if kind not in QUALIFIED:
        message = "议事协调机构、第三方机构、中介机构等不得登记为行政检查主体"
        way = "由具有法定资格的行政机关实施检查"
        raise Refused([refusal("agency.unqualified", bases.qualified_body, message, way)])


def require_authority(authority: str, bases: Bases) -> None:
    """An agency enforces by law or written delegation only (DT-01). Raises Refused."""
    if not authority.strip():
        message = "行政执法主体须有明确的法律法规授权或者委托"
        way = "补充授权依据或书面委托后再公示"
        raise Refused([refusal("agency.no_authority", bases.qualified_body, message, way)])


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
