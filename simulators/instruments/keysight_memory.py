"""Reading memory and reading format of the simulated 34970A."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

OVERLOAD = 9.9e37
MEMORY_READINGS = 50000


@dataclass(frozen=True)
class Reading:
    """One value with its unit, simulated time and channel."""

    value: float
    unit: str
    time_s: float
    channel: int


class ReadingMemory:
    """Up to 50 000 readings; the oldest are overwritten."""

    def __init__(self) -> None:
        self._readings: deque[Reading] = deque(maxlen=MEMORY_READINGS)
        self._newest: dict[int, Reading] = {}
        self.overflowed = False

    def __len__(self) -> int:
        return len(self._readings)

    def __iter__(self) -> Iterator[Reading]:
        return iter(self._readings)

    def add(self, reading: Reading) -> None:
        """Store one reading."""
        self.overflowed |= len(self._readings) == MEMORY_READINGS
        self._readings.append(reading)
        self._newest[reading.channel] = reading

    def all(self) -> list[Reading]:
        """All readings, oldest first."""
        return list(self._readings)

    def remove(self, count: int) -> list[Reading]:
        """Take out the oldest ``count`` readings."""
        taken = list(islice(self._readings, count))
        for _ in taken:
            self._readings.popleft()
        return taken

    def last(self, channel: int) -> Reading | None:
        """Newest reading of a channel since the last clear."""
        return self._newest.get(channel)

    def clear(self) -> None:
        """Forget all."""
        self._readings.clear()
        self._newest.clear()
        self.overflowed = False


class ReadingFormat:
    """What stands beside each value, as ``FORMat:READing`` sets it."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Values only."""
        self.unit = self.time = self.channel = self.alarm = False
        self.absolute = False

    def text(self, readings: Iterable[Reading], start_s: float, stamp: Callable[[float], datetime]) -> str:
        """Comma separated readings."""
        return ",".join(self._one(reading, start_s, stamp) for reading in readings)

    def _one(self, reading: Reading, start_s: float, stamp: Callable[[float], datetime]) -> str:
        text = f"{reading.value:+.8E}"
        if self.unit:
            text += f" {reading.unit}"
        if self.time and self.absolute:
            text += "," + stamp_text(stamp(reading.time_s))
        elif self.time:
            text += f",{reading.time_s - start_s:.3f}"
        if self.channel:
            text += f",{reading.channel}"
        if self.alarm:
            text += ",0"
        return text


def stamp_text(moment: datetime) -> str:
    """``2004,11,21,14,54,33.104``."""
    seconds = moment.second + moment.microsecond // 1000 / 1000
    return f"{moment.year:04d},{moment:%m,%d,%H,%M},{seconds:06.3f}"


def block(text: str) -> str:
    """IEEE 488.2 definite-length block: ``#`` digits length text."""
    length = str(len(text))
    return f"#{len(length)}{length}{text}"
