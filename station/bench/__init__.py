"""The bench file: channels, the instruments behind each, the guard's cut-off, the bench's own limits."""

from station.bench.clock import BenchClock, ask_simulation, bench_clock
from station.bench.file import builtin_benches, load_bench, locate_bench
from station.bench.model import (
    Bench,
    Calibration,
    Channel,
    ChannelLimits,
    Cutoff,
    GuardConfig,
    InstrumentRef,
    Insulation,
    LabelStock,
    Precharge,
    PrinterRef,
    SensorInput,
    SensorRef,
)

__all__ = [
    "Bench",
    "BenchClock",
    "Calibration",
    "Channel",
    "ChannelLimits",
    "Cutoff",
    "GuardConfig",
    "InstrumentRef",
    "Insulation",
    "LabelStock",
    "Precharge",
    "PrinterRef",
    "SensorInput",
    "SensorRef",
    "ask_simulation",
    "bench_clock",
    "builtin_benches",
    "load_bench",
    "locate_bench",
]
