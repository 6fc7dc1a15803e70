"""The bench file: channels, the instruments behind each, the guard's cut-off, the bench's own limits."""

from station.bench.calibrate import calibrations_of, with_calibration
from station.bench.clock import BenchClock, HostedClock, ask_simulation, bench_clock, host_time
from station.bench.file import (
    builtin_benches,
    check_bench_text,
    is_shipped,
    load_bench,
    load_geometry,
    locate_bench,
)
from station.bench.geometry import PackGeometry
from station.bench.instruments import (
    Calibration,
    CalibrationPoint,
    InstrumentRef,
    SensorInput,
    SensorRef,
)
from station.bench.model import (
    Bench,
    Channel,
    ChannelLimits,
    Connection,
    Cutoff,
    GuardConfig,
    Insulation,
    LabelStock,
    Precharge,
    PrinterRef,
)

__all__ = [
    "Bench",
    "BenchClock",
    "Calibration",
    "CalibrationPoint",
    "Channel",
    "ChannelLimits",
    "Connection",
    "Cutoff",
    "GuardConfig",
    "HostedClock",
    "InstrumentRef",
    "Insulation",
    "LabelStock",
    "PackGeometry",
    "Precharge",
    "PrinterRef",
    "SensorInput",
    "SensorRef",
    "ask_simulation",
    "bench_clock",
    "builtin_benches",
    "calibrations_of",
    "check_bench_text",
    "host_time",
    "is_shipped",
    "load_bench",
    "load_geometry",
    "locate_bench",
    "with_calibration",
]
