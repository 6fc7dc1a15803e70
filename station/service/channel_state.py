"""What everybody may know of a channel. Its state changes by the events of ``station.lifecycle`` alone."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from station.lifecycle import ACTIVE, Event, Machine, State
from station.service.told import STOPPABLE

WORKER_SAYS = ("pause", "resume", "skip")


@dataclass
class ChannelState:
    """One channel's tile. Seconds are bench seconds; a value that is not known is None.

    ``interrupted`` is a fault whose test may go on; ``closing`` says that the run's records are still being
    written; ``worker_may`` is what the worker says it can be asked now; ``adaptive`` the newest decision
    of an adaptive step (event code and params): what is known by then and what is measured next.
    ``question`` is what the test asks the operator now: ``prompt`` its number, ``text`` in both languages,
    ``answer`` ``confirm`` or ``number`` (``low``, ``high``), ``timeout_s`` in real time.
    """

    run_id: str | None = None
    battery: str | None = None
    profile: str | None = None
    elapsed_s: float | None = None
    remaining_s: float | None = None
    progress: float | None = None
    voltage_V: float | None = None
    current_A: float | None = None
    surface_degC: float | None = None
    verdict: str | None = None
    grade: str | None = None
    soh: dict[str, float] | None = None
    resistance_mohm: float | None = None
    fault: dict[str, Any] | None = None
    adaptive: dict[str, Any] | None = None
    question: dict[str, Any] | None = None
    acknowledged: bool = True
    interrupted: bool = False
    closing: bool = False
    resumes: int = 0
    worker_may: dict[str, bool] = field(default_factory=dict)
    machine: Machine = field(default_factory=Machine)

    @property
    def state(self) -> State:
        """Where the channel is."""
        return self.machine.state

    def fire(self, event: Event) -> State:
        """Go on by the table. Raises Forbidden, and stays where it is."""
        return self.machine.fire(event)

    @property
    def active(self) -> bool:
        """True from the accepted start to the end of the analysis."""
        return self.state in ACTIVE

    @property
    def latched(self) -> bool:
        """True while a fault waits for a person."""
        return self.state is State.FAULT and not self.acknowledged

    @property
    def may(self) -> dict[str, bool]:
        """What a person can ask of the channel now."""
        state, worker = self.state, self.worker_may
        waits = self.interrupted and self.latched and not self.closing
        return {
            "pause": state is State.RUNNING and worker.get("pause", False),
            "resume": waits or (state is State.PAUSED and worker.get("resume", False)),
            "skip": state in (State.RUNNING, State.PAUSED) and worker.get("skip", False),
            "stop": state in STOPPABLE,
            "close": waits,
        }

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the API."""
        shown = {item.name: getattr(self, item.name) for item in fields(self)}
        del shown["machine"], shown["worker_may"]
        return {"state": self.state.value, **shown, "may": self.may}


def fault_state(row: dict[str, Any]) -> ChannelState:
    """The tile of a run on record that failed and that nobody has acknowledged."""
    tile = ChannelState(
        run_id=row["run_id"],
        battery=row["battery"],
        profile=row["profile"],
        verdict=row["verdict"],
        fault=row["error"],
        acknowledged=False,
        interrupted=row["state"] == "interrupted",
        closing=row["state"] in ("running", "analysis"),
        resumes=row["resumes"],
    )
    tile.fire(Event.LATCHED)
    return tile


def resistance_mohm(result: dict[str, Any]) -> float | None:
    """The resistance for the tile in mΩ: 1 s into the last discharge pulse, else the nearest there is.

    None when the diagnosis has none.
    """
    pulses = [pulse for block in result.get("blocks") or [] for pulse in block.get("pulses") or []]
    pulses.sort(key=lambda pulse: pulse.get("current_A", 0.0) > 0)  # discharge first, order kept
    discharges = [pulse for pulse in pulses if pulse.get("current_A", 0.0) < 0]
    for pulse in (discharges or pulses)[::-1]:
        for at_s in ("1", "0.1", "5", "10", "0.01"):
            value = (pulse.get("resistance_ohm") or {}).get(at_s)
            if value is not None:
                return float(value) * 1e3
    return None
