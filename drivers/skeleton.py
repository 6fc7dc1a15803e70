"""Writes the files that a new driver begins with: driver, simulator, test. ``station drivers new NAME``.

The driver gets every method that its category's contract asks for, with the contract's own docstring; each
raises NotImplementedError until it is written. Nothing that exists is overwritten.
"""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from textwrap import indent
from typing import Any

from drivers.contracts.common import Instrument
from drivers.errors import DriverError
from drivers.spec import Category

_CONTRACTS = {
    Category.POWER: "drivers.contracts.power:PowerPort",
    Category.LOAD: "drivers.contracts.load:ElectronicLoad",
    Category.SCANNER: "drivers.contracts.scanner:Scanner",
    Category.RELAY: "drivers.contracts.relay:RelayBoard",
    Category.BMS: "drivers.contracts.bms:Bms",
    Category.PRINTER: "drivers.contracts.printer:LabelPrinter",
    Category.READER: "drivers.contracts.code_reader:CodeReader",
}
_PLACES = {
    "driver": "drivers/{module}.py",
    "simulator": "simulators/instruments/{module}.py",
    "test": "tests/drivers/test_{module}.py",
}
_POWER = {Category.POWER, Category.LOAD}
"""What moves energy stands in the circuit: another template of the simulator."""
_ALWAYS = {
    "drivers.contracts.common": {"Identity"},
    "drivers.datasheet": {"Datasheet", "Evidence", "Variant"},
    "drivers.spec": {"Category", "DriverOptions", "DriverSpec", "need_address"},
    "drivers.transports.line": {"LineOptions", "LineTransport"},
    "drivers.transports.open": {"open_line"},
    "drivers.transports.scpi": {"query_identity"},
    "typing": {"Any"},
}
"""What each driver imports."""
_REGISTERS = {
    Category.POWER: "simulators/sources.py: a SourceModel of this kind, SourceInstrument and build_source",
    Category.LOAD: "simulators/loads.py: a LoadModel of this kind, LoadInstrument and build_load",
    Category.SCANNER: "simulators/meters.py: a MeterModel of this kind, MeterInstrument and build_meter",
}
_ELSEWHERE = "simulators/config.py: a model of this kind in Instrument; simulators/channel.py builds it"
_LINE = 110
_HAVE = {"Instrument", "abstractmethod"}


class BadSkeleton(DriverError):
    """The name cannot be used, or a file is there already."""

    code = "driver.skeleton"


def contract_of(category: Category) -> type[Instrument]:
    """The abstract class that drivers of a category fulfil. Raises BadSkeleton where there is none here."""
    if category not in _CONTRACTS:
        raise BadSkeleton(
            f"there is no skeleton for category {category.value!r}",
            remedy=f"There are: {', '.join(sorted(known.value for known in _CONTRACTS))}.",
            category=category.value,
        )
    module, _, name = _CONTRACTS[category].partition(":")
    found: type[Instrument] = getattr(import_module(module), name)
    return found


def skeleton(name: str, category: Category) -> dict[str, str]:
    """Paths below the project's folder, and what is to stand there. Raises BadSkeleton."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", name):
        raise BadSkeleton(
            f"{name!r} is no name for a driver",
            remedy="Vendor and model in small letters, joined by '-', as in rigol-dl3021.",
            name=name,
        )
    contract = contract_of(category)
    methods, imports = _methods(contract)
    words = {
        "NAME": name,
        "MODULE": name.replace("-", "_"),
        "CLASS": "".join(part.capitalize() for part in name.split("-")),
        "CATEGORY": category.name,
        "CONTRACT": contract.__name__,
        "IMPORTS": "\n".join(imports),
        "METHODS": methods,
    }
    return {
        place.format(module=words["MODULE"]): _filled(
            "simulator_power.txt" if part == "simulator" and category in _POWER else f"{part}.txt", words
        )
        for part, place in _PLACES.items()
    }


def write_skeleton(folder: Path, name: str, category: Category) -> list[Path]:
    """Write the files below ``folder``. Raises BadSkeleton, and then nothing is written."""
    wanted = {folder / place: text for place, text in skeleton(name, category).items()}
    there = [str(path) for path in wanted if path.exists()]
    if there:
        raise BadSkeleton(
            f"already there: {', '.join(there)}",
            remedy="Choose another name, or remove the files.",
            files=there,
        )
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(wanted)


def entries(name: str, category: Category) -> str:
    """What is still to be registered by hand, as text."""
    module = name.replace("-", "_")
    return (
        f'pyproject.toml, [project.entry-points."pulse_station.drivers"]:\n'
        f'    {name} = "drivers.{module}:driver"\n'
        f"drivers/catalogue.py, _BUILT_IN (drivers of this project only):\n"
        f'    "{name}": "drivers.{module}:driver",\n'
        f"{_REGISTERS.get(category, _ELSEWHERE)}; kind {name!r}\n"
        f"station/simulation/simulated_bench.py, SIMULATOR_OF_DRIVER:\n"
        f'    "{name}": "{name}",\n'
        f"pyproject.toml, import rule of station.engine, forbidden_modules (drivers of this project only):\n"
        f'    "drivers.{module}",\n'
        f"docs/instruments.md: python -m drivers.matrix > docs/instruments.md"
    )


def _filled(template: str, words: dict[str, str]) -> str:
    text = files("drivers").joinpath("templates", template).read_text(encoding="utf-8")
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    return text


def _methods(contract: type[Instrument]) -> tuple[str, list[str]]:
    parts, used = [], {contract.__name__}
    for name in sorted(contract.__abstractmethods__, key=lambda name: _line_of(contract, name)):
        member = inspect.getattr_static(contract, name)
        function: Any = member.fget if isinstance(member, property) else member
        if name in ("identify", "close"):
            continue  # the template has them
        signature = str(inspect.signature(function)).replace("'", "")
        used |= set(re.findall(r"\b[A-Z]\w+", signature))
        decorator = "@property\n" if isinstance(member, property) else ""
        parts.append(f"{decorator}def {name}{signature}:\n    raise NotImplementedError(self.address)\n")
    return indent("\n".join(parts), "    ").rstrip() + "\n", _imports(contract, used)


def _line_of(contract: type[Instrument], name: str) -> tuple[int, int]:
    for depth, owner in enumerate(reversed(contract.__mro__)):
        if name in owner.__dict__:
            return depth, list(owner.__dict__).index(name)
    return 0, 0


def _imports(contract: type[Instrument], used: set[str]) -> list[str]:
    space = vars(import_module(contract.__module__))
    by_module = {module: set(names) for module, names in _ALWAYS.items()}
    for name in used - _HAVE:
        thing = space.get(name)
        if thing is not None:
            home = (
                "collections.abc" if name == "Sequence" else getattr(thing, "__module__", contract.__module__)
            )
            by_module.setdefault(home, set()).add(name)
    lines = [_line(module, sorted(names, key=str.lower)) for module, names in sorted(by_module.items())]
    ours = [line for line in lines if line.startswith("from drivers.")]
    return [*(line for line in lines if line not in ours), "", *ours]


def _line(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _LINE:
        return line
    return "\n".join((f"from {module} import (", *(f"    {name}," for name in names), ")"))
