"""Alembic environment; see wurao.common.migrate."""

from wurao.common.migrate import run_environment

run_environment()
