"""The contract of loads, driver and simulated instrument over the wire: every load, every link it has."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from drivers.catalogue import open_instrument
from drivers.contracts.load import ElectronicLoad, ListStep, LoadProtection, LoadReading
from drivers.errors import DriverError, InstrumentError, NoReading, OutOfRange, TransportError, Unsupported
from tests.drivers.line_server import LineServer
from tests.drivers.loads_rig import LOADS, OCV_V, PROTECTION, RESISTANCE_OHM, Kind, Loads, running_loads


@pytest.fixture(scope="module")
def loads() -> Iterator[Loads]:
    with running_loads() as bench:
        yield bench


@pytest.fixture(params=LOADS, ids=str)
def kind(request: pytest.FixtureRequest, loads: Loads) -> Iterator[Kind]:
    chosen: Kind = request.param
    yield chosen
    loads.control("clear_faults", channel=chosen.driver)
    with contextlib.closing(loads.open(chosen)) as load:
        with contextlib.suppress(InstrumentError):  # an error that still waited in its queue
            load.make_safe()
        with contextlib.suppress(InstrumentError):
            load.prepare(PROTECTION)


@pytest.fixture
def load(loads: Loads, kind: Kind) -> Iterator[ElectronicLoad]:
    opened = loads.open(kind)
    yield opened
    opened.close()


@pytest.fixture
def sinking(load: ElectronicLoad) -> ElectronicLoad:
    """Prepared, on, at 10 A."""
    load.prepare(PROTECTION)
    load.input_on()
    load.set_current(10.0)
    return load


def expect_ten_ampere(reading: LoadReading) -> None:
    assert reading.current_A == pytest.approx(10.0, abs=0.02)
    assert reading.voltage_V == pytest.approx(OCV_V - 10.0 * RESISTANCE_OHM, abs=0.01)


@pytest.mark.parametrize(
    ("kind", "link"),
    [(kind, link) for kind in LOADS for link in ("", "serial") if not link or kind.serial],
    indirect=["kind"],
    ids=str,
)
def test_a_current_is_sunk_and_ends(loads: Loads, kind: Kind, link: str) -> None:
    with contextlib.closing(loads.open(kind, link)) as load:
        who = load.identify()
        assert who.manufacturer
        assert who.model
        load.prepare(PROTECTION)
        assert not load.input_is_on()
        load.input_on()
        assert load.read().current_A == pytest.approx(0.0, abs=0.02)
        load.set_current(10.0)
        expect_ten_ampere(load.read())
        assert loads.truth(kind)["current_A"] == pytest.approx(-10.0, abs=0.01)
        load.make_safe()
        state = load.verify_safe()
        assert state.is_safe(0.05)
        assert loads.truth(kind)["current_A"] == 0.0


def test_capabilities_are_whole(load: ElectronicLoad) -> None:
    what = load.capabilities
    assert what.voltage_V.high >= 60
    assert what.current_A.high >= 30
    assert what.power_W.high >= 150
    assert 0 < what.current_resolution_A <= 0.1
    assert 0 < what.voltage_resolution_V <= 0.1
    assert what.pulse_min_s > 0
    assert what.timing


def test_out_of_range_raises_and_changes_nothing(loads: Loads, kind: Kind, sinking: ElectronicLoad) -> None:
    for wrong_A in (-0.1, PROTECTION.current_max_A + 0.1, float("nan"), float("inf")):
        with pytest.raises(OutOfRange):
            sinking.set_current(wrong_A)
    assert loads.truth(kind)["current_A"] == pytest.approx(-10.0, abs=0.01)
    top = sinking.capabilities
    for wrong in (
        LoadProtection(0.0, top.voltage_V.high * 1.1, 1.0, 10.0),
        LoadProtection(0.0, 4.2, top.current_A.high * 1.1, 10.0),
        LoadProtection(0.0, 4.2, 1.0, top.power_W.high * 1.1),
        LoadProtection(5.0, 4.2, 1.0, 10.0),
    ):
        with pytest.raises(OutOfRange):
            sinking.prepare(wrong)


def test_nothing_goes_on_unprepared_or_at_a_current(load: ElectronicLoad) -> None:
    for early in (load.input_on, lambda: load.set_current(1.0)):
        with pytest.raises(InstrumentError, match="not prepared"):
            early()
    load.prepare(PROTECTION)
    load.set_current(5.0)
    with pytest.raises(OutOfRange, match="zero current"):
        load.input_on()


def test_make_safe_needs_no_prepare(loads: Loads, kind: Kind, sinking: ElectronicLoad) -> None:
    sinking.close()
    with contextlib.closing(loads.open(kind)) as another:
        another.make_safe()
        assert another.verify_safe().is_safe(0.05)
    assert loads.truth(kind)["output_on"] == [False]


def test_a_protection_that_holds_the_input_off_is_told(
    loads: Loads, kind: Kind, sinking: ElectronicLoad
) -> None:
    loads.fault(kind, "output_trip")
    assert not sinking.input_is_on()
    sinking.set_current(0.0)
    with pytest.raises(InstrumentError):
        sinking.input_on()


def test_a_front_panel_in_charge_is_told(loads: Loads, kind: Kind, sinking: ElectronicLoad) -> None:
    loads.fault(kind, "remote_lost")
    if kind.readback:
        with pytest.raises(DriverError):
            sinking.set_current(5.0)
    with pytest.raises(DriverError):
        sinking.input_off()
    with pytest.raises(DriverError):
        sinking.make_safe()
    assert sinking.verify_safe().output_on


@pytest.mark.parametrize("name", ["sentinel_reading", "nan_reading"])
def test_a_sentinel_is_no_reading(loads: Loads, kind: Kind, sinking: ElectronicLoad, name: str) -> None:
    loads.fault(kind, name)
    with pytest.raises(NoReading):
        sinking.read()
    loads.fault(kind, name, False)
    expect_ten_ampere(sinking.read())


BAD_LINK = ("garbage", "link_silent", "query_silent", "checksum_wrong", "link_reset", "late_reply")
ODD_BYTES = ("split_reply", "echo", "stale_frame", "spare_line", "crlf", "merge_replies")
LACKING = {
    "kunkin-kp184": {"spare_line", "crlf"},
    "itech-it8500": {"spare_line", "crlf"},
    "maynuo-m97": {"spare_line", "crlf"},
}
"""Faults that a protocol of frames does not have; the others have no checksum."""


def with_faults(names: tuple[str, ...]) -> list[Any]:
    """Every load with every fault that its protocol can have."""
    lines = {"checksum_wrong"}
    return [
        pytest.param(kind, name, id=f"{kind}-{name}")
        for kind in LOADS
        for name in names
        if name not in LACKING.get(kind.driver, lines)
    ]


def test_the_faults_left_out_are_those_that_a_link_does_not_have(loads: Loads) -> None:
    for kind in LOADS:
        tried = {param.values[1] for param in with_faults((*BAD_LINK, *ODD_BYTES)) if param.values[0] is kind}
        assert tried == {name for name in (*BAD_LINK, *ODD_BYTES) if loads.knows(kind, name)}, kind


@pytest.mark.parametrize(("kind", "name"), with_faults(BAD_LINK), indirect=["kind"])
def test_a_bad_link_gives_an_error_and_never_a_number(
    loads: Loads, kind: Kind, sinking: ElectronicLoad, name: str
) -> None:
    with contextlib.closing(loads.open(kind, timeout_s=0.15)) as hasty:
        expect_ten_ampere(_soon(hasty))
        loads.fault(kind, name, {"query_silent": 1, "late_reply": 0.4}.get(name, True))
        with pytest.raises((TransportError, NoReading, InstrumentError)):
            hasty.read()
    loads.control("clear_faults", channel=kind.driver)
    expect_ten_ampere(_soon(sinking))


@pytest.mark.parametrize(("kind", "name"), with_faults(ODD_BYTES), indirect=["kind"])
def test_odd_bytes_give_the_right_number_or_an_error(
    loads: Loads, kind: Kind, sinking: ElectronicLoad, name: str
) -> None:
    sinking.set_current(8.0)
    sinking.read()
    sinking.set_current(10.0)
    loads.fault(kind, name)
    right = 0
    if name == "stale_frame" and not kind.tagged:
        with contextlib.suppress(NoReading):
            sinking.read()  # may be old: what stands in the line is all that such a protocol tells
    for _ in range(3):
        with contextlib.suppress(TransportError, NoReading, InstrumentError):
            expect_ten_ampere(sinking.read())
            right += 1
    if name != "echo":
        assert right, "no reading at all"
    loads.control("clear_faults", channel=kind.driver)
    expect_ten_ampere(_soon(sinking))


def test_two_clients_do_not_mix_their_answers(loads: Loads, kind: Kind, sinking: ElectronicLoad) -> None:
    with contextlib.closing(loads.open(kind)) as second:
        for _ in range(3):
            expect_ten_ampere(second.read())
            expect_ten_ampere(sinking.read())


@pytest.mark.parametrize("kind", [kind for kind in LOADS if kind.serial], indirect=True, ids=str)
def test_a_second_program_on_the_serial_port_is_told(loads: Loads, kind: Kind) -> None:
    with (
        contextlib.closing(loads.open(kind, "serial")),
        pytest.raises(TransportError, match="cannot be opened"),
    ):
        loads.open(kind, "serial")


def test_what_a_load_cannot_do_is_unsupported(load: ElectronicLoad) -> None:
    what = load.capabilities
    load.prepare(PROTECTION)
    if what.load_on_timer is None:
        with pytest.raises(Unsupported):
            load.set_load_on_timer(60.0)
    steps = [ListStep(1.0, 0.5, 0.1)]
    if what.list_steps_max == 0:
        for call in (lambda: load.load_list(steps), load.start_list, load.stop_list):
            with pytest.raises(Unsupported):
                call()
    else:
        for wrong in (
            [],
            [ListStep(PROTECTION.current_max_A + 1, 0.5, 0.1)],
            steps * (what.list_steps_max + 1),
        ):
            with pytest.raises(OutOfRange):
                load.load_list(wrong)


def _soon(load: ElectronicLoad) -> LoadReading:
    """A reading, where the first may still meet the link's end."""
    for _ in range(3):
        with contextlib.suppress(DriverError):
            return load.read()
    return load.read()


def test_a_late_echo_of_a_command_is_not_taken_for_its_answer() -> None:
    """The LD400P answers ``INP?`` with the words that switch it; the echo comes behind the next question."""
    late: list[str] = []

    def answer(line: str) -> str | bytes | None:
        if not line.endswith("?"):
            late.append(line)
            return None
        echoes = "".join(f"{word}\n" for word in (*late, line))
        late.clear()
        told = {"INP?": "INP 1", "V?": "3.6V", "I?": "10.0A", "A?": "A 10.0A"}[line]
        return f"{echoes}{told}\n".encode()

    with (
        LineServer(answer) as server,
        contextlib.closing(open_instrument("tti-ld400p", server.address, {"timeout_s": 1.0})) as load,
    ):
        assert isinstance(load, ElectronicLoad)
        with pytest.raises(DriverError):
            load.input_off()
        with pytest.raises(DriverError):
            load.make_safe()


def test_every_load_of_the_catalogue_is_here() -> None:
    from drivers.catalogue import catalogue
    from drivers.spec import Category

    known: set[Any] = {kind.driver for kind in LOADS}
    assert {entry.name for entry in catalogue() if entry.category is Category.LOAD} == known
