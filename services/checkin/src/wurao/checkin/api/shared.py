"""What several endpoints depend on."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from wurao.checkin.signing import Codes
from wurao.common.area import covers
from wurao.common.auth import Principal
from wurao.common.db import ReadSession
from wurao.common.errors import Forbidden


def _codes(request: Request) -> Codes:
    codes: Codes = request.app.state.codes
    return codes


Signing = Annotated[Codes, Depends(_codes)]


async def _unscoped(request: Request) -> AsyncIterator[ReadSession]:
    async with request.app.state.service.db.read() as session:
        yield session


# For answers that choose themselves what they show: a caller without a login has no scope of its own, and
# a row that is gone looks like one out of sight to anybody who has one.
UnscopedRead = Annotated[ReadSession, Depends(_unscoped, scope="function")]


def require_sight(who: Principal, enterprise_id: str, area: str) -> None:
    """An enterprise sees itself, others what lies in their area. Raises Forbidden."""
    if who.enterprise_id:
        who.require_enterprise(enterprise_id)
    elif who.area is None or not covers(who.area, area):
        raise Forbidden("只能查看本地区的企业", code="other_area")
