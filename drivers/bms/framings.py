"""The framings of serial lines by their names."""

from __future__ import annotations

from drivers.bms.framing_daly import DalyFraming
from drivers.bms.framing_jbd import JbdFraming
from drivers.bms.framing_jk import JkFraming
from drivers.bms.framing_pylontech import PylontechFraming
from drivers.bms.serial_frames import Framing

_FRAMINGS: dict[str, type[Framing]] = {
    "jbd": JbdFraming,
    "daly": DalyFraming,
    "jk": JkFraming,
    "pylontech": PylontechFraming,
}


def framing(name: str) -> Framing:
    """A new framing of that name."""
    return _FRAMINGS[name]()
