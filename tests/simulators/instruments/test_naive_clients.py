"""Clients that know nothing of the station, on the simulated instruments' real sockets.

One connection for each message, CR LF, a byte at a time, two questions in one packet, lower case, spaces and
empty lines where nobody needs them: whatever software of others may do, the instrument has to be believed.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from simulators.bench import running
from simulators.clock import ManualTime
from simulators.config import BenchSimulation
from tests.simulators.instruments.conftest import OhmicBattery

QUIET = {"voltage_noise_V": 0.0, "current_noise_A": 0.0}


@dataclass(frozen=True)
class Told:
    """How an instrument is set and asked: a header, a value and what it answers, its error question."""

    kind: str
    set: str
    ask: str
    answer: str
    reset: str = ""
    """The answer after ``*RST``; '' where there is none."""
    before: tuple[str, ...] = ()
    end: bytes = b"\n"
    errors: bool = True
    options: tuple[tuple[str, Any], ...] = tuple(QUIET.items())

    def __str__(self) -> str:
        return self.kind


ALL = (
    Told("delta-sm15k", "source:voltage 12.5", "SOUR:VOL?", "12.5000", "0.0000", ("SYST:REM:CV Ethernet",)),
    Told("rigol-dl3021", "curr 2500mA", ":SOUR:CURR:LEV:IMM:AMPL?", "2.5000", "0.0000"),
    Told("itech-it8500-scpi", "curr 2500 ma", "SOUR:CURR:LEV?", "2.5000", "0.0000"),
    Told("siglent-sdl1000x", "curr 2.5a", "SOURce:CURRent?", "2.500", "0.000"),
    Told("keysight-el30000", "curr 2.5,(@1)", "CURR? (@1)", "2.5000", "0.0000"),
    Told("ea-psb10000", "volt 12.5 V", "SOUR:VOLT?", "12.50V", "", ("SYST:LOCK ON",), options=()),
    Told("itech-it6000c", "volt 12500mv", "VOLTage:LEVel?", "12.500", "", ("SYST:REM",), options=()),
    Told("keysight-34970a", "trig:tim 2500 ms", "TRIGger:TIMer?", "+2.50000000E+00", "+1.00000000E+01",
         options=()),
    Told("keithley-daq6510", "sens:volt:dc:nplc 2.5", "VOLT:NPLC?", "2.500000E+00", "1.000000E+00",
         options=()),
    Told("hioki-bt3562", ":samp:rate fast", ":SAMPLE:RATE?", "FAST", "SLOW", end=b"\r\n", errors=False,
         options=()),
    Told("tti-ld400p", "a 2.5", "A?", "A 2.500A", "A 0.000A", end=b"\r\n", errors=False),
    Told("korad-kel103", ":curr 2.5A", ":CURRent?", "2.5000A", errors=False),
)  # fmt: skip


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, tuple[str, int]]]:
    """All of them in one process, one channel each; time stands still."""
    bench = BenchSimulation.model_validate(
        {
            "channels": [
                {"id": told.kind, "instruments": [{"kind": told.kind, "options": dict(told.options)}]}
                for told in ALL
            ]
        }
    )
    with running(bench, battery_builder=OhmicBattery, monotonic=ManualTime()) as info:
        yield {unit["kind"]: (unit["host"], unit["port"]) for unit in info["instruments"]}


class Naive:
    """One connection; reads exactly as many answers as are wanted."""

    def __init__(self, address: tuple[str, int], end: bytes) -> None:
        self._link, self._end, self._got = socket.create_connection(address, timeout=20), end, b""
        self._link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes) -> None:
        self._link.sendall(data)

    def answer(self) -> str:
        while self._end not in self._got:
            data = self._link.recv(65536)
            assert data, f"hung up after {self._got!r}"
            self._got += data
        line, self._got = self._got.split(self._end, 1)
        return line.decode("ascii")

    def close(self) -> None:
        assert self._got == b"", "an answer too many"
        self._link.close()


@pytest.fixture(params=ALL, ids=str)
def told(request: pytest.FixtureRequest) -> Told:
    chosen: Told = request.param
    return chosen


@pytest.fixture
def once(told: Told, addresses: dict[str, tuple[str, int]]) -> Any:
    """One connection for each message, as several packages do."""

    def message(data: str, answers: int = 1) -> list[str]:
        link = Naive(addresses[told.kind], told.end)
        link.send(data.encode("ascii") + b"\n")
        found = [link.answer() for _ in range(answers)]
        if not answers:
            link.send(b"*IDN?\n")  # only what answers says that all before it was obeyed
            link.answer()
        link.close()
        return found

    for line in told.before:
        message(line, 0)
    return message


def test_one_connection_for_each_message(told: Told, once: Any) -> None:
    once(told.set, 0)
    assert once(told.ask) == [told.answer]
    assert once(told.ask.lower()) == [told.answer]


def test_line_ends_spaces_and_pieces(told: Told, once: Any, addresses: dict[str, tuple[str, int]]) -> None:
    once(told.set, 0)
    ask = told.ask.encode("ascii")
    link = Naive(addresses[told.kind], told.end)
    for sent in (ask + b"\r\n", b"\r\n\n" + ask + b"\n", b"  " + ask + b" \n", ask + b";\n"):
        link.send(sent)
        assert link.answer() == told.answer, sent
    for byte in ask + b"\r\n":
        link.send(bytes((byte,)))
    assert link.answer() == told.answer
    link.send(ask + b"\n*IDN?\n" + ask + b"\n")  # three questions in one packet
    first, identity, last = (link.answer() for _ in range(3))
    assert (first, last) == (told.answer, told.answer)
    assert identity
    link.close()


def test_what_is_refused_changes_nothing_and_can_be_asked_for(told: Told, once: Any) -> None:
    once(told.set, 0)
    if told.kind != "korad-kel103":
        once("*CLS", 0)
    once("NOSuch:HEADer 1", 0)
    once(told.set.split(" ")[0] + " 1e9", 0)
    assert once(told.ask) == [told.answer]
    if told.errors:
        codes = [once("SYST:ERR?")[0].split(",")[0] for _ in range(3)]
        assert [int(code) for code in codes] == [-113, -222, 0]
    elif told.kind != "korad-kel103":
        assert int(once("*ESR?")[0]) & 0b110000  # command or execution error, IEEE 488.2


@pytest.mark.parametrize("told", [one for one in ALL if one.reset], ids=str, indirect=True)
def test_reset_and_the_mandatory_common_commands(told: Told, once: Any) -> None:
    """Of those whose sources name ``*RST`` as what puts this setting back."""
    once(told.set, 0)
    once("*RST", 0)
    for line in told.before:
        once(line, 0)
    assert once(told.ask) == [told.reset]
    for line in ("*ESE 32", "*SRE 16", "*WAI", "*OPC", "*CLS"):
        once(line, 0)
    for line in ("*ESE?", "*ESR?", "*OPC?", "*SRE?", "*STB?", "*TST?"):
        assert int(once(line)[0]) >= 0, line
