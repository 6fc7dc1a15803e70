"""The names of what a BMS tells of its battery's life; units are in the names."""

from __future__ import annotations

COUNTERS = (
    "cycle_count",
    "charge_count",
    "charge_throughput_Ah",
    "discharge_throughput_Ah",
    "operating_hours",
    "odometer_km",
)
"""What can only grow in the life of one BMS."""
NUMBERS = (
    "soh_pct",
    *COUNTERS,
    "cell_voltage_max_ever_V",
    "cell_voltage_min_ever_V",
    "nominal_capacity_Ah",
)
OTHERS = ("chemistry", "chemistry_code", "faults")
"""``chemistry_code`` is the battery type of GB/T 27930, ``faults`` a list of texts."""
