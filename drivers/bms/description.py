"""What a family's YAML file may say. Unknown fields are errors.

Bytes count from 0. In replies to requests they count from the first byte of the whole answer, its service
included, as in the tables one finds. Currents end up positive while charging: a bus on which discharge is
positive has a negative ``scale`` or ``factor``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from drivers.bms.checksums import ChecksumKind
from drivers.bms.layout import Kind, Order

Evidence = Literal["verified", "source", "general", "uncertain"]
Group = Literal["live", "history", "identity"]


def _hex(value: object) -> object:
    return bytes.fromhex(value) if isinstance(value, str) else value


HexBytes = Annotated[bytes, BeforeValidator(_hex)]


class Part(BaseModel):
    """Base of every part: immutable, unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PlaceModel(Part):
    """Where an integer lies: whole ``bytes`` from ``at``, or ``bits`` from bit ``bit`` (0 is the lowest)."""

    at: int = Field(ge=0)
    bytes: int | None = Field(default=None, ge=1, le=64)
    bit: int = Field(default=0, ge=0, le=15)
    bits: int | None = Field(default=None, ge=1, le=64)
    order: Order | None = None
    signed: bool = False

    @model_validator(mode="after")
    def _one_length(self) -> PlaceModel:
        if self.bytes is not None and self.bits is not None:
            raise ValueError("give either bytes or bits")
        if self.order == "big" and self.bits is not None and self.bits > 8:
            raise ValueError("bits across bytes are little-endian here; describe them in the DBC instead")
        return self


class WhenModel(PlaceModel):
    """A condition: the integer there is one of ``values``, none of ``but_not``, or from ``low`` to
    ``high``.
    """

    values: tuple[int, ...] = ()
    but_not: tuple[int, ...] = ()
    low: int | None = None
    high: int | None = None

    @model_validator(mode="after")
    def _either(self) -> WhenModel:
        given = (bool(self.values), bool(self.but_not), self.low is not None or self.high is not None)
        if sum(given) != 1:
            raise ValueError("give values, but_not, or low and high")
        return self


class IndexModel(PlaceModel):
    """The member of a sweep that a frame begins with: first + per × (this integer − base)."""

    per: int = Field(ge=1)
    base: int = 0


class FieldModel(PlaceModel):
    """One signal of a payload; ``count`` makes it numbered, ``rest`` up to the end of the payload."""

    name: str = Field(pattern=r"^[a-z][A-Za-z0-9_]*$")
    scale: float = 1.0
    offset: float = 0.0
    absent: tuple[int, ...] = ()
    when: tuple[WhenModel, ...] = ()
    lengths: tuple[int, ...] = ()
    """Lengths of the payload, in bytes, that have this signal here; none: every length."""
    count: int | Literal["rest"] | PlaceModel | None = None
    stride_bits: int | None = Field(default=None, ge=1)
    first: int = 1
    index: IndexModel | None = None
    limit: str = ""
    kind: Kind = "number"
    labels: dict[int, str] = {}
    evidence: Evidence | None = None
    fault: str = ""
    fault_when: tuple[int, ...] = ()
    group: Group | None = None


class SignalModel(Part):
    """What a signal of the DBC means here: our name and the factor that makes it the unit of that name."""

    as_: str = Field(alias="as", pattern=r"^[a-z][A-Za-z0-9_]*$")
    factor: float = 1.0
    offset: float = 0.0
    absent: tuple[int, ...] = ()
    when: dict[str, tuple[int, ...]] = {}
    number: int | None = None
    labels: dict[int, str] = {}
    evidence: Evidence | None = None
    fault: str = ""
    fault_when: tuple[int, ...] = ()
    group: Group | None = None


class ChecksumModel(Part):
    kind: ChecksumKind
    at: int = Field(ge=0)
    constants: HexBytes = b""

    @model_validator(mode="after")
    def _constants(self) -> ChecksumModel:
        if self.kind == "crc8_h2f" and len(self.constants) != 16:
            raise ValueError("crc8_h2f needs 16 constants")
        return self


class CounterModel(PlaceModel):
    """A counter that grows by one each frame and wraps."""

    frozen_after: int = Field(default=3, ge=1)


class PayloadModel(Part):
    """What messages and replies have in common."""

    name: str = ""
    min_length: int | None = Field(default=None, ge=0)
    lengths: tuple[int, ...] = ()
    fields: tuple[FieldModel, ...] = ()
    evidence: Evidence | None = None
    group: Group = "live"


class MessageModel(PayloadModel):
    """A frame that the pack sends by itself. ``sender``: pack, or station for frames that are only checked.

    ``expected``: it comes all the time, so its absence is told.
    """

    id: int = Field(ge=0, le=0x1FFFFFFF)
    extended: bool = False
    period_s: float | None = Field(default=None, gt=0)
    expected: bool = False
    sender: Literal["pack", "station"] = "pack"
    signals: dict[str, SignalModel] = {}
    leave_out: tuple[str, ...] = ()
    checksum: ChecksumModel | None = None
    counter: CounterModel | None = None


class ReplyModel(PayloadModel):
    """An answer: to the ``request`` bytes on CAN, or of the ``key`` that the framing of a line tells.

    ``repeat`` answers follow each other: request and reply count up by one, and so do their numbered signals.
    ``poll`` False: it is understood when it is heard, never asked for.
    """

    repeat: int = Field(default=1, ge=1, le=400)
    request: HexBytes = b""
    reply: HexBytes = b""
    key: str = ""
    poll: bool = True
    period_s: float | None = Field(default=None, gt=0)


