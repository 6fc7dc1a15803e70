"""The Neware driver on a real socket against replies as captured, and against what goes wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.catalogue import open_instrument
from drivers.contracts.cycler import CannotSay, CyclerState, CyclerStep, Schedule
from drivers.contracts.power import Protection
from drivers.errors import DriverError, InstrumentError, NoReading, OutOfRange, TransportError, Unsupported
from drivers.neware_bts8 import NewareBts8
from drivers.neware_step_file import step_file
from drivers.neware_xml import message_size, parse
from tests.drivers.cyclers import golden_neware as golden
from tests.drivers.line_server import Answer, LineServer

OPTIONS = {"device": 21, "subdevice": 1, "channel": 1, "voltage_max_V": 5.0, "current_max_A": 10.0}
LIMITS = Protection(2.5, 4.25, 8.0, 6.0, 40.0, 30.0)
PULSES = Schedule(
    (CyclerStep(5.0, 5.0), CyclerStep(0.0, 75.0), CyclerStep(-5.0, 5.0), CyclerStep(0.0, 75.0)), LIMITS, 0.1
)


class Script:
    """A server that answers by command; ``answers`` may be changed by a test."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {
            "connect": golden.CONNECT,
            "getdevinfo": golden.DEVINFO,
            "inquire": golden.INQUIRE_FINISHED,
            "inquiredf": golden.INQUIREDF,
            "download": golden.DOWNLOAD,
            "start": golden.answer_to("start", "ok"),
            "stop": golden.answer_to("stop", "ok"),
        }
        self.server = LineServer(self._answer, terminator=golden.TERMINATOR)

    @property
    def asked(self) -> list[str]:
        """The requests; the lines of a terminator are none."""
        return [line for line in self.server.lines if line.startswith("<?xml")]

    def _answer(self, text: str) -> Answer:
        found = re.search("<cmd>(.*?)</cmd>", text)
        return self.answers.get(found[1]) if found else None


@pytest.fixture
def script() -> Iterator[Script]:
    made = Script()
    yield made
    made.server.close()


@pytest.fixture
def channel(script: Script, tmp_path: Path) -> Iterator[NewareBts8]:
    options: dict[str, Any] = {**OPTIONS, "folder": str(tmp_path / "steps"), "timeout_s": 0.3}
    opened = open_instrument("neware-bts8", script.server.address, options)
    assert isinstance(opened, NewareBts8)
    yield opened
    opened.close()


def test_it_asks_in_the_words_of_the_protocol(script: Script, channel: NewareBts8) -> None:
    assert channel.identify().serial == "21-1-1"
    assert channel.identify().model == "BTS8 type 27"
    channel.read()
    connect, devinfo, *_, inquire = script.asked
    head = '<?xml version="1.0" encoding="UTF-8" ?><bts version="1.0">'
    assert connect == (
        f"{head}<cmd>connect</cmd><username>admin</username><password>neware</password><type>bfgs</type></bts>"
    )
    assert devinfo == f"{head}<cmd>getdevinfo</cmd></bts>"
    assert inquire == (
        f'{head}<cmd>inquire</cmd><list count = "1"><inquire ip="127.0.0.1" devtype="27" devid="21" '
        'subdevid="1" chlid="1" aux="0" barcode="1">true</inquire></list></bts>'
    )


def test_captured_replies(script: Script, channel: NewareBts8) -> None:
    idle = channel.status()
    assert (idle.state, idle.test, idle.step, idle.elapsed_s) == (
        CyclerState.FINISHED, "251203_kigr_gen17_01", None, None,
    )  # fmt: skip
    assert (channel.read().voltage_V, channel.read().current_A) == (3.8834, 0.0)
    script.answers["inquire"] = golden.INQUIRE_WORKING
    busy = channel.status()
    assert (busy.state, busy.step, busy.elapsed_s) == (CyclerState.RUNNING, 4, 3189199.3)
    assert busy.reading is not None
    assert busy.reading.current_A == -0.0003
    channel._test = 143
    (record,) = channel.records(219575)
    assert (record.number, record.step, record.step_time_s) == (219576, 24, 36070.0)
    assert (record.voltage_V, record.current_A) == (3.6780698299408, -0.000295051460852847)


