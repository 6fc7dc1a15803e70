"""Contactors of simulated packs against the driver's sequences: neither side has seen the other's code."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from drivers.bms.can_pack import CanPack
from drivers.bms.errors import SilentPack, TwoPacks
from drivers.bms.family import load_family
from drivers.bms.keep_alive import cyclic_of
from drivers.catalogue import open_instrument
from drivers.contracts.bms import ContactorFault
from simulators.bench import running
from simulators.config import BenchSimulation
from simulators.instruments.pack_contactors import MISSED, BydContactors
from tests.simulators.instruments.conftest import OhmicBattery

CELLS = {"byd": 126, "kona": 98, "meb": 96}
FAMILY = {"byd": "byd-atto3", "kona": "hyundai-kona-64", "meb": "vw-meb"}
PACK_V = {name: 3.6 * cells for name, cells in CELLS.items()}


class Stand:
    """A simulated pack of each family; ``ask`` goes to the bench's control port."""

    def __init__(self, info: dict[str, Any]) -> None:
        self._info = info
        self.opened: list[CanPack] = []
        self._faulted = False

    def ask(self, op: str, **request: Any) -> dict[str, Any]:
        host, _, port = str(self._info["control"]).rpartition(":")
        with socket.create_connection((host, int(port)), timeout=20) as link:
            link.sendall(json.dumps({"op": op, **request}).encode() + b"\n")
            with link.makefile("rb") as stream:
                answer: dict[str, Any] = json.loads(stream.readline())
        assert answer["ok"], answer
        return answer

    def fault(self, name: str, fault: str, value: Any = True) -> None:
        self._faulted = True
        self.ask("fault", channel=name, instrument="can-bms", name=fault, value=value)

    def closed(self, name: str) -> bool:
        return bool(self.ask("truth", channel=name)["pack_closed"])

    def address(self, name: str) -> str:
        found = next(one for one in self._info["instruments"] if one["channel"] == name)
        return f"socketcand://{found['host']}:{found['port']}/can0"

    def open(self, name: str, **options: Any) -> CanPack:
        given = {
            "family": FAMILY[name],
            "contactors": "own",
            "poll": False,
            "identify_timeout_s": 10.0,
            "keep_alive": "inside",
            **options,
        }
        pack = open_instrument("bms-can", self.address(name), given)
        assert isinstance(pack, CanPack)
        self.opened.append(pack)
        return pack

    def end(self) -> None:
        for pack in self.opened:
            pack.close()
        self.opened.clear()
        if self._faulted:
            # A pack that still pre-charges must miss its frames first: without its fault it would close.
            quiet_s = time.monotonic() + 2 * MISSED * max(BydContactors.periods_s.values())
            until(lambda: time.monotonic() > quiet_s)
        self.ask("clear_faults")
        until(lambda: not any(self.closed(name) for name in CELLS))


@pytest.fixture(scope="module")
def simulated() -> Iterator[dict[str, Any]]:
    def channel(name: str) -> dict[str, Any]:
        options = {"language": name, "contactors": True, "measures_link": False, "trouble_codes": ["P1A2B"]}
        instrument = {"kind": "can-bms", "options": options}
        return {"id": name, "battery": {"cells": CELLS[name]}, "instruments": [instrument]}

    settings = BenchSimulation.model_validate({"channels": [channel(name) for name in CELLS]})
    with running(settings, battery_builder=OhmicBattery) as info:
        yield info


@pytest.fixture
def stand(simulated: dict[str, Any]) -> Iterator[Stand]:
    stand = Stand(simulated)
    yield stand
    stand.end()


def until(ready: Callable[[], bool], timeout_s: float = 20.0) -> None:
    end = time.monotonic() + timeout_s
    while not ready():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)


@pytest.mark.parametrize("name", ["byd", "kona", "meb"])
def test_the_described_sequence_closes_and_opens_the_pack(stand: Stand, name: str) -> None:
    pack = stand.open(name)
    pack.identify()
    assert not stand.closed(name)
    closed = pack.close_contactors(pack.beat, lambda: PACK_V[name])
    assert [step.name for step in closed] == [
        one.name for one in load_family(FAMILY[name]).model.contactors.close
    ]  # type: ignore[union-attr]
    assert stand.closed(name)
    assert pack.contactors_closed() in (True, None)
    opened = pack.open_contactors(pack.beat)
    assert opened
    until(lambda: not stand.closed(name))


