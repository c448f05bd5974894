"""Grading runs and the history of grades."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Nothing yet."""
