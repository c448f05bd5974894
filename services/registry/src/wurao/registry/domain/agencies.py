"""Who may be an inspecting agency, and the life of one: confirmed → published → withdrawn (DT-01, QZ-02)."""

from typing import get_args

from wurao.common.contracts.shared import AgencyKind, Refusal
from wurao.common.errors import Conflict, Refused

CONFIRMED, PUBLISHED, WITHDRAWN = "confirmed", "published", "withdrawn"
QUALIFIED: frozenset[str] = frozenset(get_args(AgencyKind))


class NotPublishable(Conflict):
    """Only a confirmed agency is published."""

    code, clause = "agency.not_confirmed", "DT-01"


def require_qualified(kind: str) -> None:
    """Coordinating bodies, third parties and intermediaries may not inspect (QZ-02). Raises Refused."""
    if kind not in QUALIFIED:
        raise Refused(
            [
                Refusal(
                    code="agency.unqualified",
                    clause="QZ-02",
                    cite="衢政办发〔2025〕16号 二(一)1",
                    message="议事协调机构、第三方机构、中介机构等不得登记为行政检查主体",
                    alternatives=("由具有法定资格的行政机关实施检查",),
                )
            ]
        )


def require_authority(authority: str) -> None:
    """An agency enforces by law or written delegation only (DT-01). Raises Refused."""
    if not authority.strip():
        raise Refused(
            [
                Refusal(
                    code="agency.no_authority",
                    clause="DT-01",
                    cite="菏定政办字〔2023〕6号 二(一)1",
                    message="行政执法主体须有明确的法律法规授权或者委托",
                    alternatives=("补充授权依据或书面委托后再公示",),
                )
            ]
        )


def publish(state: str) -> str:
    """The state after publication. Raises NotPublishable."""
    if state != CONFIRMED:
        raise NotPublishable("只有已确认且未公示的执法主体可以公示")
    return PUBLISHED


def withdraw(state: str) -> str:
    """The state after withdrawal. Raises Conflict when withdrawn already."""
    if state == WITHDRAWN:
        raise Conflict("该执法主体已经取消", code="agency.withdrawn", clause="DT-01")
    return WITHDRAWN
