"""`python -m wurao.local test -- ...`: run pytest with PostgreSQL and Kafka started once for all its workers."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack

from wurao.local.servers import KAFKA_VARIABLE, POSTGRES_VARIABLE, Unavailable, provide_kafka, provide_postgres


def main() -> int:
    """The exit status of pytest."""
    if sys.argv[1:3] != ["test", "--"]:
        print("usage: python -m wurao.local test -- [pytest arguments]", file=sys.stderr)
        return 2
    env = dict(os.environ)
    with ExitStack() as stack:
        try:
            env[POSTGRES_VARIABLE] = stack.enter_context(provide_postgres()).url(driver=None)
            env[KAFKA_VARIABLE] = stack.enter_context(provide_kafka()).bootstrap
        except Unavailable as error:
            print(f"!!! tests on real servers will be skipped: {error}", file=sys.stderr)
        return subprocess.run([sys.executable, "-m", "pytest", *sys.argv[3:]], env=env, check=False).returncode


sys.exit(main())
