"""What these tests ask of an SM15K."""

from __future__ import annotations

from drivers.contracts.power import Protection

PROTECTION = Protection(
    voltage_min_V=240.0,
    voltage_max_V=403.2,
    charge_current_max_A=60.0,
    discharge_current_max_A=80.0,
    charge_power_max_W=12000.0,
    discharge_power_max_W=14000.0,
)
