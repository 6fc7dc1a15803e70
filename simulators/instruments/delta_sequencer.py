"""Sequencer of the simulated SM15K: steps of about 125 µs, waits, jumps, variables, timers.

Facts: 25 sequences of 2000 steps; SP and SPN start at 0 in a sequence and so must be set. The
project's simulation starts all five setpoints of a sequence at 0, the strictest reading of that.
A ``W`` step lasts its time and the next step follows it, so that a pulse programmed as
``SCN``, ``W``, ``SCN`` lasts one step longer than its wait.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Protocol

from simulators.instruments.delta_steps import COMPARISONS, Step, parse_step
from simulators.scpi.errors import ScpiError, illegal_parameter, out_of_range, settings_conflict

STEP_S = 125e-6
SEQUENCE_LIMIT = 25
STEP_LIMIT = 2000
NESTING_LIMIT = 6
VARIABLE_MAXIMUM = 65535
NEVER_S = float("inf")


class SequencedUnit(Protocol):
    """The power unit a sequence works on."""

    def sequence_set(self, name: str, value: float, time_s: float) -> None:
        """Apply ``SV``, ``SC``, ``SP``, ``SCN`` or ``SPN`` at ``time_s``."""
        ...

    def sequence_read(self, name: str, time_s: float) -> float:
        """Setpoint or measured value (``MV``, ``MC``, ``MP``) at ``time_s``."""
        ...


@dataclass
class Sequence:
    """Steps by number and labels by name."""

    steps: dict[int, Step]
    labels: dict[str, int]


class Sequencer:
    """Stores sequences and plays the selected one in simulated time."""

    def __init__(self, unit: SequencedUnit) -> None:
        self._unit = unit
        self._sequences: dict[str, Sequence] = {}
        self._saved: dict[str, Sequence] = {}
        self._selected: str | None = None
        self._state = "STOP"
        self._numbers: list[int] = []
        self._position = 0
        self._active_number = 0
        self._next_s = NEVER_S
        self._left_s = 0.0
        self._waiting_trigger = False
        self._returns: list[int] = []
        self._variables: dict[str, float] = {}
        self._timers: dict[str, float] = {}

    # ---- store ----------------------------------------------------------------------------

    @property
    def selected(self) -> str:
        """Name of the selected sequence, or empty."""
        return self._selected or ""

    def catalogue(self) -> list[str]:
        """Names of all sequences."""
        return list(self._sequences)

    def select(self, name: str) -> None:
        """Select or create a sequence. Raises ScpiError."""
        name = name.strip().strip('"').upper()
        valid = (
            name[:1].isalpha()
            and len(name) <= 16
            and all(c.isascii() and (c.isalnum() or c == "+") for c in name)
        )
        if not valid:
            raise illegal_parameter()
        if name != self._selected:
            self._refuse_while_running()
        if name not in self._sequences:
            if len(self._sequences) >= SEQUENCE_LIMIT:
                raise out_of_range()
            self._sequences[name] = Sequence({}, {})
        self._selected = name

    def delete(self) -> None:
        """Delete the selected sequence."""
        self._refuse_while_running()
        self._sequences.pop(self._chosen_name(), None)
        self._selected = None

    def store(self, number: int, text: str) -> None:
        """Write one step of the selected sequence."""
        if not 1 <= number <= STEP_LIMIT:
            raise out_of_range()
        self._refuse_while_running()
        self._chosen().steps[number] = parse_step(text)

    def label(self, name: str, number: int) -> None:
        """Give a step a name to jump to."""
        self._chosen().labels[name.upper()] = number

    def steps(self) -> dict[int, Step]:
        """Steps of the selected sequence."""
        return self._chosen().steps

    # ---- control --------------------------------------------------------------------------

    @property
    def state_text(self) -> str:
        """``STOP``, ``PAUSE,n`` or ``RUN,n`` with the number of the next step."""
        if self._state == "STOP":
            return "STOP"
        return f"{self._state},{self._next_number()}"

    @property
    def active_text(self) -> str:
        """Like ``state_text`` with the step being executed."""
        return "STOP" if self._state == "STOP" else f"{self._state},{self._active_number}"

    @property
    def running(self) -> bool:
        """Whether a sequence runs or pauses."""
        return self._state != "STOP"

    @property
    def waits_for_trigger(self) -> bool:
        """Whether a ``TRG`` step waits."""
        return self._waiting_trigger

    def run(self, time_s: float) -> None:
        """Start the selected sequence from its first step."""
        sequence = self._chosen()
        if not sequence.steps:
            raise settings_conflict()
        self._numbers = sorted(sequence.steps)
        self._position = 0
        self._active_number = self._numbers[0]
        self._returns.clear()
        self._variables.clear()
        self._timers.clear()
        self._waiting_trigger = False
        for name in ("SV", "SC", "SP", "SCN", "SPN"):
            self._unit.sequence_set(name, 0.0, time_s)
        self._state = "RUN"
        self._next_s = time_s

    def pause(self, time_s: float) -> None:
        """Hold where it is."""
        if self._state == "RUN":
            self._state = "PAUSE"
            self._left_s = max(0.0, self._next_s - time_s)
            self._next_s = NEVER_S

    def resume(self, time_s: float) -> None:
        """Go on after a pause."""
        if self._state == "PAUSE":
            self._state = "RUN"
            self._next_s = NEVER_S if self._waiting_trigger else time_s + self._left_s

    def next(self, time_s: float) -> None:
        """Execute the next step now, whatever the present one waits for."""
        if self._state == "STOP":
            self.run(time_s)
            return
        self._waiting_trigger = False
        self._left_s = 0.0
        if self._state == "RUN":
            self._next_s = time_s
        else:
            self._execute(time_s)
            self._next_s = NEVER_S

    def stop(self) -> None:
        """Stop; the setpoints stay as they are."""
        self._state = "STOP"
        self._next_s = NEVER_S
        self._waiting_trigger = False

    def save(self) -> None:
        """``PROGram:SAVe``: what is stored outlasts a loss of the mains."""
        self._saved = deepcopy(self._sequences)

    def forget(self) -> None:
        """After a loss of the mains: the programs are those of the last ``PROGram:SAVe``."""
        self.stop()
        self._sequences = deepcopy(self._saved)
        self._selected = None

    def trigger(self, time_s: float) -> None:
        """Let a waiting ``TRG`` step go on."""
        if self._waiting_trigger:
            self._waiting_trigger = False
            self._left_s = 0.0
            if self._state == "RUN":
                self._next_s = time_s

    # ---- time -----------------------------------------------------------------------------

    def next_event_s(self) -> float:
        """Simulated time of the next step."""
        return self._next_s

    def run_event(self, time_s: float) -> None:
        """Execute the step that is due at ``time_s``."""
        self._execute(time_s)

    # ---- inside ---------------------------------------------------------------------------

    def _execute(self, time_s: float) -> None:
        if self._position >= len(self._numbers):
            self.stop()
            return
        number = self._numbers[self._position]
        self._active_number = number
        step = self.steps()[number]
        self._position += 1
        self._next_s = time_s + STEP_S
        word = step.word
        if word == "W":
            self._next_s = time_s + max(step.value, STEP_S)
        elif word == "SET":
            self._set(step.target, step.value, time_s)
        elif word in ("INC", "DEC"):
            change = step.value if word == "INC" else -step.value
            self._set(step.target, self._read(step.target, time_s) + change, time_s)
        elif word in COMPARISONS:
            if COMPARISONS[word](self._read(step.target, time_s), step.value):
                self._jump(step.label)
        elif word == "JP":
            self._jump(step.label)
        elif word == "JS":
            if len(self._returns) >= NESTING_LIMIT:
                self.stop()
                return
            self._returns.append(self._position)
            self._jump(step.label)
        elif word == "RET":
            if not self._returns:
                self.stop()
                return
            self._position = self._returns.pop()
        elif word == "TRG":
            self._waiting_trigger = True
            self._next_s = NEVER_S
        elif word == "END":
            self.stop()

    def _set(self, target: str, value: float, time_s: float) -> None:
        if target.startswith("#"):
            value = min(max(value, 0.0), VARIABLE_MAXIMUM)
            if target in ("#I", "#J"):
                self._timers[target] = time_s + value * _tick_s(target)
            else:
                self._variables[target] = float(int(value))
        else:
            self._unit.sequence_set(target, value, time_s)

    def _read(self, target: str, time_s: float) -> float:
        if target in ("#I", "#J"):
            left_s = max(0.0, self._timers.get(target, 0.0) - time_s)
            return float(-(-left_s // _tick_s(target)))
        if target.startswith("#"):
            return self._variables.get(target, 0.0)
        return self._unit.sequence_read(target, time_s)

    def _jump(self, label: str) -> None:
        number = int(label) if label.isdigit() else self._chosen().labels.get(label, -1)
        if number not in self.steps():
            self.stop()
            return
        self._position = self._numbers.index(number)

    def _next_number(self) -> int:
        if self._position < len(self._numbers):
            return self._numbers[self._position]
        return self._active_number

    def _chosen_name(self) -> str:
        if self._selected is None:
            raise settings_conflict()
        return self._selected

    def _chosen(self) -> Sequence:
        return self._sequences[self._chosen_name()]

    def _refuse_while_running(self) -> None:
        if self._state != "STOP":
            raise ScpiError(-284, "Program currently running")


def _tick_s(timer: str) -> float:
    return 0.001 if timer == "#I" else 0.1
