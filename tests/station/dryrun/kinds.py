"""The kinds of bench that profiles are played on, each with a battery that fits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from station.bench import Bench, load_bench
from station.dryrun import dry_bench


@dataclass(frozen=True)
class Kind:
    """A channel of a bench that ships; ``battery`` None is the bench's own."""

    file: str
    channel: str
    chemistry: str
    capacity_Ah: float
    battery: dict[str, Any] | None = field(default=None)

    def bench(self) -> Bench:
        """This channel alone."""
        return dry_bench(load_bench(self.file), self.channel, self.battery)


def _cell(chemistry: str, capacity_Ah: float, soc: float = 0.5) -> dict[str, Any]:
    return {
        "kind": "model", "chemistry": chemistry, "nominal_capacity_Ah": capacity_Ah, "soh": 0.9, "soc": soc,
    }  # fmt: skip


KINDS = {
    "cell-source": Kind("demo", "1", "NMC", 20.0, _cell("NMC", 20.0)),
    "cell-pair": Kind("demo", "2", "LFP", 10.0, _cell("LFP", 10.0)),
    "module": Kind(
        "demo",
        "3",
        "LFP",
        20.0,
        {"kind": "string", "series": 6, "cell": _cell("LFP", 20.0)},
    ),
    "pack-leaf": Kind("demo", "4", "NMC", 40.0),
    "pack-lfp": Kind("pack-demo", "1", "LFP", 152.0),
    "pack-nmc": Kind("pack-demo", "2", "NMC", 152.0),
}
