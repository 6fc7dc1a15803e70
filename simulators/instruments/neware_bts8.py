"""Simulated Neware BTS 8 server: XML over TCP, several channels behind one port.

Facts: captures of a BTS 8.0 (replies, units, misspelt names). Seen and played here: a sub-device other than
1 is answered as 1 in ``getchlstatus``; a list of two says ``count="1"`` in ``inquire``; tail text behind a
list is let pass; one terminator without the line feeds is understood; stop is ``false`` where nothing runs;
start is legal from finish, stop and protect; ``startpos=0`` gives no rows but the true ``testid``. Chosen
here: a channel that has never run says ``finish`` as those captured did; step files are read from this
computer's disk.
"""

from __future__ import annotations

import asyncio
import datetime
import re
from collections.abc import Callable
from pathlib import Path
from typing import cast
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from pydantic import BaseModel, ConfigDict, Field

from simulators.instruments.cycler_channel import CyclerChannel, Record
from simulators.instruments.cycler_rack import CyclerRack
from simulators.instruments.neware_steps import read_step_file
from simulators.link import Cable, Link

END = b"#\r\n"
TERMINATOR = b"\n\n#\r\n"
MESSAGE_MAX = 1_000_000
ROWS_MAX = 10_000
_STEP_TYPES = {"charge": "cc", "discharge": "dc", "rest": "rest", "cv": "cv"}
_EPOCH = datetime.datetime(2026, 1, 1, 8, 0, 0)
_BTS = re.compile(r"<bts\b.*</bts>", re.DOTALL)


