"""Settings of check-in."""

from wurao.common.settings import ServiceSettings


class Settings(ServiceSettings):
    """Nothing beyond what every service needs."""
