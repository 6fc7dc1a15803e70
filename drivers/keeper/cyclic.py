"""What is sent again and again, and how it goes from one process to the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import can


@dataclass(frozen=True)
class Cyclic:
    """One identifier: ``data`` are sent in turn, one each ``period_s``."""

    id: int
    period_s: float
    data: tuple[bytes, ...]
    extended: bool = False
    fd: bool = False

    @property
    def key(self) -> tuple[int, bool]:
        """What tells it from others on the bus."""
        return self.id, self.extended

    def messages(self) -> list[can.Message]:
        """The frames in their order."""
        return [
            can.Message(
                arbitration_id=self.id,
                is_extended_id=self.extended,
                is_fd=self.fd,
                bitrate_switch=self.fd,
                data=data,
            )
            for data in self.data
        ]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "id": self.id,
            "period_s": self.period_s,
            "data": [data.hex() for data in self.data],
            "extended": self.extended,
            "fd": self.fd,
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Cyclic:
        """The same back again. Raises KeyError, ValueError."""
        data = tuple(bytes.fromhex(text) for text in told["data"])
        if not data or float(told["period_s"]) <= 0:
            raise ValueError("a cyclic frame needs data and a period")
        return cls(int(told["id"]), float(told["period_s"]), data, bool(told["extended"]), bool(told["fd"]))
