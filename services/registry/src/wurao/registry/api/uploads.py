"""Uploads as dependencies: read and checked before the transaction begins, and beside the event loop."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import Depends

from wurao.common.importing import Uploaded
from wurao.common.imports import Checked, CsvModel
from wurao.common.loading import Incoming

Model = TypeVar("Model", bound=CsvModel)


def rows_of(model: type[Model], unique: Callable[[Model], str]) -> Any:
    """The dependency that gives an upload's checked rows; name it before the session in an endpoint."""

    async def checked(upload: Uploaded) -> Checked[Model]:
        return await asyncio.to_thread(upload.check, model, unique=unique)

    return Depends(checked)


def incoming(model: type[Model], unique: Callable[[Model], str]) -> Any:
    """The dependency that gives an upload to be checked while it is entered; name it before the session, too."""

    def unchecked(upload: Uploaded) -> Incoming[Model]:
        return Incoming(upload.body, upload.content_type, upload.mode, model, unique)

    return Depends(unchecked)
