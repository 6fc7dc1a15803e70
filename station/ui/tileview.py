"""What a tile says, as plain data: from the mirror and the desk to words. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from station.ui import verdictview
from station.ui.band import Tone
from station.ui.desk import Desk
from station.ui.glyphs import OF_STATE, Glyph
from station.ui.mirror import Slot
from station.ui.texts import Texts, say_code
from station.ui.verdictview import milliohms
from station.ui.views import GradeLimit, Soh, local

__all__ = ["Action", "TileView", "amperes", "degrees", "milliohms", "remaining", "tile_view", "volts"]

Action = Literal["pause", "resume", "skip", "stop", "force", "go_on", "close"]
NOTHING = "–"
_FAULTS = ("fault", "interrupted")
_TONES: dict[str, Tone] = {"pass": "dark", "fail": "red", "quarantine": "orange", "no_verdict": "outline"}


@dataclass(frozen=True)
class TileView:
    """Everything a tile shows except its curves."""

    channel: str
    title: str
    name: str
    code: str
    plan: str
    glyph: Glyph
    word: str
    caption: str
    tone: Tone
    progress: float | None
    voltage: str
    current: str
    temperature: str
    detail: Literal["none", "verdict", "message"]
    soh: Soh | None
    grade: str | None
    limits: tuple[GradeLimit, ...]
    headline: str
    facts: str
    reason: str
    remedy: str
    selected: bool
    accessible: str
    bar_name: str = ""
    actions: tuple[Action, ...] = ()
    adaptive: str = ""
    remaining: str = ""
    fits: str = ""
    conditional: str = ""
    blocked: str = ""
    next: str = ""


def tile_view(slot: Slot, desk: Desk, texts: Texts) -> TileView:
    """The words of one tile now."""
    state, mirror = slot.state, desk.mirror
    channel = slot.info.id
    selected = desk.selected == channel
    key = _key(slot, desk)
    is_verdict = state.state == "verdict" and state.verdict is not None and key == state.verdict
    word = texts(f"verdict.{key}" if is_verdict else f"state.{key}")
    tone: Tone = "red" if key in _FAULTS else _TONES.get(key, "plain") if is_verdict else "plain"
    progress = state.progress if state.active and mirror.connected else None
    if key == "running" and progress is not None:
        word = f"{word} {progress * 100:.0f} %"
    caption = ""
    if key == "interrupted":
        caption = texts("tile.interrupted")
    elif (key == "fault" or is_verdict) and state.needs_acknowledgement:
        caption = texts("tile.unacknowledged")
    elif key == "fault" or (is_verdict and key != "pass"):
        caption = texts("tile.acknowledged")
    staged = key in ("ready", "starting") and desk.code is not None
    code = (desk.code or "") if staged else (state.battery or texts("tile.no_battery"))
    reason, remedy = verdictview.why(slot, texts) if mirror.connected else ("", "")
    soh = state.soh if is_verdict else None
    detail: Literal["none", "verdict", "message"] = "none"
    if is_verdict:
        detail = "verdict"
    elif key in _FAULTS:
        detail = "message"
    live = mirror.connected and state.active
    title = texts("tile.channel", channel=channel)
    uses = verdictview.use_lines(verdictview.result_of(slot), texts.lang)
    uses = uses if is_verdict and state.verdict in ("pass", "no_verdict") else ()
    view = TileView(
        channel=channel,
        title=title,
        name=local(slot.info.name, texts.lang),
        code=code,
        plan=_plan(slot, desk, texts, staged),
        glyph=OF_STATE[key],
        word=word,
        caption=caption,
        tone=tone,
        progress=progress,
        voltage=volts(slot.live_V if live else None),
        current=amperes(slot.live_A if live else None),
        temperature=degrees(slot.live_degC if live else None),
        detail=detail,
        soh=soh,
        grade=state.grade,
        limits=verdictview.limits(slot, mirror.bench) if soh else (),
        headline=verdictview.headline(slot, texts) if is_verdict else "",
        facts=verdictview.facts(slot, texts) if is_verdict else "",
        reason=reason if detail != "none" else "",
        remedy=remedy if detail != "none" else "",
        selected=selected,
        accessible="",
        bar_name=verdictview.bar_name(slot, texts) if soh else "",
        actions=_actions(slot, force=mirror.force_due(slot)) if mirror.connected else (),
        adaptive=_adaptive(slot, texts) if live else "",
        remaining=_remaining(slot, texts) if live else "",
        fits=verdictview.uses_in_one_line(uses, "fits", texts),
        conditional=verdictview.uses_in_one_line(uses, "conditional", texts),
        blocked=verdictview.uses_in_one_line(uses, "blocked", texts),
        next=verdictview.next_step(slot, texts) if is_verdict else "",
    )
    said = [
        title,
        view.word,
        view.remaining,
        view.code,
        view.headline,
        view.reason,
        view.fits,
        view.next,
        texts("tile.selected") if selected else "",
    ]
    return TileView(**{**view.__dict__, "accessible": ", ".join(part for part in said if part)})


def _key(slot: Slot, desk: Desk) -> str:
    state = slot.state
    if not desk.mirror.connected:
        # What it was before says nothing on what it is now; a result that was judged stays one.
        return state.verdict if state.state == "verdict" and state.verdict else "lost"
    if ("start", slot.info.id) in desk.pending and not state.active:
        return "starting"
    if desk.code and desk.selected == slot.info.id and desk.free(slot):
        return "ready"
    if state.state == "verdict":
        return state.verdict or "no_verdict"
    if state.state == "ready":  # the service's word; on the page it is the battery waiting for F5
        return "passed"
    return "interrupted" if state.state == "fault" and state.may.close else state.state


def _actions(slot: Slot, *, force: bool) -> tuple[Action, ...]:
    """What can be done with the test on this tile now; what ends it is always last."""
    may = slot.state.may
    if force:  # the stop was in vain: nothing else matters now
        return ("stop", "force") if may.stop else ("force",)
    if may.close:
        return ("go_on", "close") if may.resume else ("close",)
    offered: list[tuple[bool, Action]] = [
        (may.pause, "pause"),
        (may.resume, "resume"),
        (may.skip, "skip"),
        (may.stop, "stop"),
    ]
    return tuple(action for possible, action in offered if possible)


def _plan(slot: Slot, desk: Desk, texts: Texts, staged: bool) -> str:
    name = desk.profile if staged else slot.state.profile
    bench = desk.mirror.bench
    profile = next((p for p in bench.profiles if p.name == name), None) if bench else None
    return local(profile.title, texts.lang) if profile else (name or "")


def _remaining(slot: Slot, texts: Texts) -> str:
    left = slot.state.remaining_s
    return "" if left is None else texts("tile.remaining", time=remaining(left, texts))


def remaining(seconds: float, texts: Texts) -> str:
    """``57 s``, ``2:23``, ``39 h 20 min``: no more figures than a person needs."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return texts("time.seconds", seconds=whole)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    return texts("time.hours", hours=whole // 3600, minutes=whole % 3600 // 60)


def _adaptive(slot: Slot, texts: Texts) -> str:
    """What a test asks the operator; else what an adaptive one knows and measures next, in one line."""
    asked = slot.state.question
    if asked is not None and asked.text:
        return asked.text.get(texts.lang) or next(iter(asked.text.values()))
    told = slot.state.adaptive
    return "" if told is None else say_code(told.code, told.params, texts.lang).text


def volts(value: float | None) -> str:
    """Four significant figures or better: ``3.652 V``, ``23.41 V``, ``352.4 V``."""
    return NOTHING if value is None else f"{value:.{_decimals(value, 3)}f} V"


def amperes(value: float | None) -> str:
    """With its sign, for positive charges: ``+87.5 A``; ``0.00 A`` at rest."""
    if value is None:
        return NOTHING
    decimals = _decimals(value, 2)
    text = f"{value:+.{decimals}f}"
    return f"{text[1:] if float(text) == 0 else text} A"


def degrees(value: float | None) -> str:
    """``25.3 °C``."""
    return NOTHING if value is None else f"{value:.1f} °C"


def _decimals(value: float, most: int) -> int:
    size = abs(value)
    return most if size < 10 else most - 1 if size < 100 else most - 2
