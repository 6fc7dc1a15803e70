"""The catalogue: names, broken plug-ins, options, identity, and running from the source tree."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import drivers
from drivers import catalogue as module
from drivers.catalogue import (
    UnknownDriver,
    catalogue,
    check_identity,
    check_reference,
    load_driver,
    names,
    open_instrument,
)
from drivers.contracts.common import Identity, Instrument
from drivers.contracts.relay import RelayBoard
from drivers.errors import TransportError, WrongInstrument
from drivers.spec import BadOptions, Category

ROOT = Path(drivers.__file__).parent.parent
BUILT_IN = {
    "delta-sm15k": Category.POWER,
    "keysight-34970a": Category.SCANNER,
    "modbus-relay": Category.RELAY,
    "nissan-leaf-bms": Category.BMS,
    "bms-can": Category.BMS,
    "bms-serial": Category.BMS,
    "bms-gbt-charger": Category.BMS,
    "rigol-dl3021": Category.LOAD,
    "kunkin-kp184": Category.LOAD,
    "itech-it8500": Category.LOAD,
    "itech-it8500-scpi": Category.LOAD,
    "siglent-sdl1000x": Category.LOAD,
    "korad-kel103": Category.LOAD,
    "maynuo-m97": Category.LOAD,
    "tti-ld400p": Category.LOAD,
    "neware-bts8": Category.CYCLER,
    "arbin-cti": Category.CYCLER,
    "maccor-macnet": Category.CYCLER,
    "supply-and-load": Category.POWER,
    "tspl-printer": Category.PRINTER,
    "zpl-printer": Category.PRINTER,
    "ea-psb10000": Category.POWER,
    "itech-it6000c": Category.POWER,
    "hioki-bt3562": Category.SCANNER,
    "keithley-daq6510": Category.SCANNER,
    "dcon-thermocouples": Category.SCANNER,
    "ea-psb10000-modbus": Category.POWER,
    "keysight-el30000": Category.LOAD,
    "serial-scanner": Category.READER,
}


def with_plug_in(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    point = EntryPoint(name, value, module.GROUP)
    monkeypatch.setattr(module, "entry_points", lambda group: [point] if group == module.GROUP else [])


def test_every_built_in_driver_is_listed_and_whole() -> None:
    found = {entry.name: entry for entry in catalogue()}
    for name, category in BUILT_IN.items():
        assert found[name].problem == ""
        assert found[name].category is category
        assert found[name].title


def test_the_package_metadata_names_the_same_drivers() -> None:
    assert set(BUILT_IN) == set(module._BUILT_IN)
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert metadata["project"]["entry-points"][module.GROUP] == module._BUILT_IN


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("no_such_package.at_all:driver", "cannot be imported: ModuleNotFoundError"),
        ("drivers.spec:Category", "is not a DriverSpec"),
        ("drivers.modbus_relay:driver", "it calls itself 'modbus-relay'"),
        ("broken_plug_in:driver", "cannot be imported: ZeroDivisionError"),
        ("old_plug_in:driver", "written for driver API 0"),
    ],
)
def test_a_broken_plug_in_is_listed_and_harms_nobody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str, problem: str
) -> None:
    (tmp_path / "broken_plug_in.py").write_text("driver = 1 / 0\n")
    (tmp_path / "old_plug_in.py").write_text(
        "from drivers.spec import *\n"
        "driver = DriverSpec('third-party', Category.LOAD, 'x', lambda a, o: None, api_version=0)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with_plug_in(monkeypatch, "third-party", value)
    found = {entry.name: entry for entry in catalogue()}
    assert problem in found["third-party"].problem
    assert all(found[name].problem == "" for name in BUILT_IN)
    with pytest.raises(UnknownDriver, match="third-party"):
        load_driver("third-party")


def test_a_plug_in_works_and_cannot_replace_a_built_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "good_plug_in.py").write_text(
        "from drivers.spec import Category, DriverSpec\n"
        "driver = DriverSpec('third-party', Category.LOAD, 'Third party', lambda a, o: None)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with_plug_in(monkeypatch, "third-party", "good_plug_in:driver")
    assert load_driver("third-party").title == "Third party"
    with_plug_in(monkeypatch, "modbus-relay", "good_plug_in:driver")
    assert load_driver("modbus-relay").title.startswith("Relay")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownDriver) as caught:
        open_instrument("delta-sm15", "tcp://127.0.0.1:1")
    assert "delta-sm15k" in caught.value.remedy
    assert set(BUILT_IN) <= set(names())


def test_options_are_checked_before_anything_is_opened() -> None:
    with pytest.raises(BadOptions) as caught:
        open_instrument("delta-sm15k", "tcp://127.0.0.1:1", {"remote_sence": True})
    assert "remote_sence" in caught.value.message
    assert "remote_sense" in caught.value.remedy
    with pytest.raises(BadOptions, match="needs an address"):
        open_instrument("delta-sm15k", None)


def test_listing_names_imports_no_driver() -> None:
    code = """
        import sys
        from drivers.catalogue import names
        names()
        loaded = [m for m in sys.modules if m.startswith("drivers.") and m.count(".") == 1]
        heavy = {"can", "pymodbus", "pyvisa", "cantools"} & set(sys.modules)
        assert not heavy, heavy
        assert not {"drivers.delta_sm15k", "drivers.nissan_leaf_bms"} & set(loaded), loaded
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, check=True, timeout=50)