def test_start_names_the_file_and_the_test(script: Script, channel: NewareBts8, tmp_path: Path) -> None:
    told = channel.upload(PULSES, "PS-1")
    file = tmp_path / "steps" / "PS-1.xml"
    assert str(file) in told
    channel.start("PS-1")
    line = script.asked[-1]
    assert f'barcode="PS-1">{file}</start><backup backupdir="{file.parent}"' in line
    script.answers["start"] = golden.answer_to("start", "false")
    with pytest.raises(InstrumentError, match="'false'"):
        channel.start("PS-1")
    script.answers["inquire"] = golden.INQUIRE_WORKING
    with pytest.raises(InstrumentError, match="running"):
        channel.start("PS-1")


def test_a_folder_may_have_another_name_there(script: Script, tmp_path: Path) -> None:
    options = {**OPTIONS, "folder": str(tmp_path), "folder_there": "D:\\steps"}
    channel = open_instrument("neware-bts8", script.server.address, options)
    assert isinstance(channel, NewareBts8)
    channel.upload(PULSES, "PS-2")
    channel.start("PS-2")
    channel.close()
    assert '>D:\\steps\\PS-2.xml</start><backup backupdir="D:\\steps"' in script.asked[-1]


def test_the_step_file() -> None:
    root = ElementTree.fromstring(step_file(PULSES, "PS-1", "here"))
    config = root.find("config")
    assert config is not None
    assert (config.get("type"), config.get("version")) == ("Step File", "17")

    def value(path: str) -> float:
        found = config.find(path)
        assert found is not None
        return float(found.attrib["Value"])

    assert value("Whole_Prt/Protect/Main/Volt/Upper") == 42500
    assert value("Whole_Prt/Protect/Main/Volt/Lower") == 25000
    assert value("Whole_Prt/Protect/Main/Curr/Upper") == 8000
    assert value("Whole_Prt/Protect/Main/Curr/Lower") == -6000
    assert value("Whole_Prt/Record/Main/Time") == 100
    steps = config.find("Step_Info")
    assert steps is not None
    assert [step.get("Step_Type") for step in steps] == ["1", "4", "2", "4", "6"]
    assert (value("Step_Info/Step3/Limit/Main/Curr"), value("Step_Info/Step3/Limit/Main/Time")) == (
        5000,
        5000,
    )
    assert config.find("Step_Info/Step2/Limit/Main/Curr") is None


@pytest.mark.parametrize(
    ("steps", "step"),
    [
        ((), 0),
        ((CyclerStep(1.0, 5.0), CyclerStep(0.0, 0.0)), 2),
        ((CyclerStep(1.0, 0.0005),), 1),
        ((CyclerStep(float("nan"), 1.0),), 1),
        ((CyclerStep(1e-8, 1.0),), 1),
        ((CyclerStep(0.0, 5.0), CyclerStep(0.0, 5.0, until_V=4.0)), 2),
        ((CyclerStep(1.0, 1.0),) * 501, 0),
    ],
)
def test_what_the_format_cannot_say_is_refused_by_step(steps: tuple[CyclerStep, ...], step: int) -> None:
    with pytest.raises(CannotSay) as caught:
        step_file(Schedule(steps, LIMITS, 0.1), "PS-1", "here")
    assert caught.value.params["step"] == step
    assert caught.value.remedy


def test_out_of_range_sends_nothing(script: Script, channel: NewareBts8) -> None:
    sent = len(script.asked)
    for schedule in (
        Schedule((CyclerStep(11.0, 1.0),), LIMITS, 0.1),
        Schedule((CyclerStep(-7.0, 1.0),), LIMITS, 0.1),
        Schedule((CyclerStep(1.0, 1.0),), Protection(2.5, 6.0, 8.0, 6.0, 1, 1), 0.1),
        Schedule((CyclerStep(1.0, 1.0),), LIMITS, 0.01),
    ):
        with pytest.raises(OutOfRange):
            channel.upload(schedule, "PS-1")
    with pytest.raises(Unsupported):
        channel.pause()
    assert len(script.asked) == sent


