"""Where a created thing can be read, also where the service is mounted under a path."""

from fastapi import Request, Response


def locate(request: Request, response: Response, path: str) -> None:
    """Answer with the Location of what was created."""
    response.headers["Location"] = f"{request.scope.get('root_path', '').rstrip('/')}{path}"
