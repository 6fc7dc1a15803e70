"""Tokens of programs: shown once, kept as hashes, each with a role and an end.

A secret of 256 random bits needs no slow hash: SHA-256 cannot be searched for it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, get_args

from station.errors import DataError, UsageError
from station.private_file import write_private

TokenRole = Literal["viewer", "operator", "admin"]
ROLES: Final[tuple[TokenRole, ...]] = get_args(TokenRole)
"""``viewer`` reads; ``operator`` also starts and stops tests; ``admin`` also ends the service."""
_PREFIX = "ps"


@dataclass(frozen=True)
class Token:
    """One token on record; ``sha256`` is that of its secret."""

    id: str
    name: str
    role: TokenRole
    sha256: str
    created_utc: str
    expires_utc: str

    def may(self, role: TokenRole) -> bool:
        """Whether this token's role is ``role`` or above."""
        return ROLES.index(self.role) >= ROLES.index(role)


class Tokens:
    """The tokens of a data folder, in ``DATA/api/tokens.json``, for its owner only."""

    def __init__(self, data: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path = data / "api" / "tokens.json"
        self._now = now
        self._seen: tuple[int, int] | None = None
        self._tokens: dict[str, Token] = {}

    def all(self) -> list[Token]:
        """All, oldest first. Raises DataError (``api.tokens``)."""
        self._load()
        return list(self._tokens.values())

    def add(self, name: str, role: str, *, days: int) -> tuple[Token, str]:
        """A new token and its text, which is told this once. Raises UsageError (``api.token``), DataError."""
        if role not in ROLES or not name.strip() or not 1 <= days <= 3660:
            raise UsageError(
                f"no token can be made for {name!r} with role {role!r} and {days} days",
                remedy=f"give a name, one of {', '.join(ROLES)}, and 1 to 3660 days",
                code="api.token",
            )
        self._load()
        secret, now = secrets.token_urlsafe(32), self._now()
        token = Token(
            id=secrets.token_hex(4),
            name=name.strip()[:40],
            role=next(known for known in ROLES if known == role),
            sha256=_hash(secret),
            created_utc=_text(now),
            expires_utc=_text(now + timedelta(days=days)),
        )
        self._tokens[token.id] = token
        self._keep()
        return token, f"{_PREFIX}_{token.id}_{secret}"

    def revoke(self, token_id: str) -> Token:
        """Ends it now. Raises UsageError (``api.token``) where there is none of that id."""
        self._load()
        if token_id not in self._tokens:
            raise UsageError(
                f"there is no token {token_id!r}",
                remedy="list them: station api token list",
                code="api.token",
            )
        ended = replace(self._tokens[token_id], expires_utc=_text(self._now()))
        self._tokens[token_id] = ended
        self._keep()
        return ended

    def find(self, text: str) -> Token | None:
        """The valid token that ``text`` is, or None; looks at the file anew when it has changed."""
        self._load()
        prefix, _, rest = text.partition("_")
        token_id, _, secret = rest.partition("_")
        token = self._tokens.get(token_id)
        known = token.sha256 if token is not None else "0" * 64
        right = secrets.compare_digest(_hash(secret), known) and prefix == _PREFIX
        if token is None or not right or token.expires_utc <= _text(self._now()):
            return None
        return token

    def _load(self) -> None:
        try:
            stat = self._path.stat()
            if (stat.st_mtime_ns, stat.st_ino) == self._seen:
                return
            rows = json.loads(self._path.read_text(encoding="utf-8"))
            self._tokens = {row["id"]: Token(**row) for row in rows}
            self._seen = (stat.st_mtime_ns, stat.st_ino)
        except FileNotFoundError:
            self._tokens, self._seen = {}, None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DataError(
                f"{self._path}: cannot be read: {error}",
                remedy="put it back from a backup, or delete it and make new tokens",
                code="api.tokens",
                file=str(self._path),
                reason=str(error),
            ) from error

    def _keep(self) -> None:
        rows = [asdict(token) for token in self._tokens.values()]
        write_private(self._path, json.dumps(rows, ensure_ascii=False))
        self._seen = None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
