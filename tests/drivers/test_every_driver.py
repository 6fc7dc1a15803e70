"""What every registered driver must do, whoever wrote it."""

from __future__ import annotations

import inspect
import socket
from typing import get_type_hints

import pytest

from drivers.catalogue import catalogue, load_driver, names, open_instrument
from drivers.contracts.bms import Bms
from drivers.contracts.code_reader import CodeReader
from drivers.contracts.common import Instrument
from drivers.contracts.cycler import Cycler
from drivers.contracts.load import ElectronicLoad
from drivers.contracts.power import PowerPort
from drivers.contracts.printer import LabelPrinter
from drivers.contracts.relay import RelayBoard
from drivers.contracts.scanner import Scanner
from drivers.errors import DriverError, TransportError
from drivers.spec import Category, DriverOptions

CONTRACTS: dict[Category, type[Instrument]] = {
    Category.POWER: PowerPort,
    Category.LOAD: ElectronicLoad,
    Category.SCANNER: Scanner,
    Category.RELAY: RelayBoard,
    Category.BMS: Bms,
    Category.PRINTER: LabelPrinter,
    Category.CYCLER: Cycler,
    Category.READER: CodeReader,
}
SCHEMES = {Category.RELAY: "modbus-tcp://127.0.0.1:{}", Category.BMS: "socketcand://127.0.0.1:{}/can0"}
SCHEME_OF = {"bms-serial": "tcp://127.0.0.1:{}", "ea-psb10000-modbus": "modbus-tcp://127.0.0.1:{}"}

_RATING = {"channel": 1, "voltage_max_V": 5.0, "current_max_A": 10.0}
NEEDED: dict[str, dict[str, object]] = {
    "neware-bts8": {"device": 21, **_RATING},
    "arbin-cti": _RATING,
    "maccor-macnet": _RATING,
    "ea-psb10000": {"voltage_max_V": 80, "current_max_A": 120, "power_max_W": 5000},
    "ea-psb10000-modbus": {"voltage_max_V": 80, "current_max_A": 120, "power_max_W": 5000},
    "itech-it8500-scpi": {"voltage_max_V": 120, "current_max_A": 240, "power_max_W": 1500},
    "bms-can": {"family": "hyundai-kona-64"},
    "bms-serial": {"family": "jbd"},
}
"""What an instrument does not tell of itself, and the bench file must."""


@pytest.fixture
def dead_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def test_the_catalogue_is_not_empty() -> None:
    assert len(names()) >= 6
    assert [entry.name for entry in catalogue() if entry.problem] == []


@pytest.mark.parametrize("name", names())
def test_spec(name: str) -> None:
    spec = load_driver(name)
    assert spec.name == name
    assert spec.title[0].isupper() or spec.title[0].isdigit()
    assert issubclass(spec.options_model, DriverOptions)
    assert spec.options_model.model_config["extra"] == "forbid"


@pytest.mark.parametrize("name", names())
def test_open_gives_what_the_category_promises(name: str) -> None:
    spec = load_driver(name)
    made = get_type_hints(spec.open)["return"]
    assert issubclass(made, CONTRACTS[spec.category])
    assert not inspect.isabstract(made)
    for method in inspect.getmembers(CONTRACTS[spec.category], inspect.isfunction):
        if not method[0].startswith("_"):
            theirs = inspect.signature(getattr(made, method[0])).parameters
            assert list(theirs) == list(inspect.signature(method[1]).parameters), method[0]


@pytest.mark.parametrize("name", names())
def test_a_dead_address_is_a_clear_transport_error(name: str, dead_port: int) -> None:
    spec = load_driver(name)
    scheme = SCHEME_OF.get(name) or SCHEMES.get(spec.category, "tcp://127.0.0.1:{}")
    address: str | None = scheme.format(dead_port)
    options = dict(NEEDED.get(name, {}))
    if name == "supply-and-load":
        options = {
            "supply": {"driver": "delta-sm15k", "address": address},
            "load": {"driver": "rigol-dl3021", "address": address},
        }
    named, address = address, address if spec.needs_address else None
    with pytest.raises(TransportError) as caught:
        open_instrument(name, address, options)
    assert caught.value.code == "driver.transport"
    assert named is not None
    assert named in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize("name", names())
def test_a_wrong_scheme_is_refused_before_connecting(name: str) -> None:
    with pytest.raises(DriverError) as caught:
        open_instrument(name, "gopher://127.0.0.1:70", {})
    assert caught.value.remedy
