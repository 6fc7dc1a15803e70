"""The bench file: channels, the instruments behind each, the guard's cut-off, the bench's own limits."""

from station.bench.clock import BenchClock, HostedClock, ask_simulation, bench_clock, host_time
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
    Precharge,
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
    "HostedClock",
    "InstrumentRef",
    "Insulation",
    "Precharge",
    "SensorInput",
    "SensorRef",
    "ask_simulation",
    "bench_clock",
    "builtin_benches",
    "host_time",
    "load_bench",
    "locate_bench",
]
