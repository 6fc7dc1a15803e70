"""A channel of a Neware cycler behind a BTS 8 server (TCP, XML; the API must be enabled in the BTS client).

Facts: captures of a BTS 8.0 and the open client aurora-neware (evidence A and B); step files as
aurora-unicycler writes them. Not verified on a machine, and therefore an option, watched or refused: how
short a record period may be; that a running test can be downloaded (its ``count`` is told); pausing and going
on (commands are known by name only). The server has no watchdog: the cycler goes on alone.

The step file is written into a folder that the BTS computer reads; ``folder_there`` is how that computer
names it. The server tells no ratings, so they are options.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from pydantic import Field

from drivers.capabilities import Capabilities, Span, TimingClass
from drivers.contracts.common import Identity
from drivers.contracts.cycler import Cycler, CyclerRecord, CyclerState, CyclerStatus, Schedule
from drivers.contracts.power import PowerReading, SafeState
from drivers.cycler_driver import CyclerOptions
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.errors import InstrumentError, NoReading, TransportError, Unsupported
from drivers.neware_step_file import STEPS_MAX, check_steps, step_file
from drivers.neware_xml import Place, entry, message_size, one, parse, request, rows, unexpected, whole
from drivers.ranges import require_in
from drivers.spec import Category, DriverSpec, need_address
from drivers.transports.address import TcpAddress, parse_address, wrong_address
from drivers.transports.messages import TcpMessages
from drivers.transports.scpi import attempt_all, parse_number

ROWS_AT_ONCE = 1000
_STATES = {
    "working": CyclerState.RUNNING,
    "finish": CyclerState.FINISHED,
    "stop": CyclerState.STOPPED,
    "protect": CyclerState.PROTECTED,
    "pause": CyclerState.PAUSED,
}
_STARTABLE = (CyclerState.FINISHED, CyclerState.STOPPED, CyclerState.PROTECTED)
_STEP_TYPES = ("cc", "cv", "dc", "rest")


class NewareOptions(CyclerOptions):
    """``device``, ``subdevice``, ``channel`` as BTS shows them (27-21-1-2 is type-device-subdevice-channel).

    Ratings are those of the channel. ``record_period_min_s``: the shortest that this machine takes.
    """

    device: int = Field(ge=0)
    subdevice: int = Field(default=1, ge=0)
    channel: int = Field(ge=1)
    record_period_min_s: float = Field(default=0.1, gt=0)
    folder: str | None = None
    folder_there: str | None = None
    username: str = "admin"
    password: str = "neware"


class NewareBts8(Cycler):
    """One channel. Every failed exchange drops the link; the next one connects and logs in again."""

    def __init__(self, address: TcpAddress, options: NewareOptions) -> None:
        self.address, self._options = address.text, options
        self._place = Place(0, options.device, options.subdevice, options.channel)
        self._link = TcpMessages(address, message_size, timeout_s=options.timeout_s, on_open=self._log_in)
        self._file: Path | None = None
        self._test_before: int | None = None
        self._test: int | None = None
        try:
            self._place = self._find()
        except BaseException:
            self._link.close()
            raise

    # ------------------------------------------------------------------ what it is

    @property
    def capabilities(self) -> Capabilities:
        o = self._options
        return Capabilities(
            voltage_V=Span(o.voltage_min_V, o.voltage_max_V),
            current_A=Span(-o.current_max_A, o.current_max_A),
            power_W=Span(-o.voltage_max_V * o.current_max_A, o.voltage_max_V * o.current_max_A),
            voltage_resolution_V=o.voltage_resolution_V,
            current_resolution_A=o.current_resolution_A,
            pulse_min_s=o.pulse_min_s,
            timing=frozenset({TimingClass.HANDED_OVER}),
            sequence_steps_max=STEPS_MAX,
            buffered_readback=True,
            remote_sense=True,  # a cycler has voltage leads of its own
        )

    @property
    def protections(self) -> frozenset[str]:
        return frozenset(
            {"voltage_min_V", "voltage_max_V", "charge_current_max_A", "discharge_current_max_A"}
        )

    @property
    def record_period_min_s(self) -> float:
        return self._options.record_period_min_s

    def identify(self) -> Identity:
        """The channel's place stands for a serial number: the server tells none. Raises InstrumentError."""
        self._place = self._find()
        return Identity("NEWARE", f"BTS8 type {self._place.devtype}", str(self._place), "")

    def close(self) -> None:
        self._link.close()

    # ------------------------------------------------------------------ looking

    def status(self) -> CyclerStatus:
        answer = self._inquire()
        word = answer.get("workstatus", "").strip()
        state = _STATES.get(word, CyclerState.UNKNOWN)
        running = state in (CyclerState.RUNNING, CyclerState.PAUSED)
        step = answer.get("step_id")
        return CyclerStatus(
            state,
            answer.get("barcode", ""),
            whole(answer, "step_id", "inquire", self.address) if running and step else None,
            parse_number(answer.get("totaltime", ""), "total time", self.address) if running else None,
            self._reading(answer),
            word,
        )

    def read(self) -> PowerReading:
        return self._reading(self._inquire())

    def records(self, after: int) -> Sequence[CyclerRecord]:
        test, count = self._newest_test()
        if self._test is None and test != self._test_before:
            self._test = test
        if self._test is None or count <= after:
            return []
        if test != self._test:
            raise unexpected(self.address, "inquiredf", f"test {test} has taken the place of {self._test}")
        where = self._place.attributes(ip=False)
        root = self._ask(
            "download",
            f'<download {where} auxid="0" testid="0" startpos="{after + 1}" count="{ROWS_AT_ONCE}"/>',
        )
        echo = root.find("download")
        if echo is None or whole(echo.attrib, "startpos", "download", self.address) != after + 1:
            self._link.drop()
            raise unexpected(self.address, "download", "the rows of another request came")
        if whole(echo.attrib, "testid", "download", self.address) != self._test:
            raise unexpected(self.address, "download", "the rows of another test came")
        return [self._record(row) for row in rows(root)]

    # ------------------------------------------------------------------ acting

    def check(self, schedule: Schedule) -> None:
        caps, limits = self.capabilities, schedule.protection
        check_steps(schedule, self.address)
        periods = Span(self._options.record_period_min_s, 3600.0)
        require_in(schedule.record_period_s, periods, "record period", "s", self.address, "option")
        for step in schedule.steps:
            require_in(step.current_A, caps.current_A, "current", "A", self.address, "rating")
            own = Span(-limits.discharge_current_max_A, limits.charge_current_max_A)
            require_in(step.current_A, own, "current", "A", self.address, "protection")
        for name in ("voltage_min_V", "voltage_max_V"):
            require_in(getattr(limits, name), caps.voltage_V, name, "V", self.address, "rating")

    def upload(self, schedule: Schedule, name: str) -> str:
        self.check(schedule)
        text = step_file(schedule, name, self.address)
        folder = Path(self._options.folder or Path(tempfile.gettempdir()) / "pulse-station-steps")
        file = folder / f"{name}.xml"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InstrumentError(
                f"{self.address}: the step file cannot be written: {error}",
                remedy="Check the option 'folder': the BTS computer must see what is written there.",
                address=self.address,
                error_code=0,
                text=str(error),
            ) from error
        self._file = file
        return f"{file} ({len(text)} bytes, {len(schedule.steps)} steps)"

    def start(self, name: str) -> None:
        if self._file is None:
            raise unexpected(self.address, "start", "nothing was uploaded")
        state = self.status().state
        if state not in _STARTABLE:
            raise unexpected(self.address, "start", f"the channel is {state.value}")
        self._test_before, self._test = self._newest_test()[0], None
        backup = (
            f'<backup backupdir={quoteattr(self._there(self._file.parent))} remotedir="" filenametype="0" '
            'customfilename="" addtimewhenrepeat="0" createdirbydate="0" filetype="0" backupontime="0" '
            'backupontimeinterval="720" backupfree="1" />'
        )
        path = self._there(self._file)
        body = one("start", self._place, path, f"barcode={quoteattr(name)}", backup)
        self._told("start", body)

    def stop(self) -> None:
        # "false" comes also where nothing runs: what counts is the state afterwards, which is asked for.
        entry(self._ask("stop", one("stop", self._place, "true")), "stop", "stop", self.address)

    def pause(self) -> None:
        raise Unsupported(f"{self.address}: no verified command holds a test", remedy="Stop it.")

    def resume(self) -> None:
        raise Unsupported(f"{self.address}: no verified command goes on with a test", remedy="Start it anew.")

    def make_safe(self) -> None:
        attempt_all(self.stop)
        state = self.status().state
        if not state.over:
            attempt_all(self.stop)

    def verify_safe(self) -> SafeState:
        status = self.status()
        assert status.reading is not None
        return SafeState(not status.state.over, status.reading.current_A)

    # ------------------------------------------------------------------ parts

    def _log_in(self, link: TcpMessages) -> None:
        o = self._options
        body = (
            f"<username>{escape(o.username)}</username><password>{escape(o.password)}</password>"
            "<type>bfgs</type>"
        )
        root = parse(link.ask(request("connect", body), "connect"), "connect", self.address)
        if (root.findtext("result") or "").strip() != "ok":
            raise TransportError(
                f"{self.address}: the BTS server refuses the log-in",
                remedy="Check user name and password, and that the API is enabled in the BTS client.",
                address=self.address,
            )

    def _ask(self, command: str, body: str = "") -> ElementTree.Element:
        try:
            return parse(self._link.ask(request(command, body), command), command, self.address)
        except TransportError:
            self._link.drop()  # what is wrong once may be out of step from here on
            raise

    def _find(self) -> Place:
        o = self._options
        wanted = {"devid": str(o.device), "subdevid": str(o.subdevice), "Channelid": str(o.channel)}
        for channel in self._ask("getdevinfo").findall("middle/channel"):
            if all(channel.get(name, "").strip() == value for name, value in wanted.items()):
                devtype = whole(channel.attrib, "devtype", "getdevinfo", self.address)
                return Place(devtype, o.device, o.subdevice, o.channel, channel.get("ip", "127.0.0.1"))
        raise unexpected(self.address, "getdevinfo", f"there is no channel {self._place}")

    def _inquire(self) -> dict[str, str]:
        p = self._place
        root = self._ask("inquire", one("inquire", p, "true", 'aux="0" barcode="1"'))
        answer = dict(entry(root, "inquire", "inquire", self.address).attrib)
        told = answer.get("dev", "").split("-")
        # The sub-device may wrongly be 1; device and channel must be ours.
        if len(told) < 4 or told[1] != str(p.devid) or told[3] != str(p.chlid):
            self._link.drop()
            raise unexpected(self.address, "inquire", f"{answer.get('dev')!r} is another channel than {p}")
        return answer

    def _newest_test(self) -> tuple[int, int]:
        """Number of the newest test and how many records it has."""
        where = self._place.attributes(ip=False)
        root = self._ask("inquiredf", f'<list count = "1"><chl {where} testid="0" /></list>')
        answer = entry(root, "chl", "inquiredf", self.address).attrib
        return (
            whole(answer, "testid", "inquiredf", self.address),
            whole(answer, "count", "inquiredf", self.address),
        )

    def _reading(self, answer: dict[str, str]) -> PowerReading:
        return PowerReading(
            parse_number(answer.get("voltage", ""), "voltage", self.address),
            parse_number(answer.get("current", ""), "current", self.address),
        )

    def _record(self, row: Any) -> CyclerRecord:
        """A download's row. Times are ms within the step. Raises NoReading, InstrumentError."""
        kind = row.get("steptype", "")
        if kind not in _STEP_TYPES:
            raise NoReading(
                f"{self.address}: a record of step type {kind!r}",
                remedy="Look at the test in the BTS client.",
            )
        return CyclerRecord(
            whole(row, "seqid", "download", self.address),
            whole(row, "stepid", "download", self.address),
            parse_number(row.get("testtime", ""), "time in step", self.address) / 1000,
            parse_number(row.get("volt", ""), "voltage", self.address),
            parse_number(row.get("curr", ""), "current", self.address),
        )

    def _told(self, command: str, body: str) -> None:
        answer = (entry(self._ask(command, body), command, command, self.address).text or "").strip()
        if answer != "ok":
            raise unexpected(self.address, command, f"the server answers {answer!r}")

    def _there(self, path: Path) -> str:
        """A path as the BTS computer names it."""
        there = self._options.folder_there
        if there is None:
            return str(path)
        inside = path.name if path == self._file else ""
        separator = "\\" if "\\" in there else "/"
        return f"{there.rstrip(separator)}{separator}{inside}" if inside else there


