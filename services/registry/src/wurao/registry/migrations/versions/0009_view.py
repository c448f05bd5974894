"""What the registry knows of visits and cases."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Nothing yet."""
