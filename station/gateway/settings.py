"""Where the API listens and how much it takes: ``DATA/api/settings.yaml``, or what is built in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from station.errors import UsageError
from station.models.rulebook.yaml_file import read_part

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Tls(BaseModel):
    """Files in PEM."""

    model_config = ConfigDict(extra="forbid")

    certificate: Path
    key: Path


class Limits(BaseModel):
    """Requests that one token, or one address without a token, may make."""

    model_config = ConfigDict(extra="forbid")

    per_minute: Annotated[float, Field(gt=0, le=100_000)] = 600
    at_once: Annotated[int, Field(ge=1, le=10_000)] = 60
    wrong_tokens_per_minute: Annotated[float, Field(gt=0, le=1000)] = 10


class GatewaySettings(BaseModel):
    """What is built in listens on this computer only."""

    model_config = ConfigDict(extra="forbid")

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8420
    tls: Tls | None = None
    limits: Limits = Limits()
    allow_start: bool = True
    """Whether tests can be started here at all, whatever a token's role."""

    def checked(self) -> GatewaySettings:
        """Raises UsageError (``api.plain``): beyond this computer only with TLS."""
        if self.host not in LOOPBACK and self.tls is None:
            raise UsageError(
                f"the API would listen on {self.host} without encryption: tokens could be read on the way",
                remedy="give a certificate and key under tls, or listen on 127.0.0.1",
                code="api.plain",
                host=self.host,
            )
        return self


def read_gateway_settings(data: Path) -> GatewaySettings:
    """Raises DataError (``api.settings``) naming file, line and field, UsageError (``api.plain``)."""
    path = data / "api" / "settings.yaml"
    if not path.exists():
        return GatewaySettings()
    return read_part(GatewaySettings, path, code="api.settings").checked()