def _open(address: str | None, options: Any) -> NewareBts8:
    assert isinstance(options, NewareOptions)
    text = need_address(address, driver.name)
    parsed = parse_address(text)
    if not isinstance(parsed, TcpAddress):
        raise wrong_address(text, "a BTS server listens on TCP: use tcp://HOST:502")
    return NewareBts8(parsed, options)


driver = DriverSpec(
    name="neware-bts8",
    category=Category.CYCLER,
    title="Neware cycler channel behind a BTS 8 server (XML over TCP)",
    open=_open,
    options_model=NewareOptions,
    datasheet=Datasheet(
        evidence=Evidence.B,
        sources=(
            "captures of a BTS 8.0 (grade A)",
            "aurora-neware",
            "step files of aurora-unicycler (grade B)",
        ),
        links=("tcp",),
        variants=(
            Variant(
                "any channel of a BTS 8 server",
                timing=frozenset({TimingClass.HANDED_OVER}),
                sequence_steps_max=STEPS_MAX,
                buffered_readback=True,
                watchdog_s=False,
                note="ratings and shortest pulse are given in the bench file; no power limit of its own",
            ),
        ),
        simulators=("neware-bts8",),
        proofs=(
            Proof(
                "aurora-neware",
                "simulator",
                "its client starts, watches and reads tests",
                "tests/simulators/instruments/test_neware_bts8.py",
            ),
            Proof(
                "aurora-unicycler",
                "simulator",
                "its step files are played",
                "tests/simulators/instruments/test_neware_bts8.py",
            ),
            Proof(
                "BTS 8.0 replies as captured",
                "driver",
                "read from a real socket",
                "tests/drivers/cyclers/test_neware_driver.py",
            ),
        ),
        unverified=(
            "how short a record period may be",
            "download of a running test",
            "sign of the lower current limit in the step file",
            "pause and continue: not used",
        ),
    ),
)
