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


def scaled(block: Block, factor: float) -> Block:
    """The block as a cell would give it whose resistance is ``factor`` times this one's."""
    return replace(block, pulses=tuple(_scaled(pulse, factor) for pulse in block.pulses))


def _scaled(pulse: Pulse, factor: float) -> Pulse:
    def far(value: float | None) -> float | None:
        before = pulse.voltage_before_V
        return None if value is None else before + (value - before) * factor

    return replace(
        pulse,
        end_voltage_V=pulse.voltage_before_V + (pulse.end_voltage_V - pulse.voltage_before_V) * factor,
        resistance_ohm={key: _times(value, factor) for key, value in pulse.resistance_ohm.items()},
        voltage_10ms_V=far(pulse.voltage_10ms_V),
        rest_voltage_10ms_V=far(pulse.rest_voltage_10ms_V),
        recovered_voltage_V=far(pulse.recovered_voltage_V),
        recovered_voltage_15w_V=far(pulse.recovered_voltage_15w_V),
    )


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


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
        clock_V={name: value / cells for name, value in pulse.clock_V.items()},
    )


def _share(value: float | None, cells: int) -> float | None:
    return None if value is None else value / cells
