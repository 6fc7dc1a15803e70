"""Words of the window: prompt."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "prompt.connecting": QT_TRANSLATE_NOOP("prompt", "Connecting to the service …"),
    "prompt.reconnecting": QT_TRANSLATE_NOOP("prompt", "Service lost, reconnecting …"),
    "prompt.estop": QT_TRANSLATE_NOOP(
        "prompt",
        "E-stop is pressed: clear the cause and reset it before testing",
    ),
    "prompt.interlock": QT_TRANSLATE_NOOP("prompt", "Interlock is open: close the guard door before testing"),
    "prompt.scan": QT_TRANSLATE_NOOP("prompt", "Scan a battery code or a command barcode"),
    "prompt.choose_channel": QT_TRANSLATE_NOOP("prompt", "Choose a channel: press it or scan its barcode"),
    "prompt.ready": QT_TRANSLATE_NOOP("prompt", "Press F5 to start the test on channel {channel}"),
    "prompt.form": QT_TRANSLATE_NOOP("prompt", "Answer the questions before connecting"),
    "prompt.form_no": QT_TRANSLATE_NOOP("prompt", "No start after this “no”: do what stands beside it"),
    "prompt.starting": QT_TRANSLATE_NOOP("prompt", "Starting on channel {channel} …"),
    "prompt.missing": QT_TRANSLATE_NOOP("prompt", "Enter the battery's data, then press F5"),
    "prompt.part": QT_TRANSLATE_NOOP(
        "prompt",
        "Half a label, {left} of {length} missing: scan the rest, or “yes”",
    ),
    "prompt.tested": QT_TRANSLATE_NOOP("prompt", "{verdict} on {at} already. Test again: “yes”, else “no”"),
    "prompt.goods": QT_TRANSLATE_NOOP(
        "prompt", "Looks like a product's barcode. A battery: “yes”, else “no”"
    ),
    "prompt.own_asked": QT_TRANSLATE_NOOP("prompt", "Getting an ID for this battery …"),
    "prompt.own_choose_channel": QT_TRANSLATE_NOOP("prompt", "Write {code} on it, then choose a channel"),
    "prompt.own_ready": QT_TRANSLATE_NOOP("prompt", "Write {code} on it, then F5 (channel {channel})"),
}
