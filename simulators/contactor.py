"""One contactor: a coil, and a contact that follows after its delay."""

from __future__ import annotations

NEVER_S = float("inf")


class Contactor:
    """Times in simulated seconds. The owner moves the contact when ``due_s`` has come."""

    __slots__ = ("_delay_s", "_wanted", "closed", "due_s")

    def __init__(self, *, delay_s: float, closed: bool = False) -> None:
        self._delay_s = delay_s
        self._wanted = closed
        self.closed = closed
        self.due_s = NEVER_S

    def command(self, closed: bool, time_s: float) -> bool:
        """Energise or release the coil at ``time_s``; True when the contact is due at that same instant."""
        if closed == self._wanted:
            return False
        self._wanted = closed
        self.due_s = time_s + self._delay_s
        return self._delay_s == 0.0

    def move(self) -> bool:
        """Let the contact follow its coil; True when it really moved."""
        self.due_s = NEVER_S
        moved = self.closed != self._wanted
        self.closed = self._wanted
        return moved


class Contactors:
    """The three of a channel: the power contactor, the pre-charge's, and the insulation test's relay."""

    def __init__(self, *, delay_s: float, has_main: bool) -> None:
        self.main = Contactor(delay_s=delay_s, closed=not has_main)
        self.precharge = Contactor(delay_s=delay_s)
        self.insulation_test = Contactor(delay_s=delay_s)
        self.due_s = NEVER_S

    def command(self, contactor: Contactor, closed: bool, time_s: float) -> bool:
        """Energise or release one; True when its contact is due at once."""
        at_once = contactor.command(closed, time_s)
        self._note_due()
        return at_once

    def move(self, time_s: float) -> bool:
        """Move every contact that is due by ``time_s``; True when one really moved."""
        moved = False
        for contactor in (self.main, self.precharge, self.insulation_test):
            if contactor.due_s <= time_s:
                moved = contactor.move() or moved
        self._note_due()
        return moved

    def _note_due(self) -> None:
        self.due_s = min(self.main.due_s, self.precharge.due_s, self.insulation_test.due_s)
