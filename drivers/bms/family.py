"""A family of packs, ready to read bytes: description and DBC put together and checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import cantools
from cantools.database.errors import Error as DatabaseError

from drivers.bms.checksums import Checksum
from drivers.bms.compiled import bits_of, checksum_of, dbc_fields, described_field
from drivers.bms.description import FamilyModel, Group, MessageModel, ReplyModel
from drivers.bms.errors import UnknownFamily
from drivers.bms.j1939_listen import EVERYBODY, TpTold
from drivers.bms.layout import Bits, Field, Layout
from drivers.bms.uds import is_changing, is_contactor_step
from drivers.bms.yaml_file import Places, read_description, wrong

FOLDER = Path(__file__).parent / "families"
_PRIORITY = 0x03FFFFFF
"""J1939 identifiers are compared without their priority."""


@dataclass(frozen=True)
class Message:
    """A frame that comes by itself."""

    id: int
    extended: bool
    name: str
    period_s: float | None
    expected: bool
    layout: Layout
    checksum: Checksum | None
    counter: Bits | None
    frozen_after: int
    from_pack: bool


@dataclass(frozen=True)
class Reply:
    """An answer of the pack: ``request`` asks for it, ``reply`` are its first bytes, or ``key`` names it."""

    name: str
    request: bytes
    reply: bytes
    key: str
    layout: Layout
    poll: bool
    period_s: float | None
    group: Group


class Family:
    """Look-up of what a frame, a reassembled message or a reply means."""

    def __init__(self, model: FamilyModel, messages: list[Message], replies: list[Reply], path: Path) -> None:
        self.model = model
        self.name = model.family
        self.path = path
        self.messages = tuple(messages)
        self.replies = tuple(replies)
        self._by_id = {(self._plain(m.id, m.extended), m.extended): m for m in messages}
        self._to_all = {(m.id >> 16 & 0xFF, m.id & 0xFF): m for m in messages if m.extended and model.j1939}
        self._by_key = {reply.key: reply for reply in replies if reply.key}
        self._by_start = sorted(
            (reply for reply in replies if reply.reply), key=lambda reply: -len(reply.reply)
        )

    def fields(self) -> Iterator[Field]:
        """Every field of every message and reply."""
        for message in self.messages:
            yield from message.layout.fields
        for reply in self.replies:
            yield from reply.layout.fields

    def _plain(self, frame: int, extended: bool) -> int:
        return frame & _PRIORITY if self.model.j1939 and extended else frame

    def message(self, frame: int, extended: bool) -> Message | None:
        """What a frame of this identifier is; None when it is none of this family's."""
        return self._by_id.get((self._plain(frame, extended), extended))

    def message_to_all(self, long: TpTold) -> Message | None:
        """What a long message to everybody is: that of the same group and sender to one receiver."""
        if long.destination != EVERYBODY:
            return None
        return self._to_all.get((long.pgn >> 8 & 0xFF, long.source))

    def name_of_request(self, request: bytes) -> str:
        """What a tester has asked for: the name of the answer, else the beginning of the request."""
        asked = next((one for one in self.replies if one.request and request.startswith(one.request)), None)
        return asked.name if asked is not None else request[:3].hex(" ").upper()

    def reply_on(self, payload: bytes) -> Reply | None:
        """What an answer on CAN is, told by its first bytes."""
        return next((reply for reply in self._by_start if payload.startswith(reply.reply)), None)

    def reply_of(self, key: str) -> Reply | None:
        """What an answer on a serial line is, told by the key of its framing."""
        return self._by_key.get(key)


