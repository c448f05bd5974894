"""What logs and errors tell, and what they keep to themselves."""

import io
import json
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from wurao.common import logs
from wurao.common.db import Database


def test_logged_fault_tells_where_but_not_the_values() -> None:
    """A traceback in the log names the fault and its place, and none of the frames' variables."""
    stream = io.StringIO()
    before = structlog.get_config()
    try:
        logs.configure(stream=stream)
        token = "Bearer " + "secret-of-li"
        try:
            raise KeyError(len(token))
        except KeyError as error:
            structlog.get_logger().error("request.failed", exc_info=error)
    finally:
        structlog.configure(**before)
    [fault] = json.loads(stream.getvalue())["exception"]
    assert (fault["exc_type"], fault["frames"][-1]["filename"]) == ("KeyError", __file__)
    assert "secret-of-li" not in stream.getvalue()


async def test_database_errors_do_not_tell_values(tmp_path: Path) -> None:
    """What a statement carried does not stand in the error that the database gives."""
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/x.db", source="/wurao/test")
    try:
        with pytest.raises(DBAPIError) as raised:
            async with db.write() as session:
                await session.execute(text("insert into missing values (:who)"), {"who": "举报人张三"})
    finally:
        await db.dispose()
    assert "missing" in str(raised.value)
    assert "张三" not in str(raised.value)
