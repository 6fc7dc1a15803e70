"""One simulated channel put together: circuit, instruments and their servers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Protocol

from simulators import config
from simulators.battery.base import Battery
from simulators.clock import SimClock
from simulators.faults import FaultError, FaultSet, FaultValue
from simulators.instruments.can_leaf import LeafBms
from simulators.instruments.can_packs import CanPack
from simulators.instruments.cycler_channel import CyclerChannel
from simulators.instruments.cyclers import CyclerServer, build_cycler
from simulators.instruments.delta_sm15k import DeltaSM15K
from simulators.instruments.gbt_vehicle import GbtVehicle
from simulators.instruments.keysight_34970a import Keysight34970A
from simulators.instruments.power import PowerInstrument
from simulators.instruments.rigol_dl3021 import RigolDL3021
from simulators.instruments.serial_packs import SerialPack
from simulators.insulation import InsulationNetwork
from simulators.loads import LoadModel, build_load
from simulators.meters import Meter, MeterModel, build_meter
from simulators.scpi.server import LineServer
from simulators.sources import SourceModel, build_source
from simulators.wiring import Circuit, PackPath

BatteryBuilder = Callable[[Mapping[str, Any], int], Battery]


class Server(Protocol):
    """Something that listens."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and bound port."""
        ...

    async def start(self) -> None:
        """Bind and listen."""
        ...

    async def stop(self) -> None:
        """Close."""
        ...


@dataclass(frozen=True)
class Unit:
    """One instrument of a channel with its server and faults."""

    kind: str
    server: Server
    faults: FaultSet
    power: PowerInstrument | CyclerChannel | None = None
    power_down: Callable[[], None] | None = None
    """What losing its mains does to the instrument itself."""


