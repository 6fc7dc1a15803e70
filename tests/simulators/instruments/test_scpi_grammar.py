"""The SCPI grammar in every simulated instrument that speaks it: what other people's clients may write.

IEEE 488.2 and SCPI-99: long and short form, any letter case, optional nodes, a leading colon, compounds with
``;`` and their path, MIN, MAX and DEF, suffixes, common commands, the error queue and its overflow.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from simulators.clock import ManualTime, SimClock
from simulators.instruments.delta_sm15k import DeltaOptions, DeltaSM15K
from simulators.instruments.ea_psb10000 import EaOptions, EaPsb10000
from simulators.instruments.itech_it6000c import ItechIt6000C, ItechOptions
from simulators.instruments.itech_it8500_scpi import ItechIT8500Scpi, ItechScpiOptions
from simulators.instruments.keithley_daq6510 import KeithleyDaq6510, KeithleyOptions
from simulators.instruments.keysight_34970a import Keysight34970A, KeysightOptions
from simulators.instruments.keysight_el30000 import EL30000Options, KeysightEL30000
from simulators.instruments.rigol_dl3021 import RigolDL3021, RigolOptions
from simulators.instruments.siglent_sdl1000x import SiglentOptions, SiglentSDL1000X
from simulators.scpi.device import ScpiDevice
from simulators.scpi.table import Later
from simulators.wiring import Circuit
from tests.simulators.instruments.conftest import OhmicBattery

NUMBER, FLAG = "number", "flag"
SPELLINGS_MAX = 96


@dataclass(frozen=True)
class Spoken:
    """One instrument: a settable number (header, unit, value, another), and what it must have besides."""

    name: str
    build: Callable[[Circuit], ScpiDevice]
    header: str
    unit: str
    value: float
    limits: bool = True
    """Whether ``? MAX`` is answered."""
    registers: bool = True
    before: tuple[str, ...] = ()
    suffix: str = ""
    """What stands after the value, such as a channel list."""
    depth: int = 20
    keeps_oldest: bool = False
    measured: str = "MEASure:VOLTage[:DC]?"

    def __str__(self) -> str:
        return self.name


LEVEL = "[:LEVel][:IMMediate][:AMPLitude]"
AMPERES, VOLTS = f"[SOURce:]CURRent{LEVEL}", f"[SOURce:]VOLTage{LEVEL}"
DEVICES = (
    Spoken("delta-sm15k", lambda c: DeltaSM15K(DeltaOptions(), c), "SOURce:VOLtage", "V", 12.5, limits=False,
           registers=False, before=("SYST:REM:CV Ethernet",), depth=10, keeps_oldest=True,
           measured="MEASure:VOLtage?"),
    Spoken("rigol-dl3021", lambda c: RigolDL3021(RigolOptions(), c), AMPERES, "A", 2.5,
           registers=False, depth=16),
    Spoken("siglent-sdl1000x", lambda c: SiglentSDL1000X(SiglentOptions(), c), AMPERES, "A",
           2.5, registers=False),
    Spoken("keysight-el30000", lambda c: KeysightEL30000(EL30000Options(), c), AMPERES, "A",
           2.5, suffix=",(@1)"),
    Spoken("ea-psb10000", lambda c: EaPsb10000(EaOptions(), c), VOLTS, "V", 12.5,
           before=("SYST:LOCK ON",), depth=10),
    Spoken("itech-it8500-scpi", lambda c: ItechIT8500Scpi(ItechScpiOptions(), c), AMPERES, "A", 2.5),
    Spoken("itech-it6000c", lambda c: ItechIt6000C(ItechOptions(), c), VOLTS, "V", 12.5),
    Spoken("keysight-34970a", lambda c: Keysight34970A(KeysightOptions(), c), "TRIGger:TIMer", "S", 2.5,
           depth=10, measured=""),
    Spoken("keithley-daq6510", lambda c: KeithleyDaq6510(KeithleyOptions(), c),
           "[SENSe:]VOLTage[:DC]:NPLCycles", "", 2.5, measured=""),
)  # fmt: skip


@pytest.fixture(params=DEVICES, ids=str)
def spoken(request: pytest.FixtureRequest) -> Spoken:
    chosen: Spoken = request.param
    return chosen


@pytest.fixture
def device(spoken: Spoken) -> ScpiDevice:
    circuit = Circuit(SimClock(monotonic=ManualTime()), OhmicBattery({}))
    built = spoken.build(circuit)
    for line in spoken.before:
        built.execute(line)
    built.execute("*CLS")
    return built


def spellings(pattern: str) -> Iterator[str]:
    """Every way to write a header pattern: optional nodes in and out, short and long, letter cases."""
    nodes = pattern.replace("[", "\n[").replace("]", "]\n").split("\n")
    choices: list[list[str]] = []
    for node in filter(None, nodes):
        optional = node.startswith("[")
        texts = [node.strip("[]")]
        forms = {":".join(part) for text in texts for part in _forms(text)}
        choices.append([*([""] if optional else []), *sorted(forms)])
    for parts in itertools.product(*choices):
        whole = "".join(parts).removeprefix(":")
        yield from (whole, f":{whole}", whole.lower())


def _forms(text: str) -> Iterator[tuple[str, ...]]:
    words = text.split(":")
    yield from itertools.product(*[_word(word) for word in words])


def _word(word: str) -> tuple[str, ...]:
    short = "".join(letter for letter in word if not letter.islower())
    return tuple(dict.fromkeys((word.upper(), short)))


def told(device: ScpiDevice, line: str) -> float:
    (answer,) = device.execute(line)
    text = str(answer).rstrip("VAWS")
    return float(text)


def errors(device: ScpiDevice) -> list[str]:
    found = []
    for _ in range(30):
        (answer,) = device.execute("SYST:ERR?")
        if str(answer).lstrip("+").startswith("0,"):
            return found
        found.append(str(answer))
    raise AssertionError(f"the queue does not end: {found}")


def test_every_spelling_of_a_header_is_the_same_command(spoken: Spoken, device: ScpiDevice) -> None:
    ways = list(dict.fromkeys(spellings(spoken.header)))
    assert len(ways) >= 6
    for number, header in enumerate(ways[:: max(1, len(ways) // SPELLINGS_MAX)]):
        value = spoken.value + (number % 4) * 0.25
        device.execute(f"{header} {value:g}{spoken.suffix}")
        assert told(device, f"{header}?{spoken.suffix.replace(',', ' ')}") == pytest.approx(value), header
    assert errors(device) == []


def test_numbers_in_every_form(spoken: Spoken, device: ScpiDevice) -> None:
    header, unit, suffix = ways_of(spoken), spoken.unit, spoken.suffix
    ask = f"{header}?{suffix.replace(',', ' ')}"
    forms = [("2", 2.0), ("2.5", 2.5), ("+2.5E0", 2.5), (".25e1", 2.5), ("25E-1", 2.5), ("#H2", 2.0)]
    if unit:
        forms += [(f"2.5{unit}", 2.5), (f"2.5 {unit.lower()}", 2.5), (f"2500m{unit}", 2.5), ("2500 m", 2.5)]
        forms += [(f"0.0025k{unit}", 2.5)]
    for text, value in forms:
        device.execute(f"{header} 1{suffix}")
        device.execute(f"{header}  {text}{suffix}")
        assert told(device, ask) == pytest.approx(value), text
    assert errors(device) == []
    for wrong in ("2.5furlong", "nan", "1_0", "2.5.5", "--2", "1e999"):
        device.execute(f"{header} 1{suffix}")
        assert device.execute(f"{header} {wrong}{suffix}") == []
        assert errors(device), wrong
        assert told(device, ask) == 1.0, wrong


def ways_of(spoken: Spoken) -> str:
    """The shortest spelling."""
    return min(spellings(spoken.header), key=len)


def test_limits_are_words(spoken: Spoken, device: ScpiDevice) -> None:
    header, suffix = ways_of(spoken), spoken.suffix
    ask = f"{header}?{suffix.replace(',', ' ')}"
    device.execute(f"{header} MAX{suffix}")
    top = told(device, ask)
    device.execute(f"{header} minimum{suffix}")
    assert told(device, ask) < top
    if spoken.limits:
        assert told(device, f"{header}? MAXimum{suffix}") == pytest.approx(top)
        assert told(device, f"{header}? MIN{suffix}") == told(device, ask)
    assert errors(device) == []
    device.execute(f"{header} {top * 2:.0f}{suffix}")
    assert [text.split(",")[0] for text in errors(device)] == ["-222"]


def test_compounds_keep_their_path_and_join_their_answers(spoken: Spoken, device: ScpiDevice) -> None:
    header, suffix = ways_of(spoken), spoken.suffix
    ask = f"{header}?{suffix.replace(',', ' ')}"
    (answer,) = device.execute(f"*CLS;:{header} 2{suffix};{header.rpartition(':')[2]} 3{suffix};*OPC?;:{ask}")
    if isinstance(answer, Later):
        assert answer.ready()
        answer = answer.answer()
    one, value = str(answer).split(";")
    assert one == "1"
    assert float(value.rstrip("VAWS")) == 3.0
    assert device.execute("; ;") == []
    assert errors(device) == []


def test_an_unknown_query_has_no_answer_but_an_error(spoken: Spoken, device: ScpiDevice) -> None:
    del spoken
    assert device.execute("NOSuch:THING?") == []
    assert device.execute("NOS:THIN 5") == []
    assert [text.split(",")[0] for text in errors(device)] == ["-113", "-113"]


def test_the_queue_tells_that_it_overflowed(spoken: Spoken, device: ScpiDevice) -> None:
    for _ in range(spoken.depth + 3):
        device.execute("NOS:THIN 5")
    found = errors(device)
    assert len(found) == spoken.depth
    assert found[-1].startswith("-113" if spoken.keeps_oldest else "-350")


def test_common_commands_and_status(spoken: Spoken, device: ScpiDevice) -> None:
    def ask(line: str) -> int:
        (answer,) = device.execute(line)
        return int(str(answer))

    assert str(device.execute("*idn?")[0]).count(",") >= 3
    assert ask("*ESR?") in (0, 128)
    assert ask("*TST?") == 0
    for line in ("*WAI", "*OPC"):
        assert device.execute(line) == []
    assert ask("*ESR?") == 1
    device.execute("*ESE 32")
    device.execute("*SRE 32")
    assert (ask("*ESE?"), ask("*SRE?")) == (32, 32)
    device.execute("NOSUCH")
    assert ask("*STB?") & (4 | 32 | 64) == 4 | 32 | 64
    assert ask("*ESR?") == 32
    device.execute("*CLS")
    assert ask("*STB?") == 0
    if spoken.registers:
        for tree in ("OPERation", "QUES"):
            ask(f"STAT:{tree}:COND?")
            ask(f"STATus:{tree}:EVENt?")
            device.execute(f"STAT:{tree}:ENAB 16")
            assert ask(f"stat:{tree.lower()}:enab?") == 16
        device.execute("STAT:PRES")
        assert ask("STAT:OPER:ENAB?") == 0
    assert errors(device) == []
