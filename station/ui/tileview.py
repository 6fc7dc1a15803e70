"""What a tile says, as plain data: from the mirror and the desk to words. No Qt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from station.ui.band import Tone
from station.ui.desk import Desk
from station.ui.glyphs import OF_STATE, Glyph
from station.ui.mirror import Slot
from station.ui.texts import Texts, say_code
from station.ui.views import GradeLimit, Soh, local

Action = Literal["pause", "resume", "skip", "stop", "force", "go_on", "close"]
NOTHING = "–"
_FAULTS = ("fault", "interrupted")
_TONES: dict[str, Tone] = {"pass": "dark", "fail": "red", "quarantine": "orange", "no_verdict": "outline"}


@dataclass(frozen=True)
class TileView:
    """Everything a tile shows except its curves."""

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
    actions: tuple[Action, ...] = ()
    adaptive: str = ""


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
    reason, remedy = _why(slot, texts) if mirror.connected else ("", "")
    soh = state.soh if is_verdict else None
    detail: Literal["none", "verdict", "message"] = "none"
    if is_verdict:
        detail = "verdict"
    elif key in _FAULTS:
        detail = "message"
    live = mirror.connected and state.active
    title = texts("tile.channel", channel=channel)
    view = TileView(
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
        limits=_limits(slot, desk) if soh else (),
        headline=_headline(slot, texts) if is_verdict else "",
        facts=_facts(slot, texts) if is_verdict else "",
        reason=reason if detail != "none" else "",
        remedy=remedy if detail != "none" else "",
        selected=selected,
        accessible="",
        actions=_actions(slot, force=mirror.force_due(slot)) if mirror.connected else (),
        adaptive=_adaptive(slot, texts) if live else "",
    )
    said = [
        title,
        view.word,
        view.code,
        view.headline,
        view.reason,
        texts("tile.selected") if selected else "",
    ]
    return TileView(**{**view.__dict__, "accessible": ", ".join(part for part in said if part)})


def _limits(slot: Slot, desk: Desk) -> tuple[GradeLimit, ...]:
    """The grades' limits as the service tells them; else those that this verdict says it applied."""
    bench = desk.mirror.bench
    if bench and bench.grades:
        return bench.grades
    found: dict[float, str] = {}
    for rule in (slot.result or {}).get("rules", []):
        named = re.fullmatch(r"grade_(\w+)\.soh", str(rule.get("id")))
        if isinstance(rule.get("limit"), (int, float)) and (named or rule.get("id") == "reuse_limit"):
            found[float(rule["limit"])] = named[1] if named else found.get(float(rule["limit"]), "")
    return tuple(GradeLimit(grade=grade, soh_min=low) for low, grade in sorted(found.items()) if low > 0)


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
    state = slot.state
    name = desk.profile if staged else state.profile
    bench = desk.mirror.bench
    profile = next((p for p in bench.profiles if p.name == name), None) if bench else None
    parts = [local(profile.title, texts.lang) if profile else (name or "")]
    if state.active and state.remaining_s is not None and desk.mirror.connected:
        parts.append(texts("tile.remaining", seconds=f"{max(state.remaining_s, 0):.0f}"))
    return " · ".join(part for part in parts if part)


def _adaptive(slot: Slot, texts: Texts) -> str:
    """What an adaptive test knows by now and measures next, in one line."""
    told = slot.state.adaptive
    return "" if told is None else say_code(told.code, told.params, texts.lang).text


def _headline(slot: Slot, texts: Texts) -> str:
    state = slot.state
    parts = [f"SOH {state.soh.estimate * 100:.1f} %" if state.soh else texts("tile.soh_none")]
    if state.grade:
        parts.append(texts("tile.grade", grade=state.grade))
    return "   ".join(parts)


def _facts(slot: Slot, texts: Texts) -> str:
    state = slot.state
    parts = []
    if state.soh:
        low, high = f"{state.soh.low90 * 100:.1f}", f"{state.soh.high90 * 100:.1f}"
        parts.append(texts("tile.interval", low=low, high=high))
    if state.resistance_mohm is not None:
        parts.append(f"{texts('tile.resistance')} {milliohms(state.resistance_mohm)}")
    result = slot.result if slot.result and slot.result.get("run_id") in (None, state.run_id) else {}
    past = (result.get("history") or {}).get("confidence")
    if past in ("supported", "contradicted", "history_only"):
        parts.append(texts(f"tile.history_{past}"))
    return "   ".join(parts)


def _why(slot: Slot, texts: Texts) -> tuple[str, str]:
    """Reason and remedy of a fault, or the reason of a verdict that is no pass."""
    fault = slot.state.fault
    if fault is not None:
        said = say_code(fault.code, fault.params, texts.lang, message=fault.message, remedy=fault.remedy)
        return said.text, said.remedy
    result = slot.result
    if result and result.get("reason") and result.get("run_id") in (None, slot.state.run_id):
        reason = str(result["reason"])
        if result.get("reason_code"):
            said = say_code(f"reason.{result['reason_code']}", {}, texts.lang, message=reason)
        elif slot.state.soh is not None:
            return texts("tile.reason_limit"), ""
        else:  # no diagnosis was made: the reason is the code of how the run ended
            said = say_code(reason, {}, texts.lang)
        return said.text, said.remedy
    return "", ""


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


def milliohms(value: float) -> str:
    """Three significant figures: ``0.823 mΩ``, ``12.4 mΩ``."""
    return f"{value:.{3 if value < 1 else 2 if value < 10 else 1}f} mΩ"


def _decimals(value: float, most: int) -> int:
    size = abs(value)
    return most if size < 10 else most - 1 if size < 100 else most - 2
