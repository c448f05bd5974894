"""What endpoints find beside their session: the signer, the settings, a view of everything."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from wurao.common.auth import Principal, Role
from wurao.common.db import ReadSession
from wurao.common.settings import ServiceSettings
from wurao.scheduling.usecases.codes import Signer


def _signer(request: Request) -> Signer:
    signer: Signer = request.app.state.signer
    return signer


def _settings(request: Request) -> ServiceSettings:
    settings: ServiceSettings = request.app.state.service.settings
    return settings


async def _everything(request: Request) -> AsyncIterator[ReadSession]:
    """The gate judges by all facts, whoever asks; the answer names only what the asker needs."""
    async with request.app.state.service.db.read() as session:
        yield session


Codes = Annotated[Signer, Depends(_signer)]
Configured = Annotated[ServiceSettings, Depends(_settings)]
ReadAll = Annotated[ReadSession, Depends(_everything, scope="function")]


def is_head_of(who: Principal, agency_id: str) -> bool:
    """Tell whether the caller heads the agency."""
    return Role.HEAD in who.roles and who.agency_id == agency_id
