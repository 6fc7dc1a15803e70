"""Battery physics: modelled cells, cells that answer as recorded ones did, modules and packs."""

from __future__ import annotations

from simulators.battery.base import Battery, Truth
from simulators.battery.build import build_battery
from simulators.battery.errors import BatteryError

__all__ = ["Battery", "BatteryError", "Truth", "build_battery"]
