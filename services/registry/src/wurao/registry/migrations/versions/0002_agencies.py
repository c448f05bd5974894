"""Jurisdictions, units and delegations of agencies."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Nothing yet."""
