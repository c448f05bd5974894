"""Settings of a service, from environment variables `WURAO_*` (or files for secrets)."""

from pathlib import Path

from pydantic import AwareDatetime, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """What every service needs. Secrets come by reference: a database URL from a secret, keys from a file."""

    model_config = SettingsConfigDict(env_prefix="WURAO_", extra="ignore", frozen=True)

    database_url: str
    migration_database_url: str | None = None
    kafka_bootstrap: str = "127.0.0.1:9092"
    oidc_issuer: str = "http://127.0.0.1:8000/issuer"
    oidc_jwks_url: str = "http://127.0.0.1:8000/issuer/jwks"
    oidc_audience: str = "wurao"
    signing_keys_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    root_path: str = ""
    public_url: str = "http://127.0.0.1:8000"
    sandbox: bool = False
    sandbox_start: AwareDatetime | None = None
    pool_size: int = Field(default=10, ge=1, le=200)
    rate_limit: str = "6000/minute"
    body_limit: int = Field(default=1024 * 1024, ge=1024)
    import_limit: int = Field(default=512 * 1024 * 1024, ge=1024)
    sweep_seconds: float = Field(default=30.0, gt=0)
