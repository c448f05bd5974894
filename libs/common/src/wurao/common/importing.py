"""Import endpoints: a bounded CSV or NDJSON body, checked row by row, loaded whole or only its good rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query, Request

from wurao.common.imports import Checked, CsvModel, Mode, check
from wurao.common.uploads import Body, spool_body

Model = TypeVar("Model", bound=CsvModel)

IMPORT_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    }
}


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded table. Mode `all` loads nothing when a row is bad, `good` leaves the bad rows out."""

    body: Body
    content_type: str
    mode: Mode

    def check(self, model: type[Model], *, unique: Callable[[Model], str] | None = None) -> Checked[Model]:
        """The rows to load and the report of all."""
        return check(self.body, self.content_type, model, self.mode, unique=unique)


async def _upload(request: Request, mode: Annotated[Mode, Query()] = "all") -> Upload:
    body = await spool_body(request, request.app.state.service.settings.import_limit)
    return Upload(body, request.headers.get("content-type", "text/csv"), mode)


Uploaded = Annotated[Upload, Depends(_upload)]
