"""What a simulated controller believes of the battery of its channel."""

from __future__ import annotations

from simulators.instruments.pack_balancing import Balancing
from simulators.instruments.pack_languages import PackView
from simulators.wiring import Circuit


def view_of(
    circuit: Circuit,
    *,
    insulation_ohm: float,
    charged_Ah: float,
    waking: bool = False,
    wrong_sign: bool = False,
    contactors: str = "",
    balancing: Balancing | None = None,
) -> PackView:
    """Look at the circuit now; a simulated insulation network goes before the option."""
    circuit.refresh()
    truth = circuit.battery.truth()
    current_A = circuit.current_A
    network = circuit.insulation
    cells_V = circuit.battery.cell_voltages_V(current_A)
    balanced: frozenset[int] = frozenset()
    if balancing is not None and balancing.current_A > 0:
        balanced = balancing.cells(circuit.battery.cell_voltages_V(0.0))
        cells_V = balancing.read_V(cells_V, balanced)
    return PackView(
        current_A=-current_A if wrong_sign else current_A,
        voltage_V=circuit.battery.voltage_V(current_A),
        soc=min(max(truth.soc, 0.0), 1.0),
        soh=truth.soh,
        cells_V=cells_V,
        temperatures_degC=circuit.battery.temperatures_degC(),
        insulation_ohm=insulation_ohm if network is None else network.resistance_ohm(),
        charged_Ah=charged_Ah + max(circuit.charge_Ah, 0.0),
        discharged_Ah=charged_Ah * 0.998 + max(-circuit.charge_Ah, 0.0),
        waking=waking,
        contactors=contactors,
        outside_V=circuit.outside_V(),
        balanced=balanced,
    )
