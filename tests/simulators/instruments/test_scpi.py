"""Header matching, compounds, parameters and the error queue."""

from __future__ import annotations

import pytest

from simulators.faults import FaultSet
from simulators.scpi import parameters
from simulators.scpi.device import ScpiDevice
from simulators.scpi.errors import ErrorQueue, ScpiError
from simulators.scpi.table import CommandTable


class Toy(ScpiDevice):
    """Two settings and an error queue."""

    def __init__(self, *, depth: int = 3, keep_oldest: bool = False) -> None:
        super().__init__(FaultSet("toy"), ErrorQueue(depth, keep_oldest=keep_oldest))
        self.values = {"level": 0.0, "width": 0.0}
        self.table.add("[SOURce:]CURRent[:LEVel][:IMMediate]", lambda text: self._set("level", text))
        self.table.add("[SOURce:]CURRent[:LEVel][:IMMediate]?", lambda _: f"{self.values['level']:.1f}")
        self.table.add("[SOURce:]CURRent:WIDth", lambda text: self._set("width", text))
        self.table.add("[SOURce:]CURRent:WIDth?", lambda _: f"{self.values['width']:.1f}")
        self.table.add("*IDN?", lambda _: "toy")

    def _set(self, name: str, text: str) -> None:
        self.values[name] = parameters.number(text, 0.0, 10.0, 5.0)


@pytest.mark.parametrize(
    "header",
    [
        "CURR",
        "CURRENT",
        "SOUR:CURR",
        "SOURCE:CURRENT:LEVEL:IMMEDIATE",
        "CURR:LEV",
        "CURR:IMM",
        "SOUR:CURR:LEV:IMM",
    ],
)
def test_short_long_and_optional_nodes(header: str) -> None:
    table = CommandTable()
    table.add("[SOURce:]CURRent[:LEVel][:IMMediate]", lambda _: "hit")
    found = table.find(header)
    assert found is not None
    assert found("") == "hit"


@pytest.mark.parametrize(
    "header", ["CUR", "CURRE", "CURR:LEVE", "SOURC:CURR", "CURR:WID", "CURR?", "SOUR", ""]
)
def test_other_spellings_are_unknown(header: str) -> None:
    table = CommandTable()
    table.add("[SOURce:]CURRent[:LEVel][:IMMediate]", lambda _: "hit")
    assert table.find(header) is None


def test_any_length_takes_what_lies_between_short_and_long() -> None:
    table = CommandTable(any_length=True)
    table.add("MEASure:VOLtage?", lambda _: "hit")
    assert all(table.find(f"MEAS:{word}?") for word in ("VOL", "VOLT", "VOLTA", "VOLTAGE"))
    assert table.find("MEAS:VO?") is None
    assert table.find("MEAS:VOLTAGES?") is None


def test_case_leading_colon_and_compound_path() -> None:
    toy = Toy()
    assert toy.execute(":sour:curr:lev 2;width 3;:CURR?;CURR:WID?") == ["2.0;3.0"]
    assert toy.errors.pop() is None


def test_the_suffix_of_what_there_is_once() -> None:
    """SCPI-99: without a suffix 1 is meant; another one is out of range, not unknown."""
    toy = Toy()
    assert toy.execute("SOUR1:CURR1:LEV 2;WID1 3;:source1:current?;CURR:WID1?") == ["2.0;3.0"]
    assert toy.errors.pop() is None
    assert toy.execute("SOUR2:CURR?") == []
    assert toy.execute("SOUR1:NOPE?") == []
    assert toy.execute("*IDN1?") == []
    codes = [error.code for error in iter(toy.errors.pop, None)]
    assert codes == [-114, -113, -113]


def test_common_command_keeps_the_path() -> None:
    toy = Toy()
    assert toy.execute("SOUR:CURR:LEV 1;*IDN?;WIDTH 4;WID?") == ["toy;4.0"]
    assert toy.values == {"level": 1.0, "width": 4.0}


@pytest.mark.parametrize(("word", "value"), [("MIN", 0.0), ("MAXimum", 10.0), ("DEF", 5.0), ("1e-1", 0.1)])
def test_limit_words_and_numbers(word: str, value: float) -> None:
    toy = Toy()
    toy.execute(f"CURR {word}")
    assert toy.values["level"] == value


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("CURR 11", -222),
        ("CURR nan", -104),
        ("CURR x", -104),
        ("CURR", -109),
        ("NOPE 1", -113),
        ("NOPE?", -113),
    ],
)
def test_refused_command_changes_nothing_answers_nothing_and_queues_its_error(line: str, code: int) -> None:
    toy = Toy()
    toy.execute("CURR 7")
    assert toy.execute(line) == []
    error = toy.errors.pop()
    assert error is not None
    assert error.code == code
    assert toy.values["level"] == 7.0


def test_errors_come_out_in_order_and_overflow_is_marked() -> None:
    toy = Toy(depth=2)
    for line in ("CURR 11", "NOPE", "CURR x"):
        toy.execute(line)
    codes = [error.code for error in iter(toy.errors.pop, None)]
    assert codes == [-222, -350]


def test_queue_that_keeps_the_oldest_drops_later_ones() -> None:
    toy = Toy(depth=2, keep_oldest=True)
    for line in ("CURR 11", "NOPE", "CURR x"):
        toy.execute(line)
    assert [error.code for error in iter(toy.errors.pop, None)] == [-222, -113]


def test_parameters() -> None:
    assert parameters.split("TC,K,(@101,102:104)") == ["TC", "K", "(@101,102:104)"]
    assert parameters.channel_list("(@101,104:102)") == [101, 102, 103, 104]
    assert parameters.channel_list("(@)") == []
    assert parameters.boolean("on") is True
    assert parameters.word("volt", ("CURRent", "VOLTage")) == "VOLTage"
    with pytest.raises(ScpiError, match="-224"):
        parameters.boolean("maybe")
    with pytest.raises(ScpiError, match="-102"):
        parameters.channel_list("101")
