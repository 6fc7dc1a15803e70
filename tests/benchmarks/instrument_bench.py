"""The bench on which one instrument is tried: its channel, a guard with a relay, both printers, a battery."""

from __future__ import annotations

from typing import Any

from drivers.catalogue import load_driver
from station.bench import Bench
from tests.benchmarks.instrument_cases import Case

PRINTERS = ("zpl-printer", "tspl-printer")
_RELAY = "modbus-relay"
_WAITS = ("timeout_s", "open_timeout_s", "scan_timeout_s", "reading_timeout_s", "crossing_timeout_s")
PATIENT_S = 30.0


def bench_of(cases: list[Case], *, guarded: bool = True) -> Bench:
    """A bench with one channel for each case; ``guarded``: with a guard, its relay, and both printers."""
    channels, batteries, simulated = [], {}, {}
    for number, case in enumerate(cases):
        name = str(number + 1)
        parts = _placed({"power": case.power, "sensors": list(case.sensors), "bms": case.bms}, f"182{number}")
        channels.append(
            {
                "id": name,
                "name": {"zh": case.driver, "en": case.driver},
                "level": case.level,
                **({"series_cells": case.series} if case.series > 1 else {}),
                **{part: value for part, value in parts.items() if value},
                "limits": {
                    **case.limits,
                    "charge_current_max_A": case.limit_A,
                    "discharge_current_max_A": case.limit_A,
                    "power_max_W": case.power_W,
                },
                **(
                    {"cutoff": {"coil": number, "feedback_input": number + 2}}
                    if guarded
                    else {
                        "accept_no_watchdog": _unwatched(case.power),
                        "accept_no_insulation": "nobody touches a simulation",
                    }
                ),
            }
        )
        batteries[name] = case.battery
        simulated[name] = {case.driver: case.simulated} if case.simulated else {}
        if not guarded:  # without a guard nothing here is real time, the supplies' watchdogs neither
            for driver in ("delta-sm15k", "itech-it6000c"):
                simulated[name][driver] = {"watchdog_clock": "simulated", **simulated[name].get(driver, {})}
    printers = [
        {
            "id": driver.split("-")[0],
            "driver": driver,
            "address": f"tcp://127.0.0.1:1829{place}",
            "label": {"width_mm": 60, "height_mm": 40, "dpi": 203},
            "automatic": ["pass", "fail", "quarantine", "no_verdict"],
        }
        for place, driver in enumerate(PRINTERS)
    ]
    return Bench.model_validate(
        {
            "schema": "pulse-station/bench/1",
            "name": "instruments",
            "title": {"zh": "仪器", "en": "Instruments"},
            "channels": channels,
            "calibration": "warn",
            **(
                {
                    "guard": {
                        "relay": {
                            "driver": _RELAY,
                            "address": "modbus-tcp://127.0.0.1:18297?unit=1",
                            "options": {"timed_coils": True, "timeout_s": 2.0},
                        },
                        "inputs": {"estop": 0, "interlock": 1},
                        "heartbeat_timeout_s": 5,
                    },
                    "printers": printers,
                }
                if guarded
                else {}
            ),
            "simulation": {
                "control": "127.0.0.1:18298",
                "batteries": batteries,
                "options": {"instruments": simulated},
            },
        }
    )


def _unwatched(power: dict[str, Any]) -> list[str]:
    """The load of a pair, else the driver itself."""
    return ["load"] if "load" in power.get("options", {}) else [power["driver"]]


def _placed(node: Any, ports: str) -> Any:
    if isinstance(node, dict):
        return {key: _placed(value, ports) for key, value in node.items()}
    if isinstance(node, list):
        return [_placed(value, ports) for value in node]
    return node.replace("{p}", ports) if isinstance(node, str) else node


def patient(node: Any) -> Any:
    """A part of a bench file with ``PATIENT_S`` for every time in which an instrument must answer.

    For a computer so busy that a program may stand still for seconds: what is tried is the conversation.
    """
    if isinstance(node, list):
        return [patient(part) for part in node]
    if not isinstance(node, dict):
        return node
    grown = {key: patient(value) for key, value in node.items()}
    if isinstance(name := node.get("driver"), str):
        known = load_driver(name).options_model.model_fields
        waits = {wait: PATIENT_S for wait in _WAITS if wait in known}
        grown["options"] = {**grown.get("options", {}), **waits}
    return grown
