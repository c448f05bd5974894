"""Settings of penalty."""

from wurao.common.settings import ServiceSettings


class Settings(ServiceSettings):
    """Nothing beyond what every service needs."""
