"""Structured logs: JSON lines with request and event ids, one configuration for all processes."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer


def configure(level: str = "INFO", stream: TextIO = sys.stderr) -> None:
    """JSON lines to a stream; uvicorn's own access log is off, the request log replaces it."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Without the frames' variables, which hold tokens and what people wrote.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=stream, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("uvicorn.access").disabled = True


@contextmanager
def written_to(stream: TextIO) -> Iterator[None]:
    """Logs go to a stream inside the block, and where they went before after it."""
    kept, handlers = structlog.get_config(), list(logging.root.handlers)
    configure(stream=stream)
    try:
        yield
    finally:
        structlog.configure(**kept)
        logging.root.handlers[:] = handlers
