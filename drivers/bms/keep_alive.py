"""The station's frames that keep a pack awake, with their checksums."""

from __future__ import annotations

from typing import Any

import can

from drivers.bms.checksums import Checksum
from drivers.bms.compiled import checksum_of
from drivers.bms.description import KeepAliveModel


def frames_of(model: KeepAliveModel) -> list[can.Message]:
    """The frames of one identifier in the order in which they are sent."""
    checksum = checksum_of(model.checksum)
    return [
        can.Message(
            arbitration_id=model.id,
            is_extended_id=model.extended,
            is_fd=len(data) > 8,
            data=data if checksum is None else _closed(data, checksum),
        )
        for data in model.data
    ]


def _closed(data: bytes, checksum: Checksum) -> bytes:
    body = bytearray(data)
    body[checksum.at] = checksum.expected(bytes(data))
    return bytes(body)


class KeepAlive:
    """Sends them until it is stopped; by the adapter itself where python-can can make it do so."""

    def __init__(self, bus: can.BusABC, models: tuple[KeepAliveModel, ...]) -> None:
        self._tasks: list[Any] = [bus.send_periodic(frames_of(model), model.period_s) for model in models]

    def stop(self) -> None:
        """Stop sending. Idempotent."""
        for task in self._tasks:
            task.stop()
        self._tasks.clear()