class NewarePlace(BaseModel):
    """One channel of the server, and the bench channel it is wired to (None: the one it stands in)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    devid: int = 21
    subdevid: int = 1
    chlid: int = 1
    bench_channel: str | None = None


class NewareOptions(BaseModel):
    """Settings of one simulated server."""

    model_config = ConfigDict(extra="forbid")

    devtype: int = 27
    places: list[NewarePlace] = Field(default_factory=lambda: [NewarePlace()])
    voltage_max_V: float = Field(default=5.0, gt=0)
    current_max_A: float = Field(default=100.0, gt=0)
    voltage_noise_V: float = Field(default=0.0001, ge=0)
    current_noise_A: float = Field(default=0.002, ge=0)
    record_period_min_s: float = Field(default=0.1, gt=0)
    username: str = "admin"
    password: str = "neware"
    max_clients: int | None = None


class NewareBts8(CyclerRack[NewarePlace]):
    """The server. ``wire`` connects one of its channels to a circuit."""

    KIND = "neware-bts8"
    TERMINATOR = TERMINATOR

    def __init__(self, options: NewareOptions, *, host: str, port: int, seed: int) -> None:
        super().__init__(options, host=host, port=port, seed=seed)
        self.options = options
        self.channels: dict[tuple[int, int, int], CyclerChannel] = {}
        self._tests = 100
        self._test_ids: dict[tuple[int, int, int], int] = {}
        self._server: asyncio.Server | None = None

    def _keep(self, place: NewarePlace, channel: CyclerChannel) -> None:
        self.channels[place.devid, place.subdevid, place.chlid] = channel

    async def start(self) -> None:
        """Bind and listen."""
        loop = asyncio.get_running_loop()
        cable = self._cable
        assert cable is not None
        self._server = await loop.create_server(lambda: _Client(self, cable), self._host, self._port)
        self._port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Hang up and stop listening."""
        if self._server is not None and self._cable is not None:
            self._server.close()
            self._cable.hang_up()
            await self._server.wait_closed()
            self._server = None

    # ---- the protocol ---------------------------------------------------------------------

    def answer(self, message: bytes, client: _Client) -> str:
        """The reply to one request, without the terminator. An unknown request gets an empty one."""
        found = _BTS.search(message.decode("utf-8", errors="replace"))
        try:
            root = ElementTree.fromstring(found[0] if found else "")
        except ElementTree.ParseError:
            return ""
        command = (root.findtext("cmd") or "").strip()
        if command == "connect":
            o = self.options
            client.logged_in = (root.findtext("username"), root.findtext("password")) == (
                o.username,
                o.password,
            )
            return _document("connect_resp", [f"  <result>{'ok' if client.logged_in else 'false'}</result>"])
        handler = self._handlers().get(command)
        if handler is None or not client.logged_in:
            return ""
        try:
            return handler(root)
        except (KeyError, ValueError, TypeError):
            return ""

    def _handlers(self) -> dict[str, Callable[[ElementTree.Element], str]]:
        return {
            "getdevinfo": self._getdevinfo,
            "getchlstatus": self._getchlstatus,
            "inquire": self._inquire,
            "inquiredf": self._inquiredf,
            "download": self._download,
            "downloadlog": self._downloadlog,
            "downloadStepLayer": self._step_layer,
            "start": self._start,
            "stop": lambda root: self._each(root, "stop", lambda _, channel: channel.stop()),
            "light": lambda root: self._each(root, "light", lambda *_: True),
            "clearflag": lambda root: self._each(root, "clearflag", lambda *_: True),
        }

    def _getdevinfo(self, root: ElementTree.Element) -> str:  # noqa: ARG002  (the handlers' signature)
        lines = ['  <serverip count="1">', '    <server ip="127.0.0.1" port="3306" />', "  </serverip>"]
        lines.append(f'  <middle count="{len(self.channels)}">')
        for (devid, subdevid, chlid), channel in self.channels.items():
            free = "false" if channel.state == "working" else "true"
            lines.append(
                f'    <channel ip="127.0.0.1" devtype="{self.options.devtype}" devid="{devid}" '
                f'subdevid="{subdevid}" Channelid="{chlid}">{free}</channel>'
            )
        return _document("getdevinfo_resp", [*lines, "</middle>"])

    def _getchlstatus(self, root: ElementTree.Element) -> str:
        lines = []
        for element in root.findall("list/status"):
            key, channel = self._of(element)
            lines.append(f'    <status {_place(self.options.devtype, key, subdevid=1)} reservepause="1">'
                         f"{_word(channel)}</status>")  # fmt: skip
        return _document("getchlstatus_resp", _list(lines))

    def _inquire(self, root: ElementTree.Element) -> str:
        lines = []
        for element in root.findall("list/inquire"):
            (devid, subdevid, chlid), channel = self._of(element)
            lines.append(
                f'    <inquire dev="{self.options.devtype}-{devid}-{subdevid}-{chlid}-0" {_now(channel)} />'
            )
        return _document("inquire_resp", _list(lines, count=1))

    def _inquiredf(self, root: ElementTree.Element) -> str:
        lines = []
        for element in root.findall("list/chl"):
            key, channel = self._of(element)
            channel.circuit.refresh()
            over = "false" if channel.state in ("working", "pause") else "true"
            lines.append(
                f"    <chl {_place(self.options.devtype, key, ip=False)} "
                f'testid="{self._test_ids.get(key, 0)}" count="{len(channel.records)}">{over}</chl>'
            )
        return _document("inquiredf_resp", _list(lines))

    def _download(self, root: ElementTree.Element) -> str:
        element = _need(root, "download")
        key, channel = self._of(element)
        first, count = int(element.get("startpos", "0")), int(element.get("count", "0"))
        records = channel.told(first, min(count, ROWS_MAX)) if first > 0 and count > 0 else []
        echo = (
            f"  <download {_place(self.options.devtype, key, ip=False)} "
            f'testid="{self._test_ids.get(key, 0)}" startpos="{first}" count="{count}" auxid="0" />'
        )
        return _document("donwload_resp", [echo, *_list([_row(channel, record) for record in records])])

    def _downloadlog(self, root: ElementTree.Element) -> str:
        key, channel = self._of(_need(root, "download"))
        lines = []
        if channel.records:
            codes = [(100000, channel.records[0].at_s)]
            if channel.state not in ("working", "pause"):
                codes.append((100001, channel.records[-1].at_s))
            lines = [
                f'    <data seqid="{number}" log_code="{code}" atime="{_local(at_s)}" />'
                for number, (code, at_s) in enumerate(codes, 1)
            ]
        place = _place(self.options.devtype, key, ip=False)
        echo = f'  <download {place} testid="{self._test_ids.get(key, 0)}" log_lever="0" />'
        return _document("donwloadlog_resp", [echo, *_list(lines)])

    def _step_layer(self, root: ElementTree.Element) -> str:
        _, channel = self._of(_need(root, "downloadStepLayer"))
        lines = []
        for step in sorted({record.step for record in channel.records}):
            inside = [record for record in channel.records if record.step == step]
            first, last = inside[0], inside[-1]
            lines.append(
                f'    <data startseqid="{first.number}" endseqid="{last.number}" stepindex="{step}" '
                f'stepid="{step}" cycleid="1" steptype="{_STEP_TYPES[channel.kind_of(last)]}" '
                f'steptime="{_ms(last.step_time_s)}" '
                f'endatime="{_local(last.at_s)}" startvolt="{first.voltage}" endvolt="{last.voltage}" '
                f'startcurr="{first.current}" endcurr="{last.current}" cap="{last.charge_Ah:.15g}" '
                f'eng="{last.energy_Wh:.15g}" dcir="0" />'
            )
        return _document("downloadStepLayer_resp", _list(lines))

    def _start(self, root: ElementTree.Element) -> str:
        def begin(element: ElementTree.Element, channel: CyclerChannel) -> bool:
            try:
                program = read_step_file(Path((element.text or "").strip()).read_text(encoding="utf-8"))
            except (OSError, ValueError):
                return False
            period_s = max(program.period_s, self.options.record_period_min_s)
            if not channel.start(element.get("barcode", ""), program.steps, program.limits, period_s):
                return False
            self._tests += 1
            self._test_ids[self._of(element)[0]] = self._tests
            return True

        return self._each(root, "start", begin)

    def _each(
        self, root: ElementTree.Element, tag: str, act: Callable[[ElementTree.Element, CyclerChannel], bool]
    ) -> str:
        lines = []
        for element in root.findall(f"list/{tag}"):
            key, channel = self._of(element)
            done = "ok" if act(element, channel) else "false"
            lines.append(f"    <{tag} {_place(self.options.devtype, key)}>{done}</{tag}>")
        return _document(f"{tag}_resp", _list(lines))

    def _of(self, element: ElementTree.Element) -> tuple[tuple[int, int, int], CyclerChannel]:
        """The channel an element names. Raises KeyError, ValueError."""
        key = (int(element.attrib["devid"]), int(element.attrib["subdevid"]), int(element.attrib["chlid"]))
        return key, self.channels[key]


