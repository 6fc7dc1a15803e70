"""SCPI numbers are strict: a sentinel, a unit or a text never becomes a reading."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import InstrumentError, NoReading, TransportError
from drivers.transports.open import open_line
from drivers.transports.scpi import attempt_all, check_errors, parse_bool, parse_error, parse_number
from tests.drivers.line_server import LineServer


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5.0),
        ("-14.0000", -14.0),
        ("+1.84280000E-05", 1.8428e-5),
        (" 3.7\r", 3.7),
        ("1e3", 1000.0),
        (".5", 0.5),
    ],
)
def test_numbers(text: str, value: float) -> None:
    assert parse_number(text, "voltage", "tcp://x:1") == value


SENTINELS = ("", " ", "9.9E+37", "-9.9E37", "9.91E37", "+9.90000000E+37", "inf", "-INF", "nan", "NAN")
TEXTS = ("1,2", "3.7V", "OFF", "0x10", "1_0", "--1", "٣", "1 2")


@pytest.mark.parametrize("text", [*SENTINELS, *TEXTS])
def test_everything_else_is_no_reading(text: str) -> None:
    with pytest.raises(NoReading) as caught:
        parse_number(text, "voltage", "tcp://x:1")
    assert caught.value.params["quantity"] == "voltage"
    assert "tcp://x:1" in caught.value.message


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e30, max_value=1e30))
def test_every_written_float_comes_back(value: float) -> None:
    assert parse_number(f"{value:+.17E}", "x", "a") == value


@given(st.text(max_size=12))
def test_no_text_crashes_the_parser(text: str) -> None:
    with contextlib.suppress(NoReading):
        assert abs(parse_number(text, "x", "a")) < 9e36


def test_a_unit_is_accepted_only_where_announced() -> None:
    assert parse_number("12.0V", "voltage", "a", unit="V") == 12.0
    with pytest.raises(NoReading):
        parse_number("12.0A", "voltage", "a", unit="V")


def test_bools() -> None:
    assert parse_bool("1", "output", "a") is True
    assert parse_bool("off", "output", "a") is False
    with pytest.raises(InstrumentError):
        parse_bool("", "output", "a")


def test_error_queue_is_emptied_and_the_first_error_raised() -> None:
    queue = ["-222,Data out of range", '-113,"Undefined header"', "0,None"]
    with LineServer(lambda c: queue.pop(0) if c == "SYSTem:ERRor?" else None) as server:
        link = open_line(server.address)
        with pytest.raises(InstrumentError) as caught:
            check_errors(link, "CURR 999")
        assert caught.value.params["error_code"] == -222
        assert caught.value.params["text"] == "Data out of range"
        assert "CURR 999" in caught.value.message
        assert queue == []
        link.close()


def test_error_entries() -> None:
    assert parse_error('+0,"No error"', "a") == (0, "No error")
    with pytest.raises(InstrumentError):
        parse_error("3.7", "a")


def test_attempt_all_runs_every_part_and_raises_the_first_error() -> None:
    done: list[str] = []

    def broken() -> None:
        done.append("broken")
        raise InstrumentError("first")

    def link_down() -> None:
        done.append("link")
        raise TransportError("second")

    with pytest.raises(InstrumentError, match="first"):
        attempt_all(broken, link_down, lambda: done.append("off"))
    assert done == ["broken", "link", "link", "off"]


def test_attempt_all_forgives_a_link_that_reopened() -> None:
    tries: list[int] = []

    def once() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise TransportError("reset")

    attempt_all(once)
    assert len(tries) == 2
