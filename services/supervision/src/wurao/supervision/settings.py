"""Settings of supervision."""

from wurao.common.settings import ServiceSettings


class Settings(ServiceSettings):
    """Nothing beyond what every service needs."""
