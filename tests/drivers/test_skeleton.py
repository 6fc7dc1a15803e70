"""The template command: what it writes is a whole driver of its category, registered or not."""

from __future__ import annotations

import ast
import inspect
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from drivers.skeleton import BadSkeleton, contract_of, entries, skeleton, write_skeleton
from drivers.spec import Category, DriverSpec


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
    found = spec_from_file_location(driver.stem, driver)
    assert found is not None
    assert found.loader is not None
    module = module_from_spec(found)
    monkeypatch.setitem(sys.modules, driver.stem, module)
    found.loader.exec_module(module)
    spec = module.driver
    assert isinstance(spec, DriverSpec)
    assert spec.category is wanted
    made = getattr(module, f"AcmeEl9000{category.capitalize()}")
    assert issubclass(made, contract_of(wanted))
    assert not inspect.isabstract(made)
    with pytest.raises(BadSkeleton, match="already there"):
        write_skeleton(tmp_path, spec.name, wanted)


def test_names_that_are_none_are_refused() -> None:
    for name in ("Acme", "acme", "acme_9000", "../acme-9000", "acme-9000.py"):
        with pytest.raises(BadSkeleton):
            skeleton(name, Category.LOAD)
    assert '"acme-9000": "drivers.acme_9000:driver"' in entries("acme-9000")
