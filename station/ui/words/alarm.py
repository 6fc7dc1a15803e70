"""Words of the window: alarm."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "alarm.title": QT_TRANSLATE_NOOP("alarm", "Alarms"),
    "alarm.none": QT_TRANSLATE_NOOP("alarm", "No alarms"),
    "alarm.unknown": QT_TRANSLATE_NOOP("alarm", "Not known yet"),
    "alarm.more": QT_TRANSLATE_NOOP("alarm", "{count} more: press or F11"),
    "alarm.open": QT_TRANSLATE_NOOP("alarm", "{count} to acknowledge"),
    "alarm.time": QT_TRANSLATE_NOOP("alarm", "Time"),
    "alarm.channel": QT_TRANSLATE_NOOP("alarm", "Channel"),
    "alarm.code": QT_TRANSLATE_NOOP("alarm", "Code"),
    "alarm.text": QT_TRANSLATE_NOOP("alarm", "What happened"),
    "alarm.remedy": QT_TRANSLATE_NOOP("alarm", "What to do"),
    "alarm.state": QT_TRANSLATE_NOOP("alarm", "State"),
    "alarm.bench": QT_TRANSLATE_NOOP("alarm", "bench"),
    "alarm.priority": QT_TRANSLATE_NOOP("alarm", "Prio"),
    "alarm.priority.1": QT_TRANSLATE_NOOP("alarm", "critical"),
    "alarm.priority.2": QT_TRANSLATE_NOOP("alarm", "high"),
    "alarm.priority.3": QT_TRANSLATE_NOOP("alarm", "medium"),
    "alarm.priority.4": QT_TRANSLATE_NOOP("alarm", "low"),
    "alarm.state.unacknowledged": QT_TRANSLATE_NOOP("alarm", "open"),
    "alarm.state.acknowledged": QT_TRANSLATE_NOOP("alarm", "acknowledged"),
    "alarm.state.returned_unacknowledged": QT_TRANSLATE_NOOP("alarm", "over, not seen"),
    "alarm.state.shelved": QT_TRANSLATE_NOOP("alarm", "shelved"),
    "alarm.state.shelved_returned": QT_TRANSLATE_NOOP("alarm", "shelved, over"),
    "alarm.folded": QT_TRANSLATE_NOOP("alarm", "(+{count} that followed)"),
    "alarm.open_hint": QT_TRANSLATE_NOOP("alarm", "press or F11: all"),
    "alarm.list": QT_TRANSLATE_NOOP("alarm", "Alarm list"),
    "alarm.of_channel": QT_TRANSLATE_NOOP("alarm", "channel {channel}"),
    "alarm.cause_line": QT_TRANSLATE_NOOP("alarm", "Cause: {text}"),
    "alarm.consequence_line": QT_TRANSLATE_NOOP("alarm", "Consequence: {text}"),
    "alarm.remedy_line": QT_TRANSLATE_NOOP("alarm", "What to do: {text}"),
    "alarm.latched": QT_TRANSLATE_NOOP(
        "alarm",
        "Channel {channel} stays shut until it is acknowledged there (F6)",
    ),
    "alarm.seen_line": QT_TRANSLATE_NOOP("alarm", "Acknowledged at {at} by {who}"),
    "alarm.shelved_line": QT_TRANSLATE_NOOP("alarm", "Shelved until {until} by {who}: {reason}"),
    "alarm.expand": QT_TRANSLATE_NOOP("alarm", "{count} that\nfollowed"),
    "alarm.fold": QT_TRANSLATE_NOOP("alarm", "hide\nthe {count}"),
    "alarm.and_more": QT_TRANSLATE_NOOP("alarm", "… and {count} more"),
    "alarm.acknowledge": QT_TRANSLATE_NOOP("alarm", "Acknowledge"),
    "alarm.shelve": QT_TRANSLATE_NOOP("alarm", "Shelve …"),
    "alarm.unshelve": QT_TRANSLATE_NOOP("alarm", "Take back"),
    "alarm.before": QT_TRANSLATE_NOOP("alarm", "Page\nbefore"),
    "alarm.after": QT_TRANSLATE_NOOP("alarm", "Next\npage"),
    "alarm.close": QT_TRANSLATE_NOOP("alarm", "Close\nF11"),
    "alarm.cancel": QT_TRANSLATE_NOOP("alarm", "Do not\nshelve"),
    "alarm.page": QT_TRANSLATE_NOOP("alarm", "page {page} of {pages}"),
    "alarm.minutes": QT_TRANSLATE_NOOP("alarm", "{count} min"),
    "alarm.hours": QT_TRANSLATE_NOOP("alarm", "{count} h"),
    "alarm.reason.waiting_part": QT_TRANSLATE_NOOP("alarm", "Waiting\nfor a part"),
    "alarm.reason.known_work": QT_TRANSLATE_NOOP("alarm", "Work in\nprogress"),
    "alarm.reason.faulty_sensor": QT_TRANSLATE_NOOP("alarm", "Faulty\nsensor"),
    "alarm.shelf_text": QT_TRANSLATE_NOOP(
        "alarm",
        "For how long, and why, is this alarm shelved? It comes back by itself; a latched fault "
        "stays latched.",
    ),
}
