"""What everybody may know of a channel."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["idle", "checks", "running", "stopping", "safe", "analysis", "verdict", "fault"]
WORKER_STATES = ("checks", "running", "stopping", "safe")
ACTIVE_STATES = ("checks", "running", "stopping", "safe", "analysis")


@dataclass
class ChannelState:
    """One channel's tile. Seconds are bench seconds; a value that is not known is None."""

    state: State = "idle"
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
    acknowledged: bool = True

    @property
    def active(self) -> bool:
        """True from the accepted start to the end of the analysis."""
        return self.state in ACTIVE_STATES

    @property
    def latched(self) -> bool:
        """True while a fault waits for a person."""
        return self.state == "fault" and not self.acknowledged

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the API."""
        return asdict(self)


def fault_state(row: dict[str, Any]) -> ChannelState:
    """The tile of a run on record that failed and that nobody has acknowledged."""
    return ChannelState(
        state="fault",
        run_id=row["run_id"],
        battery=row["battery"],
        profile=row["profile"],
        verdict=row["verdict"],
        fault=row["error"],
        acknowledged=False,
    )


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
