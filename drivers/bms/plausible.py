"""Values of a recording that no battery can have: they are no numbers, and found by name.

A frame without a checksum may be of another controller with the same identifier, or damaged. Live, such a
value stays what it is: there the station's limits judge it, and they must see the worst.
"""

from __future__ import annotations

from collections.abc import Iterable

from drivers.bms.log_series import Series
from drivers.bms.signals import SignalStore

_BOUNDS: tuple[tuple[str, str, float, float], ...] = (
    ("cell_voltage", "V", -1.0, 6.0),
    ("pack_voltage", "V", -10.0, 1500.0),
    ("module_voltage", "V", -10.0, 1500.0),
    ("cell_sum", "V", -10.0, 1500.0),
    ("current", "A", -4000.0, 4000.0),
    ("module_current", "A", -4000.0, 4000.0),
    ("temperature", "degC", -60.0, 200.0),
    ("cell_temperature", "degC", -60.0, 200.0),
    ("soc", "%", -5.0, 110.0),
    ("soh", "%", 0.0, 150.0),
)
"""Beginning of a name, unit, lowest and highest value; choices of this project, wide on purpose."""


def without_impossible(series: Iterable[Series], store: SignalStore, start_s: float) -> None:
    """Take out of each series what cannot be. ``start_s``: the time that the series' times count from."""
    for one in series:
        bounds = next((b for b in _BOUNDS if one.unit == b[1] and one.name.startswith(b[0])), None)
        if bounds is None:
            continue
        _, _, low, high = bounds
        wrong = [
            n for n, value in enumerate(one.values) if isinstance(value, float) and not low <= value <= high
        ]
        if not wrong:
            continue
        for n in wrong:
            one.values[n] = None
        first_s, last_s = start_s + one.times_s[wrong[0]], start_s + one.times_s[wrong[-1]]
        store.find_many("implausible", one.name, len(wrong), first_s, last_s)
