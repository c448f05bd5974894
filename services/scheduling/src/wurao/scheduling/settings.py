"""Settings of scheduling."""

from urllib.parse import urljoin

from wurao.common.settings import ServiceSettings


class Settings(ServiceSettings):
    """Where the page that checks action codes is; by default check-in answers beside this service."""

    code_check_url: str | None = None


def code_check_url(settings: ServiceSettings) -> str:
    """The page that a scanned action code opens."""
    named = settings.code_check_url if isinstance(settings, Settings) else None
    return named or urljoin(settings.public_url, "checkin/v1/public/code")