@pytest.mark.parametrize(
    ("command", "reply", "error"),
    [
        ("inquire", None, TransportError),
        ("inquire", golden.INQUIRE_FINISHED[:120], TransportError),
        ("inquire", b"\x00\xff\xfe" * 9 + golden.TERMINATOR, TransportError),
        ("inquire", golden.INQUIREDF, TransportError),
        ("inquire", b'<!DOCTYPE a [<!ENTITY b "c">]><bts/>' + golden.TERMINATOR, TransportError),
        ("inquire", golden.document("inquire_resp", "<list/>"), InstrumentError),
        ("inquire", golden.INQUIRE_FINISHED.replace(b"27-21-1-1-0", b"27-21-1-2-0"), InstrumentError),
        ("inquire", golden.INQUIRE_FINISHED.replace(b'"3.8834"', b'"--"'), NoReading),
        ("inquire", golden.INQUIRE_FINISHED.replace(b'"3.8834"', b'"9.9E+37"'), NoReading),
        ("inquire", golden.INQUIRE_FINISHED.replace(b'"3.8834"', b'"nan"'), NoReading),
        ("inquiredf", golden.INQUIREDF.replace(b'"219585"', b'"many"'), InstrumentError),
        ("download", golden.DOWNLOAD.replace(b'startpos="219576"', b'startpos="1"'), InstrumentError),
        ("download", golden.DOWNLOAD.replace(b'testid="143"', b'testid="142"'), InstrumentError),
        ("download", golden.DOWNLOAD.replace(b"3.6780698299408", b"inf"), NoReading),
        ("download", golden.DOWNLOAD.replace(b'"dc"', b'"??"'), NoReading),
    ],
)
def test_no_number_from_a_wrong_reply(
    script: Script, channel: NewareBts8, command: str, reply: bytes | None, error: type[DriverError]
) -> None:
    channel._test = 143
    good, script.answers[command] = script.answers[command], reply
    with pytest.raises(error) as caught:
        channel.read() if command == "inquire" else channel.records(219575)
    assert caught.value.remedy
    script.answers[command] = good
    # The next question is answered in step again.
    assert channel.read().voltage_V == 3.8834
    assert len(channel.records(219575)) == 1


def test_it_connects_and_logs_in_again_after_a_cut(script: Script, channel: NewareBts8) -> None:
    script.answers["inquire"] = lambda peer: peer.reset()
    with pytest.raises(TransportError):
        channel.read()
    script.answers["inquire"] = golden.INQUIRE_FINISHED
    assert channel.read().voltage_V == 3.8834
    assert sum("<cmd>connect</cmd>" in line for line in script.asked) == 2


def test_an_unknown_word_is_never_safe(script: Script, channel: NewareBts8) -> None:
    script.answers["inquire"] = golden.INQUIRE_FINISHED.replace(b'"finish"', b'"levitate"')
    assert channel.status().state is CyclerState.UNKNOWN
    assert channel.verify_safe().output_on


def test_making_safe_asks_for_a_stop_and_again_where_it_goes_on(script: Script, channel: NewareBts8) -> None:
    script.answers["inquire"] = golden.INQUIRE_WORKING
    channel.make_safe()
    assert sum("<cmd>stop</cmd>" in line for line in script.asked) == 2
    assert channel.verify_safe().output_on


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([b"<", b">", b"a", b'"', b"=", b"/", b"&", b"\xff", b"\x00"]), max_size=60).map(
        b"".join
    )
)
def test_the_parser_gives_an_element_or_a_driver_error(junk: bytes) -> None:
    for text in (junk, b"<bts><cmd>inquire_resp</cmd>" + junk + b"</bts>"):
        message = text + golden.TERMINATOR
        assert 0 < message_size(message) <= len(message)
        try:
            root = parse(message[: message_size(message)], "inquire", "here")
        except DriverError:
            continue
        assert root.tag == "bts"
