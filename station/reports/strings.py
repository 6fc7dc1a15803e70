"""A block measured at the terminals of a string, seen as its mean cell."""

from __future__ import annotations

from dataclasses import replace

from station.diagnosis.pulses import Block, Pulse


def per_cell(block: Block, series_cells: int) -> Block:
    """The block with every voltage and resistance divided by ``series_cells``."""
    if series_cells == 1:
        return block
    return replace(
        block,
        ocv_V=_share(block.ocv_V, series_cells),
        pulses=tuple(_pulse(pulse, series_cells) for pulse in block.pulses),
    )


def _pulse(pulse: Pulse, cells: int) -> Pulse:
    return replace(
        pulse,
        voltage_before_V=pulse.voltage_before_V / cells,
        end_voltage_V=pulse.end_voltage_V / cells,
        resistance_ohm={key: _share(value, cells) for key, value in pulse.resistance_ohm.items()},
        voltage_10ms_V=_share(pulse.voltage_10ms_V, cells),
        rest_voltage_10ms_V=_share(pulse.rest_voltage_10ms_V, cells),
        recovered_voltage_V=_share(pulse.recovered_voltage_V, cells),
        recovered_voltage_15w_V=_share(pulse.recovered_voltage_15w_V, cells),
        sigma_V={name: value / cells for name, value in pulse.sigma_V.items()},
    )


def _share(value: float | None, cells: int) -> float | None:
    return None if value is None else value / cells