class _Client(asyncio.Protocol):
    def __init__(self, server: NewareBts8, cable: Cable) -> None:
        self._neware, self._cable = server, cable
        self._link: Link | None = None
        self._rest = b""
        self.logged_in = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._link = Link(self._cable, cast(asyncio.Transport, transport))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's signature)
        if self._link is not None:
            self._link.lost()

    def data_received(self, data: bytes) -> None:
        assert self._link is not None
        self._rest += self._link.heard(data)
        while (at := self._rest.find(END)) >= 0:
            message, self._rest = self._rest[:at], self._rest[at + len(END) :]
            reply = self._neware.answer(message, self)
            if reply:
                self._link.send(reply.encode() + TERMINATOR)
        if len(self._rest) > MESSAGE_MAX:
            self._link.abort()


def _need(root: ElementTree.Element, tag: str) -> ElementTree.Element:
    found = root.find(tag)
    if found is None:
        raise ValueError(f"no {tag}")
    return found


def _document(command: str, lines: list[str]) -> str:
    head = ['<?xml version="1.0" encoding="UTF-8"?>', '<bts version="1.0">', f"  <cmd>{command}</cmd>"]
    return "\r\n".join([*head, *lines, "</bts>"])


def _list(lines: list[str], *, count: int | None = None) -> list[str]:
    return [f'  <list count="{len(lines) if count is None else count}">', *lines, "  </list>"]


def _place(devtype: int, key: tuple[int, int, int], *, ip: bool = True, subdevid: int | None = None) -> str:
    where = 'ip="127.0.0.1" ' if ip else ""
    sub = key[1] if subdevid is None else subdevid
    return f'{where}devtype="{devtype}" devid="{key[0]}" subdevid="{sub}" chlid="{key[2]}"'


def _word(channel: CyclerChannel) -> str:
    channel.circuit.refresh()
    return "finish" if channel.state == "idle" else channel.state


def _short(value: float, digits: int) -> str:
    """At most so many decimals, none that are 0."""
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"
    return "0" if text in ("", "-0") else text


def _now(channel: CyclerChannel) -> str:
    """The changing attributes of ``inquire``."""
    word = _word(channel)
    busy = word in ("working", "pause")
    step = (
        f'step_id="{channel.step}" step_type="{_STEP_TYPES[channel.present.kind]}"'
        if busy
        else 'step_type="--"'
    )
    charge_Ah, energy_Wh = channel.moved() if busy else (0.0, 0.0)
    return (
        f'cycle_id="1" {step} workstatus="{word}" barcode={quoteattr(channel.test)} '
        f'current="{_cut(channel.current("%.6f"), idle=not busy)}" voltage="{_cut(channel.voltage("%.6f"))}" '
        f'capacity="{_short(charge_Ah, 4)}" energy="{_short(energy_Wh, 4)}" '
        f'totaltime="{_short(channel.test_s if busy else 0.0, 1)}" '
        f'relativetime="{_short(channel.step_s if busy else 0.0, 1)}" open_or_close="0" '
        f'log_code="{102000 if busy else 0}"'
    )


def _cut(text: str, *, idle: bool = False) -> str:
    """At most four decimals; an idle channel shows no current. Text that is no number stays as it is."""
    try:
        value = float(text)
    except ValueError:
        return text
    if not abs(value) < 1e9:
        return text
    return "0" if idle and abs(value) < 0.05 else _short(value, 4)


def _row(channel: CyclerChannel, record: Record) -> str:
    return (
        f'    <data seqid="{record.number}" stepid="{record.step}" cycleid="1" '
        f'steptype="{_STEP_TYPES[channel.kind_of(record)]}" testtime="{_ms(record.step_time_s)}" '
        f'atime="{_local(record.at_s)}" volt="{record.voltage}" curr="{record.current}" '
        f'cap="{record.charge_Ah:.15g}" eng="{record.energy_Wh:.15g}" />'
    )


def _ms(time_s: float) -> int:
    return round(1000 * time_s)


def _local(at_s: float) -> str:
    return (_EPOCH + datetime.timedelta(seconds=at_s)).strftime("%Y-%m-%d %H:%M:%S")
