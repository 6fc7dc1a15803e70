"""Who asks, and whether they may: token, role, and how often."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from fastapi import Request
from fastapi.security import HTTPBearer

from station.errors import StationError
from station.gateway.rate import RateLimit
from station.gateway.settings import Limits
from station.gateway.tokens import Token, TokenRole, Tokens

BEARER = HTTPBearer(auto_error=False, description="A token from: station api token add")


class TokenMissing(StationError):
    """No token, or none that is valid."""

    code = "api.access"


class RoleTooLow(StationError):
    """The token's role may not do this."""

    code = "api.role"


class TooOften(StationError):
    """More calls than allowed; ``wait_s`` tells when the next one is taken."""

    code = "api.too_often"


class Access:
    """The gate of all calls. ``tick`` gives seconds of a steady clock."""

    def __init__(self, tokens: Tokens, limits: Limits, tick: Callable[[], float] = time.monotonic) -> None:
        self._tokens = tokens
        self._calls = RateLimit(limits.per_minute, limits.at_once, tick)
        self._wrong = RateLimit(limits.wrong_tokens_per_minute, limits.wrong_tokens_per_minute, tick)

    def needs(self, role: TokenRole) -> Callable[[Request], Token]:
        """A dependency that lets ``role`` and above pass."""

        def gate(request: Request) -> Token:
            scheme, _, given = request.headers.get("authorization", "").partition(" ")
            token = self.check(given if scheme.lower() == "bearer" else "", _address(request))
            self.require(token, role)
            return token

        return gate

    def check(self, text: str, address: str) -> Token:
        """The token that ``text`` is. Raises TokenMissing, TooOften."""
        wait_s = self._wrong.wait_s(address)
        if wait_s:
            raise _too_often(wait_s)
        token = self._tokens.find(text)
        if token is None:
            self._wrong.take(address)
            raise TokenMissing(
                "the token is missing, wrong, or has ended",
                remedy="send Authorization: Bearer TOKEN; tokens are made by: station api token add",
            )
        wait_s = self._calls.take(token.id)
        if wait_s:
            raise _too_often(wait_s)
        return token

    @staticmethod
    def require(token: Token, role: TokenRole) -> None:
        """Raises RoleTooLow."""
        if not token.may(role):
            raise RoleTooLow(
                f"token {token.name} has role {token.role}; this needs {role}",
                remedy="use a token with that role",
                role=token.role,
                needed=role,
            )


def _too_often(wait_s: float) -> TooOften:
    return TooOften(
        f"too many calls: ask again in {wait_s:.1f} s",
        remedy="ask less often, or raise limits in DATA/api/settings.yaml",
        wait_s=round(wait_s, 3),
    )


def _address(request: Any) -> str:
    return request.client.host if request.client is not None else "?"