def families(folder: Path = FOLDER) -> list[str]:
    """The names of the families that are described."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load_family(name: str | Path) -> Family:
    """Load a family by its name, or by the path of a YAML file. Raises UnknownFamily, BadDescription."""
    path = Path(name) if str(name).endswith((".yaml", ".yml")) else FOLDER / f"{name}.yaml"
    if not path.is_file():
        raise UnknownFamily(
            f"no family {str(name)!r} is described",
            remedy=f"Known families: {', '.join(families())}; or give the path of a YAML file.",
            family=str(name),
        )
    return _load(path.resolve())


@lru_cache(maxsize=32)
def _load(path: Path) -> Family:
    model, places = read_description(path)
    database = _database(model, path, places)
    messages = [_message(one, model, database, path, places, at) for at, one in enumerate(model.messages)]
    listed = {(one.id, one.extended) for one in model.messages}
    for found in database.messages if database is not None else ():
        if (
            found.frame_id,
            found.is_extended_frame,
        ) not in listed:  # what is not described keeps its DBC names
            plain = MessageModel(id=found.frame_id, extended=found.is_extended_frame)
            messages.append(_message(plain, model, database, path, places, 0))
    replies = [_reply(one, model, step) for one in model.replies for step in range(one.repeat)]
    for at, one in enumerate(model.replies):
        if is_changing(one.request):
            raise wrong(path, "this request would change something in the pack", *places(("replies", at)))
    _check_contactors(model, messages, replies, path, places)
    ids = [(one.id, one.extended) for one in model.messages]
    keys = [one.key or one.reply for one in model.replies]
    for kind, same in (("messages", ids), ("replies", keys)):
        for at, part in enumerate(same):
            if part in same[:at]:
                raise wrong(path, "is described twice", *places((kind, at)))
    return Family(model, messages, replies, path)


def _check_contactors(
    model: FamilyModel, messages: list[Message], replies: list[Reply], path: Path, places: Places
) -> None:
    """Sequences ask only for steps of contactors, and wait only for signals that there are."""
    if model.alone and model.alone not in {reply.name for reply in replies}:
        raise wrong(path, f"there is no reply {model.alone!r}", *places(("alone",)))
    if model.contactors is None:
        return
    parts: list[Message | Reply] = [*messages, *replies]
    known = {field.name for part in parts for field in part.layout.fields}
    told = model.contactors
    for way in ("close", "open"):
        for at, step in enumerate(getattr(told, way)):
            spot = places(("contactors", way, at))
            if step.request and not is_contactor_step(step.request):
                raise wrong(path, "this request is no step of contactors", *spot)
            if strangers := set(step.until) - known:
                raise wrong(path, f"there is no signal {min(strangers)!r}", *spot)
    for group in ("closed", "precharging"):
        if strangers := set(getattr(told, group)) - known:
            raise wrong(path, f"there is no signal {min(strangers)!r}", *places(("contactors", group)))


def _database(model: FamilyModel, path: Path, places: Places) -> Any:
    if not model.dbc:
        return None
    try:
        return cantools.database.load_file(path.parent / model.dbc, strict=False)
    except (OSError, DatabaseError, UnicodeDecodeError) as error:
        raise wrong(path, f"{model.dbc} cannot be read: {error}", *places(("dbc",))) from error


def _message(
    one: MessageModel, model: FamilyModel, database: Any, path: Path, places: Places, at: int
) -> Message:
    fields = [
        described_field(field, model.byte_order, one, model.evidence, one.name or f"{one.id:X}")
        for field in one.fields
    ]
    name, minimum = one.name or f"{one.id:X}", one.min_length
    if database is not None:
        try:
            found = database.get_message_by_frame_id(one.id)
        except KeyError:
            found = None
        if found is not None:
            name = one.name or found.name
            known = {signal.name for signal in found.signals}
            for signal in (*one.signals, *one.leave_out, *(n for s in one.signals.values() for n in s.when)):
                if signal not in known:
                    spot = ("messages", at, "signals" if signal in one.signals else "leave_out", signal)
                    raise wrong(path, f"{model.dbc} has no signal {signal!r} in {name}", *places(spot))
            fields += dbc_fields(one, found, model.evidence)
            minimum = found.length if minimum is None else minimum
        elif one.signals:
            raise wrong(path, f"{model.dbc} has no message {one.id:X}", *places(("messages", at, "id")))
    elif one.signals:
        raise wrong(path, "signals need a 'dbc'", *places(("messages", at, "signals")))
    if minimum is None:
        minimum = max((field.bits.end_byte for field in fields), default=0)
    if model.ones_absent:
        fields = [_with_ones(field) for field in fields]
    return Message(
        one.id,
        one.extended,
        name,
        one.period_s,
        one.expected,
        Layout(fields, minimum, one.lengths),
        checksum_of(one.checksum),
        None if one.counter is None else bits_of(one.counter, model.byte_order),
        one.counter.frozen_after if one.counter else 3,
        one.sender == "pack",
    )


def _with_ones(field: Field) -> Field:
    if field.kind != "number" or field.bits.length < 8 or field.labels:
        return field
    return replace(field, absent=field.absent | {(1 << field.bits.length) - 1})


def _counted(start: bytes, step: int) -> bytes:
    return (int.from_bytes(start, "big") + step).to_bytes(len(start), "big") if start else b""


def _reply(one: ReplyModel, model: FamilyModel, step: int) -> Reply:
    name = one.name or one.key or one.reply.hex()
    if one.repeat > 1:
        name = f"{name} {step + 1}"
    fields = [
        replace(found, first=found.first + step)
        for found in (described_field(f, model.byte_order, one, model.evidence, name) for f in one.fields)
    ]
    minimum = one.min_length
    if minimum is None:
        minimum = len(one.reply)
    return Reply(
        name,
        _counted(one.request, step),
        _counted(one.reply, step),
        one.key,
        Layout(fields, minimum, one.lengths),
        one.poll,
        one.period_s,
        one.group,
    )
