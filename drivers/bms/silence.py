"""A pack that says nothing, told from what came after: requests without answers, and a pack that stopped."""

from __future__ import annotations

import math

from drivers.bms.signals import SignalStore

ANSWER_S = 1.0
"""At the end of a recording an answer may still have been due: so long is waited for one."""
FRAMES_LEAST = 10
SILENT_S, SILENT_GAPS = 2.0, 5.0
"""A pack has stopped that was quiet for so long, and so many times its longest pause before."""


class Unanswered:
    """Follows the requests of whoever asks. One is open until an answer, of whatever kind, was heard."""

    def __init__(self, store: SignalStore) -> None:
        self._store = store
        self._open: tuple[float, str] | None = None

    def asked(self, t_s: float, what: str) -> None:
        """A request was heard; one that is still open will not be answered."""
        if self._open is not None:
            self._store.find(t_s, "no_reply", self._open[1])
        self._open = (t_s, what)

    def answered(self) -> None:
        """An answer was heard."""
        self._open = None

    def end(self, now_s: float) -> None:
        """The recording has ended."""
        if self._open is not None and now_s - self._open[0] > ANSWER_S:
            self._store.find(now_s, "no_reply", self._open[1])
        self._open = None


class GoingOn:
    """Follows when the pack was heard; tells of one that stopped while the bus went on.

    Of each frame that is whole and right ``last_s`` is set, and ``paused`` called where it is the longest
    pause so far: no call for most of them.
    """

    def __init__(self) -> None:
        self.last_s = -math.inf
        self.longest_s = 0.0

    def heard(self, t_s: float) -> None:
        """Something of the pack, whole and right."""
        if t_s - self.last_s > self.longest_s:
            self.paused(t_s - self.last_s)
        self.last_s = t_s

    def paused(self, pause_s: float) -> None:
        """The longest pause so far; before the first frame there was none."""
        if math.isfinite(pause_s):
            self.longest_s = pause_s

    def end(self, now_s: float, frames: int, store: SignalStore) -> None:
        """The recording has ended at ``now_s``, whoever was heard last; ``frames`` were the pack's."""
        silent_s = now_s - self.last_s
        if frames >= FRAMES_LEAST and silent_s > max(SILENT_S, SILENT_GAPS * self.longest_s):
            store.find(self.last_s, "stopped", "", f"{silent_s:.1f} s")
