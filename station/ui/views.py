"""What the window knows of the bench: the service's JSON, read tolerantly into small frozen records.

By msgspec: the window needs nothing else of pydantic, which would be a tenth of its start.
"""

from __future__ import annotations

import math
from typing import Any, Literal, Self

import msgspec

State = Literal[
    "idle", "checks", "ready", "running", "paused", "stopping", "safe", "analysis", "verdict", "fault"
]
Verdict = Literal["pass", "fail", "quarantine", "no_verdict"]

ACTIVE_STATES: frozenset[str] = frozenset(
    {"checks", "ready", "running", "paused", "stopping", "safe", "analysis"}
)
"""A test occupies the channel in these states."""
UNSAFE_STATES: frozenset[str] = ACTIVE_STATES - {"safe", "analysis"}
"""Its output may be on in these."""


class _View(msgspec.Struct, frozen=True, kw_only=True):
    # Unknown fields are a newer service's business; a number that is no number is an error, never shown.

    def __post_init__(self) -> None:
        for field in self.__struct_fields__:
            value = getattr(self, field)
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{field} is {value}, which is no number")

    @classmethod
    def read(cls, told: object) -> Self:
        """Raises ValueError that names the field."""
        return msgspec.convert(told, cls)


class Name(_View, frozen=True, kw_only=True):
    """A text in both languages."""

    zh: str
    en: str


LocalText = Name | str


def local(text: LocalText, lang: str) -> str:
    """``text`` in ``lang``; a plain string is the same in every language."""
    if isinstance(text, str):
        return text
    return text.zh if lang == "zh" else text.en


class ChannelInfo(_View, frozen=True, kw_only=True):
    """One place where a battery is connected, as the bench file names it."""

    id: str
    name: LocalText = ""
    level: str = "cell"
    series_cells: int = 1
    checklist: str = "off"


class ProfileInfo(_View, frozen=True, kw_only=True):
    """One test the operator can choose."""

    name: str
    title: LocalText = ""
    description: LocalText = ""
    duration_s: float | None = None


class GradeLimit(_View, frozen=True, kw_only=True):
    """Lowest SOH (fraction) of a grade."""

    grade: str
    soh_min: float


class BenchInfo(_View, frozen=True, kw_only=True):
    """The bench as ``GET /api/bench`` tells it."""

    name: str
    title: LocalText = ""
    simulated: bool = False
    speed: float | None = None
    channels: tuple[ChannelInfo, ...] = ()
    profiles: tuple[ProfileInfo, ...] = ()
    grades: tuple[GradeLimit, ...] = ()
    barcode_scanner: str | None = None

    def same_but_speed(self, other: BenchInfo | None) -> bool:
        """Whether nothing that shapes the page differs."""
        return other is not None and msgspec.structs.replace(self, speed=other.speed) == other


class Soh(_View, frozen=True, kw_only=True):
    """State of health as a fraction, with its 90 % interval."""

    estimate: float
    low90: float
    high90: float


class Fault(_View, frozen=True, kw_only=True):
    """Why a channel stopped: stable code, English message and remedy, the facts of the case."""

    code: str
    message: str = ""
    remedy: str = ""
    params: dict[str, Any] = msgspec.field(default_factory=dict)


class Told(_View, frozen=True, kw_only=True):
    """An event as it was told: stable code, the facts of the case."""

    code: str
    params: dict[str, Any] = msgspec.field(default_factory=dict)


class May(_View, frozen=True, kw_only=True):
    """What can be asked of a channel now, as the service knows it."""

    pause: bool = False
    resume: bool = False
    skip: bool = False
    stop: bool = False
    close: bool = False


class Question(_View, frozen=True, kw_only=True):
    """What a test asks the operator, in both languages; ``picture`` is a file on this computer."""

    prompt: int | None = None
    text: dict[str, str] = msgspec.field(default_factory=dict)
    picture: str | None = None
    answer: str = "confirm"
    low: float | None = None
    high: float | None = None


class ChannelState(_View, frozen=True, kw_only=True):
    """One channel now. Volts, amperes (positive charges), degrees Celsius, seconds of bench time."""

    state: State = "idle"
    run_id: str | None = None
    battery: str | None = None
    profile: str | None = None
    elapsed_s: float | None = None
    remaining_s: float | None = None
    progress: float | None = None
    voltage_V: float | None = None
    current_A: float | None = None
    surface_degC: float | None = None
    verdict: Verdict | None = None
    grade: str | None = None
    soh: Soh | None = None
    resistance_mohm: float | None = None
    fault: Fault | None = None
    adaptive: Told | None = None
    question: Question | None = None
    acknowledged: bool = False
    interrupted: bool = False
    may: May = May()

    @property
    def active(self) -> bool:
        """Whether a test occupies the channel."""
        return self.state in ACTIVE_STATES

    @property
    def needs_acknowledgement(self) -> bool:
        """A fault, or any verdict but pass, that nobody has acknowledged yet."""
        bad = self.state == "fault" or (self.state == "verdict" and self.verdict != "pass")
        return bad and not self.acknowledged


class GuardStatus(_View, frozen=True, kw_only=True):
    """The independent supervisor's word on its relay, the E-stop and the interlock; None = not known."""

    connected: bool | None = None
    relay_ok: bool | None = None
    estop_ok: bool | None = None
    interlock_ok: bool | None = None
    cutoffs: dict[str, str | None] | None = None
    trips: list[Any] | None = None
