"""The template command: what it writes is a whole driver of its category, registered or not."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from drivers.skeleton import BadSkeleton, contract_of, entries, skeleton, write_skeleton
from drivers.spec import Category, DriverSpec
from simulators.clock import ManualTime, SimClock
from simulators.instruments.power import PowerInstrument
from simulators.wiring import Circuit
from tests.simulators.instruments.conftest import OhmicBattery


def loaded(path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of a file, under a name that others can find while it is loaded."""
    name = f"written_{path.parent.name}_{path.stem}"
    found = spec_from_file_location(name, path)
    assert found is not None
    assert found.loader is not None
    module = module_from_spec(found)
    monkeypatch.setitem(sys.modules, name, module)
    found.loader.exec_module(module)
    return module


def ruff_says(folder: Path) -> str:
    """What the project's own rules find in the files, once they stand in the project."""
    rules = Path(__file__).resolve().parents[2] / "pyproject.toml"
    own = ("--config", str(rules), "--config", "src=['.']")
    known = ("--config", "lint.isort.known-first-party=['drivers','simulators','tests']")
    ruff = str(Path(sys.executable).with_name("ruff"))
    said = ""
    for command in (("check", *own, *known, "-q"), ("format", "--check", *own, "-q")):
        done = subprocess.run((ruff, *command, "."), cwd=folder, capture_output=True, text=True, check=False)
        said += done.stdout + done.stderr
    return said


@pytest.mark.parametrize("category", ["power", "load", "scanner", "relay", "bms", "printer"])
def test_a_skeleton_has_every_method_of_its_contract(
    tmp_path: Path, category: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = Category(category)
    driver, simulator, test = write_skeleton(tmp_path, f"acme-el9000-{category}", wanted)
    for path in (driver, simulator, test):
        assert "@" not in path.read_text().replace("@property", "")
        ast.parse(path.read_text())
    assert "drivers" not in {
        (node.module or "").split(".")[0]
        for node in ast.walk(ast.parse(simulator.read_text()))
        if isinstance(node, ast.ImportFrom)
    }
    module, simulated = (loaded(path, monkeypatch) for path in (driver, simulator))
    # As what its test will import it, once it stands in the project.
    monkeypatch.setitem(sys.modules, f"drivers.{driver.stem}", module)
    spec = module.driver
    assert isinstance(spec, DriverSpec)
    assert spec.category is wanted
    name = f"AcmeEl9000{category.capitalize()}"
    made = getattr(module, name)
    assert issubclass(made, contract_of(wanted))
    assert not inspect.isabstract(made)
    circuit = Circuit(SimClock(monotonic=ManualTime()), OhmicBattery({}))
    device = getattr(simulated, name)(getattr(simulated, f"{name}Options")(), circuit)
    assert device.execute("*RST;*IDN?") == ["MAKER,MODEL,000001,1.0"]
    assert isinstance(device, PowerInstrument) is (category in ("power", "load"))
    assert ruff_says(tmp_path) == ""
    checks = loaded(test, monkeypatch)
    with pytest.raises(AssertionError) as left:
        checks.test_nothing_is_left_to_state_or_to_register()
    for told in (
        "its datasheet names no source",
        f"simulator '{spec.name}' does not exist",
        "registered neither",
    ):
        assert told in str(left.value)
    with pytest.raises(BadSkeleton, match="already there"):
        write_skeleton(tmp_path, spec.name, wanted)


def test_names_that_are_none_are_refused() -> None:
    for name in ("Acme", "acme", "acme_9000", "../acme-9000", "acme-9000.py"):
        with pytest.raises(BadSkeleton):
            skeleton(name, Category.LOAD)
    assert '"acme-9000": "drivers.acme_9000:driver"' in entries("acme-9000", Category.LOAD)
