"""What the bar at the top says now: what to do, which channel is chosen, and how bench and service stand."""

from __future__ import annotations

from station.ui.desk import Desk
from station.ui.mirror import Mirror
from station.ui.prompting import prompt_words
from station.ui.serialscanner import SerialScanner
from station.ui.style import Sizes
from station.ui.texts import Texts
from station.ui.topbar import TopBar, both


def show_top(
    top: TopBar, desk: Desk, texts: Texts, sizes: Sizes, serial: SerialScanner, dropped: int
) -> None:
    """Bring ``top`` up to date; ``dropped`` is the number of samples that were left out."""
    mirror, prompt = desk.mirror, desk.prompt()
    text, more = prompt_words(prompt, desk, texts, dropped)
    if serial.trouble and not more:
        more = texts(f"top.scanner_{serial.trouble}", port=serial.port)
    top.show_prompt(prompt.level, text, more)
    top.show_channel(desk.selected or texts("top.no_channel"))
    up = mirror.connected and not mirror.silent
    for key, state in _states(mirror, up=up).items():
        fitted = mirror.guard_fitted or key == "service" or not up
        top.pills[key].show_state(state, texts, sizes, fitted=fitted)


def _states(mirror: Mirror, *, up: bool) -> dict[str, bool | None]:
    """In order, not in order, or not known, for each sign."""
    guard = mirror.guard
    return {
        "estop": guard.estop_ok if up else None,
        "interlock": guard.interlock_ok if up else None,
        "guard": both(guard.connected, guard.relay_ok) if up else None,
        "service": up if mirror.ever_connected else None,
    }
