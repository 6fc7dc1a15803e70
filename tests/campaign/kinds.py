"""The kinds of channel under test, each a bench of its own cut out of the demo bench."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.bench import Bench, load_bench
from station.simulation import with_free_ports

SHORT: tuple[dict[str, Any], ...] = (
    {"step": "contact_check", "current_C": 0.1, "duration_s": 4.0, "rest_s": 2.0},
    {"step": "pulse_pair", "current_C": 2.5, "current_floor_C": 0.5, "duration_s": 5.0, "rest_s": 5.0},
)
LONG: tuple[dict[str, Any], ...] = (
    *SHORT,
    {"step": "rest", "duration_s": 150.0},
)
WIDE: tuple[dict[str, Any], ...] = (
    SHORT[0],
    {**SHORT[1], "current_C": 1.0, "duration_s": 20.0},
)
PROFILES = {"short": SHORT, "long": LONG, "wide": WIDE}


@dataclass(frozen=True)
class Kind:
    """One kind of channel: which of the demo bench's, what hangs on it, how its edges are made."""

    name: str
    channel: str
    nominal_capacity_Ah: float
    chemistry: str
    timing: str
    battery: Mapping[str, Any]
    has_watchdog: bool = True

    def bench(self) -> Bench:
        """The demo bench with this channel only, on free ports."""
        data = load_bench("demo").model_dump(mode="json", by_alias=True)
        data["name"] = f"campaign-{self.name}"
        data["printers"] = []
        data["channels"] = [c for c in data["channels"] if c["id"] == self.channel]
        data["simulation"]["batteries"] = {self.channel: dict(self.battery)}
        options = data["simulation"]["options"]
        for key, value in options.items():
            if isinstance(value, dict):
                options[key] = {k: v for k, v in value.items() if k in ("", self.channel)} or value
        return with_free_ports(Bench.model_validate(data))

    def profile(self, folder: Path, length: str) -> Path:
        """The test this kind is put through, as a profile file."""
        path = folder / f"{self.name}-{length}.yaml"
        text = {"zh": "故障演练", "en": "Fault campaign"}
        profile = {
            "schema": "pulse-station/profile/1", "name": f"campaign-{length}", "title": text,
            "description": text, "timing": self.timing, "sampling_Hz": 10,
            "steps": list(PROFILES[length]),
        }  # fmt: skip
        path.write_text(json.dumps(profile, ensure_ascii=False), encoding="utf-8")  # YAML, too
        return path


_LFP35 = {
    "kind": "measured", "chemistry": "LFP", "nominal_capacity_Ah": 35, "cell_id": "LFP35-037", "soc": 0.5,
}  # fmt: skip
_LMO10 = {
    "kind": "measured", "chemistry": "LMO", "nominal_capacity_Ah": 10, "cell_id": "LMO10-070", "soc": 0.4,
}  # fmt: skip
_LFP20 = {"kind": "measured", "chemistry": "LFP", "nominal_capacity_Ah": 20, "soc": 0.5}
_NMC40 = {"kind": "model", "chemistry": "NMC", "nominal_capacity_Ah": 40, "soh": 0.82, "soc": 0.55}

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("sequenced", "1", 35.0, "LFP", "sequenced", _LFP35),
        Kind("commanded", "1", 35.0, "LFP", "commanded", _LFP35),
        Kind("pair", "2", 10.0, "LMO", "best", _LMO10, has_watchdog=False),
        Kind("module", "3", 20.0, "LFP", "best", {"kind": "string", "series": 6, "cell": _LFP20}),
        Kind("pack", "4", 40.0, "NMC", "best", {"kind": "string", "series": 96, "cell": _NMC40}),
    )
}