class SimulatedChannel:
    """A channel's physics and instruments."""

    def __init__(
        self, settings: config.Channel, clock: SimClock, battery: Battery, *, has_contactor: bool
    ) -> None:
        self.id = settings.id
        wiring = settings.wiring
        self.circuit = Circuit(
            clock,
            battery,
            lead_resistance_ohm=wiring.lead_resistance_ohm,
            polarity_reversed=wiring.polarity_reversed,
            contactor_delay_s=wiring.contactor_delay_s,
            has_contactor=has_contactor,
            sense_at=wiring.sense_at,
            pack=_pack(wiring),
            short_cell=wiring.short_cell,
        )
        if (net := wiring.insulation) is not None:
            self.circuit.insulation = InsulationNetwork(
                self.circuit.faults,
                minus_ohm=net.minus_ohm,
                plus_ohm=net.plus_ohm,
                y_capacitance_F=net.y_capacitance_F,
                voltmeter_ohm=net.voltmeter_ohm,
                test_ohm=net.test_ohm,
                test_pole=net.test_pole,
            )
        self.cyclers: list[CyclerServer] = []
        self.scanners: list[Keysight34970A | Meter] = []
        self.units = [
            self._unit(instrument, settings.seed + index)
            for index, instrument in enumerate(settings.instruments)
        ]

    def _unit(self, instrument: config.Instrument, seed: int) -> Unit:
        host, port = instrument.host, instrument.port
        if isinstance(instrument, config.LeafInstrument):
            bms = LeafBms(instrument.options, self.circuit, host=host, port=port)
            return Unit(instrument.kind, bms, bms.faults)
        if isinstance(instrument, LoadModel):
            load, load_server = build_load(instrument, self.circuit, seed)
            return Unit(instrument.kind, load_server, load.faults, load, load.power_down)
        if isinstance(instrument, config.CyclerInstrument):
            cycler = build_cycler(instrument.kind, instrument.options, host=host, port=port, seed=seed)
            self.cyclers.append(cycler)
            own = cycler.wire(None, self.circuit)
            return Unit(instrument.kind, cycler, cycler.faults, own, own.power_down)
        if isinstance(instrument, SourceModel):
            source, source_server = build_source(instrument, self.circuit, seed)
            return Unit(instrument.kind, source_server, source.faults, source, source.power_down)
        if isinstance(instrument, MeterModel):
            meter, meter_server = build_meter(instrument, self.circuit, seed)
            self.scanners.append(meter)
            return Unit(instrument.kind, meter_server, meter.faults, power_down=meter.reset)
        if isinstance(instrument, config.CanPackInstrument):
            pack = CanPack(instrument.options, self.circuit, host=host, port=port)
            return Unit(instrument.kind, pack, pack.faults)
        if isinstance(instrument, config.GbtVehicleInstrument):
            vehicle = GbtVehicle(instrument.options, self.circuit, host=host, port=port)
            return Unit(instrument.kind, vehicle, vehicle.faults)
        if isinstance(instrument, config.SerialPackInstrument):
            board = SerialPack(instrument.options, self.circuit, host=host, port=port)
            return Unit(instrument.kind, board, board.faults)
        clients = instrument.options.max_clients
        if isinstance(instrument, config.KeysightInstrument):
            scanner = Keysight34970A(instrument.options, self.circuit, seed=seed)
            self.scanners.append(scanner)
            return Unit(
                instrument.kind,
                LineServer(scanner, host=host, port=port, max_clients=clients),
                scanner.faults,
                power_down=scanner.reset,
            )
        power: PowerInstrument
        if isinstance(instrument, config.DeltaInstrument):
            power = DeltaSM15K(instrument.options, self.circuit, seed=seed)
        else:
            power = RigolDL3021(instrument.options, self.circuit, seed=seed)
        server = LineServer(power, host=host, port=port, max_clients=clients)
        return Unit(instrument.kind, server, power.faults, power, power.power_down)

    def unit(self, instrument: str | int | None) -> Unit:
        """An instrument by kind or index. Raises FaultError naming what there is."""
        for index, unit in enumerate(self.units):
            if instrument in (index, unit.kind):
                return unit
        kinds = ", ".join(unit.kind for unit in self.units)
        raise FaultError(f"channel {self.id} has no instrument {instrument!r}; it has {kinds}")

    def fault_sets(self, instrument: str | int | None, name: str) -> list[FaultSet]:
        """Where a fault belongs: the wiring if it knows it, else every instrument that does.

        ``instrument`` is a kind or an index. Raises FaultError naming what there is.
        """
        if instrument is None:
            if self.circuit.faults.knows(name):
                return [self.circuit.faults]
            chosen = [unit.faults for unit in self.units if unit.faults.knows(name)]
            if not chosen:
                known = sorted({n for faults in self.all_faults() for n in faults.names()})
                raise FaultError(f"channel {self.id} has no fault {name!r}; it has {', '.join(known)}")
            return chosen
        unit = self.unit(instrument)
        if not unit.faults.knows(name):
            raise FaultError(f"{unit.kind} has no fault {name!r}; it has {', '.join(unit.faults.names())}")
        return [unit.faults]

    def all_faults(self) -> list[FaultSet]:
        """Fault sets of the wiring and all instruments."""
        return [self.circuit.faults, *(unit.faults for unit in self.units)]

    def active_faults(self) -> dict[str, FaultValue]:
        """Active faults, as ``target: name``."""
        return {
            f"{faults.target}: {name}": value
            for faults in self.all_faults()
            for name, value in faults.active.items()
        }

    def truth(self) -> dict[str, Any]:
        """What really is: battery and circuit now."""
        circuit = self.circuit
        circuit.advance()
        truth = circuit.battery.truth()
        return {
            "channel": self.id,
            "chemistry": truth.chemistry,
            "nominal_capacity_Ah": truth.nominal_capacity_Ah,
            "capacity_Ah": truth.capacity_Ah,
            "soh": truth.soh,
            "soc": truth.soc,
            "cell_ids": list(truth.cell_ids),
            "series_cells": circuit.battery.series_cells,
            "current_A": circuit.current_A,
            "voltage_V": circuit.battery.voltage_V(circuit.current_A),
            "temperatures_degC": list(circuit.battery.temperatures_degC()),
            "output_on": [unit.power.output_on for unit in self.units if unit.power is not None],
            "cutoff_closed": circuit.contactor_closed,
            "precharge_closed": circuit.precharge_closed,
            "pack_closed": circuit.pack_closed,
            "posts_V": circuit.posts_V(),
            "terminals_V": circuit.terminals_V(),
            "inrush_peak_A": circuit.inrush_peak_A,
            "insulation_ohm": None if circuit.insulation is None else circuit.insulation.resistance_ohm(),
            "fuse_blown": circuit.fuse_blown,
            "charge_Ah": circuit.charge_Ah,
            "time_s": circuit.time_s,
            "faults": self.active_faults(),
        }


def _pack(wiring: config.Wiring) -> PackPath | None:
    if wiring.output_capacitance_F == 0.0:
        return None
    return PackPath(
        capacitance_F=wiring.output_capacitance_F,
        bleeder_ohm=wiring.bleeder_ohm,
        precharge_ohm=inf if wiring.precharge is None else wiring.precharge.resistance_ohm,
        fuse_inrush_A=wiring.fuse_inrush_A,
        weld_inrush_A=wiring.weld_inrush_A,
    )
