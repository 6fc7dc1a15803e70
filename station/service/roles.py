"""Roles, lowest first; each may do what the ones before it may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

Role = Literal["operator", "engineer", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)


@dataclass(frozen=True)
class Person:
    """Who is logged in."""

    id: int
    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Whether this person's role is ``role`` or above."""
        return ROLES.index(self.role) >= ROLES.index(role)
