"""Which benches the instruments are tried on: one channel for each driver, and what its verdict has to be.

Right is: where the type of cell was learned as it is measured, an SOH whose interval holds the truth and the
verdict that the truth deserves; where it was not, no SOH, the reason why, and the measurement that would tell
more, which is then made on the same channel (``then``).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

LFP_35 = {
    "kind": "measured",
    "chemistry": "LFP",
    "nominal_capacity_Ah": 35,
    "cell_id": "LFP35-037",
    "soc": 0.5,
}
LFP_20 = {"kind": "measured", "chemistry": "LFP", "nominal_capacity_Ah": 20, "soc": 0.5}
LMO_10 = {
    "kind": "measured",
    "chemistry": "LMO",
    "nominal_capacity_Ah": 10,
    "cell_id": "LMO10-070",
    "soc": 0.5,
}
PACK = {
    "kind": "string",
    "cell": {"kind": "model", "chemistry": "NMC", "nominal_capacity_Ah": 40, "soh": 0.85, "soc": 0.55},
}
IN_SERIES = 12
CELL_LIMITS = {"voltage_min_V": 1.9, "voltage_max_V": 4.3}
NOT_LEARNED, TOO_SMALL = "subset_not_learned", "amplitude_not_learned"
"""Of the type of cell, and of pulses as small as a source for a whole pack makes them."""
SM15K = {
    "driver": "delta-sm15k",
    "address": "tcp://127.0.0.1:{p}1",
    "expect": {"model": "SM70-CP-450"},
    "options": {"remote_sense": True},
}
SM500 = {**SM15K, "expect": {"model": "SM500-CP-90"}}


@dataclass(frozen=True)
class Case:
    """One channel. ``{p}`` in an address becomes the channel's own hundred ports; ``reason`` is why there is
    no SOH, '' where there is one; ``simulated`` are options of the simulated instrument."""

    driver: str
    bench: str
    """What the bench is, in a few words, for the page."""
    power: dict[str, Any]
    battery: dict[str, Any]
    capacity_Ah: float
    limit_A: float
    power_W: float
    reason: str = ""
    then: str = ""
    level: str = "cell"
    series: int = 1
    sensors: tuple[dict[str, Any], ...] = ()
    bms: dict[str, Any] | None = None
    simulated: dict[str, Any] = field(default_factory=dict)
    limits: dict[str, float] = field(default_factory=lambda: dict(CELL_LIMITS))


def _source(driver: str, address: str = "tcp://127.0.0.1:{p}1", **more: Any) -> Case:
    power = {"driver": driver, "address": address, **more}
    return Case(driver, "alone, on a 35 Ah LFP cell", power, LFP_35, 35.0, 100.0, 500.0)


def _module(driver: str, address: str = "tcp://127.0.0.1:{p}1", **more: Any) -> Case:
    """For a source with steps of 10 mV: too coarse for one cell, whose SOH fractions of a mV tell."""
    return replace(
        _source(driver, address, **more),
        bench=f"alone, on a module of {IN_SERIES} of the 35 Ah LFP cells",
        battery={"kind": "string", "cell": LFP_35, "series": IN_SERIES},
        level="module",
        series=IN_SERIES,
        power_W=5000.0,
        limits={name: limit * IN_SERIES for name, limit in CELL_LIMITS.items()},
    )


def _load(driver: str, address: str, options: dict[str, Any], **simulated: Any) -> Case:
    small = float(simulated.get("current_max_A", 30.0)) < 50.0 and driver != "keysight-el30000"
    power = {
        "driver": "supply-and-load",
        "options": {
            "supply": {**SM15K},
            "load": {"driver": driver, "address": address, "options": {**options, "timeout_s": 1.0}},
        },
    }
    battery, capacity, watt = (LMO_10, 10.0, 140.0) if small else (LFP_20, 20.0, 250.0)
    cell = "a 10 Ah LMO cell" if small else "a 20 Ah LFP cell"
    return Case(
        driver, f"with an SM15K as one channel, on {cell}", power, battery, capacity, 30.0 if small else 55.0,
        watt, NOT_LEARNED if small else "", "reference" if small else "", simulated=simulated,
    )  # fmt: skip


def _cycler(driver: str, **options: Any) -> Case:
    power = {
        "driver": driver,
        "address": "tcp://127.0.0.1:{p}1",
        "options": {"channel": 1, "voltage_max_V": 5, "current_max_A": 120, **options},
    }
    return Case(driver, "handed over and read back, a 35 Ah LFP cell", power, LFP_35, 35.0, 100.0, 500.0)


def _sensor(driver: str, inputs: dict[int, str], **more: Any) -> Case:
    listed = [{"number": number, "role": role} for number, role in inputs.items()]
    sensor = {"driver": driver, "address": "tcp://127.0.0.1:{p}2", "inputs": listed, **more}
    return Case(
        driver, "beside an SM15K, a 35 Ah LFP cell", SM15K, LFP_35, 35.0, 100.0, 500.0, sensors=(sensor,)
    )


def _pack(driver: str, address: str, cells: int, source: dict[str, Any], **options: Any) -> Case:
    bms = {"driver": driver, "address": address, "options": options}
    return Case(
        driver, f"in a pack of {cells} modelled NMC cells, on an SM15K", source, {**PACK, "series": cells},
        40.0, 36.0, 15000.0, TOO_SMALL, level="pack", series=cells, bms=bms,
        limits={"voltage_min_V": 2.6 * cells, "voltage_max_V": 4.25 * cells},
    )  # fmt: skip


EA = {"voltage_max_V": 80, "current_max_A": 120, "power_max_W": 5000}
_TEMPERATURES = {101: "cell_surface", 102: "ambient"}
CASES = (
    _source("delta-sm15k", expect={"model": "SM70-CP-450"}, options={"remote_sense": True}),
    _module("ea-psb10000", options=EA),
    _module("ea-psb10000-modbus", "modbus-tcp://127.0.0.1:{p}1?unit=0", options=EA),
    # In steps of 10 mV, which the 800 V model has, one cell of 3.3 V gets no verdict: voltage_too_coarse.
    _source("itech-it6000c", expect={"model": "IT6006C-80-120"},
            options={"pause_s": 0.001, "step_V": 0.001, "step_A": 0.001}),
    _load("rigol-dl3021", "tcp://127.0.0.1:{p}3", {"slew_A_per_us": 0.5, "settle_s": 0.0},
          model="DL3031", current_max_A=60.0, current_low_range_A=6.0, power_max_W=350.0),
    _load("keysight-el30000", "tcp://127.0.0.1:{p}3", {}),
    _load("tti-ld400p", "tcp://127.0.0.1:{p}3", {}, current_max_A=80.0),
    _load("itech-it8500", "tcp://127.0.0.1:{p}3", {}, model="8514C", current_max_A=60.0),
    _load("itech-it8500-scpi", "tcp://127.0.0.1:{p}3",
          {"voltage_max_V": 120.0, "current_max_A": 240.0, "power_max_W": 1500.0}, current_max_A=240.0),
    _load("siglent-sdl1000x", "tcp://127.0.0.1:{p}3", {}),
    _load("korad-kel103", "udp://127.0.0.1:{p}3", {"pause_s": 0.0}, reply_delay_s=0.0),
    _load("kunkin-kp184", "tcp://127.0.0.1:{p}3", {}, reply_delay_s=0.0),
    _load("maynuo-m97", "tcp://127.0.0.1:{p}3", {}, reply_delay_s=0.0),
    _cycler("neware-bts8", device=21, subdevice=1),
    _cycler("arbin-cti", limits_in_schedule=True),
    _cycler("maccor-macnet"),
    _sensor("keysight-34970a", {**_TEMPERATURES, 111: "terminals"}),
    _sensor("keithley-daq6510", {**_TEMPERATURES, 111: "terminals"}, options={"voltage_range_V": 10}),
    _sensor("dcon-thermocouples", {0: "cell_surface", 1: "ambient"}),
    _sensor("hioki-bt3562", {2: "terminals"}),
    _pack("nissan-leaf-bms", "socketcand://127.0.0.1:{p}4/can0", 96, SM500),
    _pack("bms-can", "socketcand://127.0.0.1:{p}4/can0", 98, SM500, family="hyundai-kona-64"),
    _pack("bms-serial", "tcp://127.0.0.1:{p}4", 14, SM15K, family="jbd"),
)  # fmt: skip
