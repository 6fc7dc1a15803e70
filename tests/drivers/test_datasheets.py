"""What drivers state of themselves: nothing missing, the page up to date, nothing unregistered."""

from __future__ import annotations

import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import drivers
from drivers import catalogue as module
from drivers.catalogue import built_in, catalogue, catalogue_entry, load_driver
from drivers.conformance import shortcomings
from drivers.datasheet import Datasheet, Evidence, Variant
from drivers.matrix import matrix
from drivers.probe import MANIFEST
from drivers.spec import Category
from simulators.kinds import kinds

ROOT = Path(drivers.__file__).parent.parent


@pytest.mark.parametrize("name", built_in())
def test_nothing_is_left_unsaid(name: str) -> None:
    spec = load_driver(name)
    assert shortcomings(spec, kinds()) == []
    for proof in spec.datasheet.proofs:
        assert proof.test, f"{proof.by}: which test shows it?"
        assert proof.by.split()[0].lower().split(".")[0] in (ROOT / proof.test).read_text("utf-8").lower()


def test_every_driver_in_the_package_has_its_entry() -> None:
    found = {
        f"{'.'.join(file.relative_to(ROOT).with_suffix('').parts)}:{match[1]}"
        for file in (ROOT / "drivers").rglob("*.py")
        for match in re.finditer(r"^(\w+) = DriverSpec\(", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert found == set(module._BUILT_IN.values())


def test_the_page_of_instruments_is_up_to_date() -> None:
    written = (ROOT / "docs" / "instruments.md").read_text(encoding="utf-8")
    assert written == matrix(), "python -m drivers.matrix > docs/instruments.md"


BARE = """
from drivers.contracts.relay import RelayBoard
from drivers.spec import Category, DriverSpec

class Board(RelayBoard):
    pass

def _open(address, options) -> Board:
    return Board()

driver = DriverSpec("third-party", Category.RELAY, "Bare", _open)
"""


def plug_in(
    monkeypatch: pytest.MonkeyPatch, folder: Path, package: str, code: str, manifest: str = ""
) -> None:
    (folder / package).mkdir()
    (folder / package / "__init__.py").write_text(code)
    if manifest:
        (folder / package / MANIFEST).write_text(manifest)
    monkeypatch.syspath_prepend(str(folder))
    point = EntryPoint("third-party", f"{package}:driver", module.GROUP)
    monkeypatch.setattr(module, "entry_points", lambda group: [point] if group == module.GROUP else [])


def test_a_driver_that_says_nothing_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plug_in(monkeypatch, tmp_path, "says_nothing", BARE)
    told = " | ".join(shortcomings(load_driver("third-party"), kinds()))
    for part in ("no docstring that says", "class Board has no docstring", "leaves out", "no source",
                 "no model", "no link", "no grade", "no simulator is named"):  # fmt: skip
        assert part in told
    sheet = Datasheet(Evidence.C, ("a page",), ("tcp",), (Variant("X"),), ("no-such-simulator",))
    assert "simulator 'no-such-simulator' does not exist" in shortcomings(
        type(load_driver("third-party"))(
            "x", Category.RELAY, "X", load_driver("third-party").open, datasheet=sheet
        ),
        kinds(),
    )


MANIFEST_OF_IT = '[drivers.third-party]\ntitle = "Its title"\ncategory = "load"\napi_version = {}\n'


@pytest.mark.parametrize(
    ("code", "version", "problem"),
    [
        ("import sys; sys.exit(3)", 1, "SystemExit"),
        ("import os; os._exit(7)", 1, "it ended its process (code 7)"),
        ("raise AssertionError('must not be imported')", 99, "written for driver API 99"),
    ],
)
def test_a_plug_in_that_ends_its_process_harms_nobody_and_keeps_its_title(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, version: int, problem: str
) -> None:
    plug_in(monkeypatch, tmp_path, f"hostile_{version}_{len(code)}", code, MANIFEST_OF_IT.format(version))
    entry = catalogue_entry("third-party")
    assert problem in entry.problem
    assert (entry.title, entry.category) == ("Its title", Category.LOAD)
    with pytest.raises(module.UnknownDriver, match="third-party"):
        load_driver("third-party")


def test_a_manifest_that_is_no_good_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plug_in(monkeypatch, tmp_path, "bad_manifest", BARE, "[drivers.third-party]\ntitle = 1\ncategory = 'x'\n")
    assert MANIFEST in catalogue_entry("third-party").problem
    assert len(catalogue()) == len(built_in()) + 1
