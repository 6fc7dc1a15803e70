"""What the window needs from the service; the real client and the tests' scripted one both fit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Protocol

Message = dict[str, Any]
"""One JSON object of the live stream, as the service sends it."""


class Backend(Protocol):
    """A connection to one bench's service. Calls may block and raise; the GUI thread makes none."""

    def bench(self) -> Message:
        """The answer of ``GET /api/bench``."""
        ...

    def state(self) -> Message:
        """The answer of ``GET /api/state``; asked regularly as a sign of life."""
        ...

    def live(self, stop: threading.Event) -> Iterator[Message | None]:
        """Live messages, a ``state`` message first; None at least once a second when there is nothing to say.

        Ends or raises when the connection is lost; ends soon after ``stop`` is set.
        """
        ...

    def start(
        self,
        channel: str,
        profile: str,
        battery: str,
        nominal_capacity_Ah: float | None,
        chemistry: str | None,
    ) -> str:
        """Begin a test; gives the run's id."""
        ...

    def stop(self, channel: str) -> None:
        """Ask for the controlled stop of one channel."""
        ...

    def stop_all(self) -> None:
        """Ask for the controlled stop of every channel."""
        ...

    def force(self, channel: str) -> None:
        """Have the guard cut one channel and its test ended by force; a fault is latched."""
        ...

    def pause(self, channel: str) -> None:
        """Ask for a pause of one channel."""
        ...

    def resume(self, channel: str) -> None:
        """Let a paused or an interrupted test go on."""
        ...

    def skip(self, channel: str) -> None:
        """Ask to skip the present step."""
        ...

    def acknowledge(self, channel: str) -> None:
        """Clear a latched fault or verdict; an interrupted test is closed by it."""
        ...

    def battery(self, code: str) -> Message | None:
        """What the records know of this battery, or None."""
        ...

    def run(self, run_id: str) -> Message:
        """One run's record with its result."""
        ...

    def own_id(self) -> Message | str:
        """A new ID for a battery without a code (``code``), its label printed where there is a printer."""
        ...

    def print_label(self, run_id: str) -> Message | None:
        """Print the label of a run again. Raises StationError when there is no printer or it cannot."""
        ...

    def close(self) -> None:
        """Give up the connection."""
        ...