class Answering(Instrument):
    address = "tcp://10.0.0.7:8462"

    def __init__(self, who: Identity) -> None:
        self._who = who

    def identify(self) -> Identity:
        return self._who

    def close(self) -> None:
        pass


WHO = Identity("DELTA ELEKTRONIKA BV", "SM500-CP-90", "000010207248", "H0_P0150")


@pytest.mark.parametrize(
    "expect",
    [
        {},
        {"model": "SM500-CP-90"},
        {"model": "sm500"},
        {"manufacturer": "Delta Elektronika", "serial": "000010207248"},
    ],
)
def test_the_right_instrument_passes(expect: dict[str, str]) -> None:
    assert check_identity(Answering(WHO), expect) == WHO


@pytest.mark.parametrize(
    ("who", "expect"),
    [
        (WHO, {"model": "SM15K"}),
        (WHO, {"serial": "000010207249"}),
        (WHO, {"serial": "0000102"}),
        (WHO, {"modle": "SM500-CP-90"}),
        (WHO, {"model": ""}),
        (Identity("", "", "", ""), {}),
        (Identity(" ", "", "", "1.0"), {"firmware": "1.0"}),
        (Identity("DELTA", "", "", ""), {"model": "SM500"}),
    ],
)
def test_the_wrong_or_a_blank_one_never_passes(who: Identity, expect: dict[str, str]) -> None:
    with pytest.raises(WrongInstrument) as caught:
        check_identity(Answering(who), expect)
    assert "tcp://10.0.0.7:8462" in caught.value.message
    assert caught.value.params["expected"] == expect
    assert caught.value.params["got"]["model"] == who.model


class SilentBoard(RelayBoard):
    def identify(self) -> Identity:
        return Identity("", "", "", "")

    def close(self) -> None:
        pass

    def set_coil(self, coil: int, closed: bool) -> None:
        raise NotImplementedError

    def coils(self, first: int, count: int) -> list[bool]:
        raise NotImplementedError

    def inputs(self, first: int, count: int) -> list[bool]:
        raise NotImplementedError


def test_a_board_without_identity_passes_only_where_nothing_is_expected() -> None:
    assert check_identity(SilentBoard(), {}).model == ""
    with pytest.raises(WrongInstrument):
        check_identity(SilentBoard(), {"model": "ADAM-6050"})


PAIR = {
    "supply": {"driver": "delta-sm15k", "address": "tcp://127.0.0.1:1", "expect": {"model": "SM70"}},
    "load": {"driver": "rigol-dl3021", "address": "TCPIP0::127.0.0.1::2::SOCKET"},
}


def test_references_are_checked_without_connecting() -> None:
    check_reference("delta-sm15k", "tcp://127.0.0.1:1", {"remote_sense": True})
    check_reference("supply-and-load", None, PAIR)


@pytest.mark.parametrize(
    ("driver", "address", "options", "error"),
    [
        ("nope", "tcp://127.0.0.1:1", {}, UnknownDriver),
        ("delta-sm15k", None, {}, BadOptions),
        ("delta-sm15k", "127.0.0.1:1", {}, TransportError),
        ("delta-sm15k", "tcp://127.0.0.1:1", {"x": 1}, BadOptions),
        ("supply-and-load", "tcp://127.0.0.1:1", PAIR, BadOptions),
        ("supply-and-load", None, {**PAIR, "load": {"driver": "nope"}}, UnknownDriver),
        (
            "supply-and-load",
            None,
            {**PAIR, "load": {"driver": "rigol-dl3021", "address": "x"}},
            TransportError,
        ),
        ("supply-and-load", None, {"supply": PAIR["supply"]}, BadOptions),
    ],
)
def test_wrong_references_are_told(
    driver: str, address: str | None, options: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        check_reference(driver, address, options)
