"""A place in a plan at which the test looks at what is known, and leaves out what is not to come."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Junction:
    """It stands at ``group`` and plays nothing; ``step`` is the profile's step it belongs to.

    ``kind``: ``set`` keeps ``text`` as the value ``name``; ``if`` and ``until`` judge the condition
    ``text``. ``if_true`` and ``if_false`` are the groups (first, one behind the last) that are left out
    then. ``must``: the run ends where the condition does not hold.
    """

    step: int
    group: int
    kind: str
    text: str
    name: str = ""
    if_true: tuple[int, int] = (0, 0)
    if_false: tuple[int, int] = (0, 0)
    must: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Junction:
        """The inverse of ``as_dict``, also after JSON."""
        return cls(**{**data, "if_true": tuple(data["if_true"]), "if_false": tuple(data["if_false"])})
