"""Words of the window: tell."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "tell.started": QT_TRANSLATE_NOOP("tell", "Test started on channel {channel}"),
    "tell.already_running": QT_TRANSLATE_NOOP("tell", "Channel {channel} is already testing"),
    "tell.stopping": QT_TRANSLATE_NOOP("tell", "Stopping channel {channel} …"),
    "tell.stopping_all": QT_TRANSLATE_NOOP("tell", "Stopping all tests …"),
    "tell.forcing": QT_TRANSLATE_NOOP("tell", "Forcing channel {channel} off …"),
    "tell.pause": QT_TRANSLATE_NOOP("tell", "Pausing channel {channel} …"),
    "tell.resume": QT_TRANSLATE_NOOP("tell", "Channel {channel} goes on when its checks have passed"),
    "tell.skip": QT_TRANSLATE_NOOP("tell", "Skipping the step on channel {channel} …"),
    "tell.nothing_to_stop": QT_TRANSLATE_NOOP("tell", "No test is running on channel {channel}"),
    "tell.nothing_to_acknowledge": QT_TRANSLATE_NOOP("tell", "Nothing waits for acknowledgement"),
    "tell.put_away": QT_TRANSLATE_NOOP("tell", "Put away: scan the next battery"),
    "tell.next": QT_TRANSLATE_NOOP(
        "tell",
        "Channel {channel}: take the battery off, connect and scan the next one",
    ),
    "tell.printing": QT_TRANSLATE_NOOP("tell", "Printing the label of channel {channel} …"),
    "tell.printed": QT_TRANSLATE_NOOP("tell", "Label of channel {channel} printed"),
}
