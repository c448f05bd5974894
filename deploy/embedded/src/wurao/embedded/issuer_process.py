"""The embedded issuer as a process of its own, for the local production: `FOLDER PORT`."""

import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from wurao.common.issuer import Issuer
from wurao.embedded.issuer_app import issuer_app


def main(folder: Path, port: int) -> None:
    """Serve on loopback until stopped."""
    app = FastAPI(docs_url=None, redoc_url=None)
    issuer = Issuer.stored(folder / "issuer.json", f"http://127.0.0.1:{port}/issuer")
    app.mount("/issuer", issuer_app(issuer, folder / "client-secret"))
    uvicorn.run(app, host="127.0.0.1", port=port, access_log=False)


main(Path(sys.argv[1]), int(sys.argv[2]))
