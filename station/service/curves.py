"""The curves of the running tests, kept where their samples arrive: whoever comes later gets all of them."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from station.curves import Pyramid, to_message
from station.engine.record.journal_reader import whole_record

log = logging.getLogger(__name__)

Columns = tuple[list[float], list[float], list[float]]
"""Bench seconds, volts, amperes; NaN where there was no reading."""


@dataclass
class _Curve:
    run_id: str
    voltage: Pyramid = field(default_factory=Pyramid)
    current: Pyramid = field(default_factory=Pyramid)


class Curves:
    """The newest run of every channel. Lives on the service's event loop; memory does not grow with time."""

    def __init__(self) -> None:
        self._curves: dict[str, _Curve] = {}

    def begin(self, channel: str, run_id: str) -> bool:
        """From now on the channel's samples are this run's. False when they have been already."""
        known = self._curves.get(channel)
        if known is not None and known.run_id == run_id:
            return False
        self._curves[channel] = _Curve(run_id)
        return True

    def add(self, channel: str, t_s: list[Any], voltage_V: list[Any], current_A: list[Any]) -> None:
        """Samples of the channel's run, as a worker or a journal tells them. None: no reading.

        Raises ValueError, TypeError for what are no columns of numbers.
        """
        curve = self._curves[channel]
        t, voltage, current = (np.array(each, dtype=np.float64) for each in (t_s, voltage_V, current_A))
        if not t.shape == voltage.shape == current.shape == (len(t_s),):
            raise ValueError("samples of unequal length")
        curve.voltage.add(t, voltage)
        curve.current.add(t, current)

    def messages(self) -> list[dict[str, Any]]:
        """A message ``curve`` for every channel that has one."""
        return [
            {
                "type": "curve",
                "channel": channel,
                "run_id": curve.run_id,
                "voltage": to_message(curve.voltage),
                "current": to_message(curve.current),
            }
            for channel, curve in self._curves.items()
            if curve.voltage.last_s is not None or curve.current.last_s is not None
        ]


def recorded(journal: Path) -> Columns:
    """The samples that a journal holds so far; none where it cannot be read, which others tell."""
    columns: Columns = ([], [], [])
    try:
        with journal.open("rb") as lines:
            for line in lines:
                row = whole_record(line) if line.startswith(b'["s"') else None
                if row is not None:
                    for column, value in zip(columns, (row[1], row[3], row[4]), strict=True):
                        column.append(float("nan") if value is None else float(value))
    except (OSError, ValueError, TypeError) as error:
        log.warning("%s: its samples are not drawn: %s", journal, error)
    return columns