class PairModel(Part):
    """Identifiers of one diagnostic conversation."""

    request_id: int
    reply_id: int
    extended: bool = False
    fd: bool = False


class DiagnosticsModel(Part):
    """ISO-TP conversations and the manners that the controller needs."""

    pairs: tuple[PairModel, ...] = Field(min_length=1)
    padding: int = Field(default=0, ge=0, le=255)
    block_size: int = 0
    st_min_ms: int = 0
    quiet_s: float = 0.0
    timeout_s: float = 1.0
    tries: int = Field(default=2, ge=1)


class LinkModel(PlaceModel):
    """Where a frame of the station tells the voltage outside the contactors: raw = (V - offset) / scale."""

    scale: float = 1.0
    offset: float = 0.0


class KeepAliveModel(Part):
    """A frame of the station; ``data`` are sent in turn, a checksum is put in where one is named.

    With ``counter`` each of them is sent once for every value of that counter.
    """

    id: int
    extended: bool = False
    fd: bool = False
    period_s: float = Field(gt=0)
    data: tuple[HexBytes, ...] = Field(min_length=1)
    counter: PlaceModel | None = None
    link: LinkModel | None = None
    checksum: ChecksumModel | None = None
    evidence: Evidence | None = None

    @model_validator(mode="after")
    def _small_counter(self) -> KeepAliveModel:
        if self.counter is not None and not 1 <= (self.counter.bits or 0) <= 8:
            raise ValueError("a counter needs 1 to 8 bits")
        return self


class ContactorStepModel(Part):
    """One step of a sequence.

    ``send`` replaces the cyclic frames of those identifiers from here on; ``request`` is asked once and must
    be answered with ``reply``. The step is done once ``hold_s`` is over and every signal of ``until`` has one
    of its values; it has failed after ``timeout_s``.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9 -]*$")
    send: tuple[KeepAliveModel, ...] = ()
    request: HexBytes = b""
    reply: HexBytes = b""
    hold_s: float = Field(default=0.0, ge=0, le=30)
    until: dict[str, tuple[float | str, ...]] = {}
    timeout_s: float = Field(default=5.0, gt=0, le=60)

    @model_validator(mode="after")
    def _possible(self) -> ContactorStepModel:
        if self.timeout_s <= self.hold_s:
            raise ValueError("timeout_s must be longer than hold_s")
        if bool(self.request) != bool(self.reply):
            raise ValueError("request and reply belong together")
        return self


class ContactorsModel(Part):
    """How the pack's own contactors are closed and opened over the bus.

    ``link``: ``open`` where they may close onto open leads, ``precharged`` where the pack wants to see its
    own voltage outside first, within ``link_tolerance_V``. ``closed`` and ``precharging`` are what the pack
    tells; without ``closed`` the station's reading at the terminals is the only confirmation. ``stay`` is
    asked again and again while they are closed.
    """

    evidence: Evidence
    evidence_note: str = Field(min_length=10)
    link: Literal["open", "precharged"] = "open"
    link_tolerance_V: float = Field(default=20.0, gt=0)
    open_below_A: float = Field(default=2.5, gt=0)
    closed: dict[str, tuple[float | str, ...]] = {}
    precharging: dict[str, tuple[float | str, ...]] = {}
    close: tuple[ContactorStepModel, ...] = Field(min_length=1)
    open: tuple[ContactorStepModel, ...] = Field(min_length=1)
    stay: HexBytes = b""
    stay_period_s: float = Field(default=2.0, gt=0)


class LineModel(Part):
    """A serial line; ``framing`` names the code that finds frames in its bytes."""

    framing: Literal["jbd", "daly", "jk", "pylontech"]
    baudrate: int
    address: int = 0
    quiet_s: float = 0.0
    timeout_s: float = 0.5
    tries: int = Field(default=2, ge=1)


class FamilyModel(Part):
    """One family of packs."""

    family: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    manufacturer: str = ""
    bus: Literal["can", "can-fd", "serial"]
    bitrate: int | None = None
    data_bitrate: int | None = None
    byte_order: Order = "big"
    evidence: Evidence
    evidence_note: str = ""
    proved_by: str = ""
    cells: int | None = None
    modules: tuple[int, ...] = ()
    """Cells in series of each module, in the order of the cells' numbers, where that is known."""
    chemistry: str = ""
    cell_refresh_s: float | None = None
    dbc: str = ""
    j1939: bool = False
    ones_absent: bool = False
    """All ones mean "not available" in every value of 8 bits or more."""
    messages: tuple[MessageModel, ...] = ()
    diagnostics: DiagnosticsModel | None = None
    replies: tuple[ReplyModel, ...] = ()
    keep_alive: tuple[KeepAliveModel, ...] = ()
    contactors: ContactorsModel | None = None
    alone: str = ""
    """Name of the reply whose request is answered once by one pack, and twice where there are two."""
    line: LineModel | None = None

    @model_validator(mode="after")
    def _whole(self) -> FamilyModel:
        if (self.bus == "serial") != (self.line is not None):
            raise ValueError("a serial family, and no other, needs 'line'")
        if self.bus != "serial" and self.replies and self.diagnostics is None:
            raise ValueError("replies on CAN need 'diagnostics'")
        return self