def test_two_packs_a_silent_one_and_wrong_frames_are_named(stand: Stand) -> None:
    stand.fault("byd", "second_pack")
    with pytest.raises(TwoPacks, match="2 controllers"):
        stand.open("byd").identify()
    stand.fault("byd", "second_pack", None)
    stand.fault("byd", "bms_silent")
    with pytest.raises(SilentPack, match="only frames of a station"):
        stand.open("byd", identify_timeout_s=0.2).identify()
    stand.fault("byd", "bms_silent", None)
    stand.fault("meb", "checksum_wrong")
    stand.fault("kona", "length_wrong")
    meb, kona = stand.open("meb"), stand.open("kona")
    until(lambda: meb.decoder.frames["checksum_wrong"] > 2 and kona.decoder.frames["length_wrong"] > 2)
    stand.fault("meb", "checksum_wrong", None)
    stand.fault("meb", "counter_frozen")
    until(lambda: any(f.startswith("counter_frozen") for f in meb.snapshot().faults))
    stand.fault("byd", "requests_refused")
    byd = stand.open("byd")
    byd.read(["history"])
    refused = {f.where for f in byd.decoder.store.findings() if f.kind == "negative_response"}
    assert "22 22 conditions not correct" in refused
    stand.fault("byd", "requests_refused", None)
    stand.fault("byd", "pending_first", 0.02)
    codes = {r.value for r in byd.read(["history"]) if r.name == "trouble_code"}
    assert "1A2B00" in {str(code).upper() for code in codes}


@pytest.mark.parametrize(
    ("fault", "finding", "timeout_s"),
    [
        ("pack_precharge_stuck", "precharge_stuck", 1.5),
        ("pack_contactor_stuck", "not_closed", 1.5),
        ("bms_silent", "silent", 5.0),
    ],
)
def test_what_does_not_close_is_named(stand: Stand, fault: str, finding: str, timeout_s: float) -> None:
    pack = stand.open("byd")
    pack.identify()
    model = pack.family.model.contactors
    assert model is not None
    assert pack._run is not None
    shorter = model.close[0].model_copy(update={"timeout_s": timeout_s})
    pack._run._model = model.model_copy(update={"close": (shorter,)})
    stand.fault("byd", fault)
    with pytest.raises(ContactorFault) as error:
        pack.close_contactors(pack.beat, lambda: 0.0)
    assert (error.value.finding, error.value.params["step"]) == (finding, "close")
    pack.close()
    until(lambda: not stand.closed("byd"))  # without its frames


def test_the_pack_refuses_what_is_out_of_order(stand: Stand) -> None:
    """Drive ready first; a normal sequence without the pre-charge; a link that is not there."""
    byd = stand.open("byd")
    byd.identify()
    model = byd.family.model.contactors
    assert model is not None
    assert byd._run is not None
    byd._run._model = model.model_copy(update={"close": model.close[1:]})
    with pytest.raises(ContactorFault, match="main_contactor"):
        byd.close_contactors(byd.beat, lambda: 0.0)
    kona = stand.open("kona")
    kona.identify()
    assert kona.command(bytes.fromhex("2FF03303"), b"\x6f") == "7F service not in this session"
    assert kona.command(bytes.fromhex("1003"), b"\x50") == ""
    assert kona.command(bytes.fromhex("2FF03303"), b"\x6f") == "22 conditions not correct"
    meb = stand.open("meb")
    meb.identify()
    model = meb.family.model.contactors
    assert model is not None
    assert meb._run is not None
    last = model.close[1].model_copy(update={"timeout_s": 0.8})
    meb._run._model = model.model_copy(update={"close": (model.close[0], last)})
    with pytest.raises(ContactorFault) as error:
        meb.close_contactors(meb.beat, lambda: PACK_V["meb"] - 30.0)
    assert error.value.finding == "not_closed"
    assert not any(stand.closed(name) for name in CELLS)


def test_a_station_that_hangs_keeps_no_pack_awake(stand: Stand) -> None:
    pack = stand.open("byd", keep_alive_timeout_s=0.5)
    pack.identify()
    pack.close_contactors(pack.beat, lambda: 0.0)
    assert stand.closed("byd")
    until(lambda: not stand.closed("byd"), 5.0)  # nobody beats any more
    assert "keep-alive not sent: no_beat" in pack.snapshot().faults
    until(lambda: pack.contactors_closed() is False)  # its next frame tells it


def test_frames_with_a_counter_that_stands_are_no_keep_alive(stand: Stand) -> None:
    model = load_family("byd-atto3").model
    assert model.contactors is not None
    frames = [cyclic_of(one) for one in model.contactors.close[0].send]
    pack = stand.open("byd", contactors="station")
    until(lambda: pack.decoder.frames["used"] > 0)
    end = time.monotonic() + 0.8
    while time.monotonic() < end:
        for one in frames:
            pack._bus.send(one.messages()[0])
        time.sleep(0.03)
    assert not stand.closed("byd")
