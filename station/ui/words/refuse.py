"""Words of the window: refuse."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "refuse.empty_code": QT_TRANSLATE_NOOP("refuse", "The code is empty: scan again"),
    "refuse.malformed_code": QT_TRANSLATE_NOOP(
        "refuse",
        "Not a battery code: too short, or with wrong characters. Scan again",
    ),
    "refuse.long_code": QT_TRANSLATE_NOOP(
        "refuse",
        "The code is too long: perhaps two scans in one. Scan again",
    ),
    "refuse.unknown_command": QT_TRANSLATE_NOOP("refuse", "Unknown command barcode"),
    "refuse.no_such_channel": QT_TRANSLATE_NOOP("refuse", "There is no channel {channel}"),
    "refuse.no_such_profile": QT_TRANSLATE_NOOP("refuse", "There is no profile “{profile}”"),
    "refuse.code_on_channel": QT_TRANSLATE_NOOP("refuse", "This battery is already on channel {channel}"),
    "refuse.unacknowledged": QT_TRANSLATE_NOOP(
        "refuse",
        "Channel {channel} has a result to acknowledge: press F6 first",
    ),
    "refuse.interrupted": QT_TRANSLATE_NOOP(
        "refuse",
        "Channel {channel} has an interrupted test: F7 goes on, F6 closes it for good",
    ),
    "refuse.no_free_channel": QT_TRANSLATE_NOOP(
        "refuse",
        "No free channel: wait for a test to end or acknowledge a result",
    ),
    "refuse.channel_busy": QT_TRANSLATE_NOOP("refuse", "Channel {channel} is testing: choose another one"),
    "refuse.no_code": QT_TRANSLATE_NOOP("refuse", "Scan the battery's code first"),
    "refuse.no_channel": QT_TRANSLATE_NOOP("refuse", "Choose a channel first"),
    "refuse.no_channel_to_stop": QT_TRANSLATE_NOOP(
        "refuse",
        "Choose the channel to stop, or press Esc to stop all tests",
    ),
    "refuse.force_not_due": QT_TRANSLATE_NOOP(
        "refuse",
        "Channel {channel} is not to be forced off now: press Stop first; it can be forced when its "
        "output is not off within 2 s",
    ),
    "refuse.choose_to_acknowledge": QT_TRANSLATE_NOOP("refuse", "Choose the channel to acknowledge"),
    "refuse.no_profile": QT_TRANSLATE_NOOP("refuse", "Choose a profile first"),
    "refuse.facts_missing": QT_TRANSLATE_NOOP("refuse", "Enter the battery's data first"),
    "refuse.service_lost": QT_TRANSLATE_NOOP("refuse", "The service is lost: no test can start now"),
    "refuse.connecting": QT_TRANSLATE_NOOP("refuse", "The service is just starting: scan again in a moment"),
    "refuse.estop_open": QT_TRANSLATE_NOOP("refuse", "E-stop is pressed: no test can start"),
    "refuse.interlock_open": QT_TRANSLATE_NOOP("refuse", "Interlock is open: no test can start"),
    "refuse.not_now": QT_TRANSLATE_NOOP("refuse", "Channel {channel} cannot do that now"),
    "refuse.foreign_goods": QT_TRANSLATE_NOOP("refuse", "This is a product's barcode, not a battery's"),
    "refuse.foreign_link": QT_TRANSLATE_NOOP("refuse", "This is a web address, not a battery code"),
    "refuse.foreign_report": QT_TRANSLATE_NOOP("refuse", "This is the number of a test, not a battery code"),
    "refuse.repeated": QT_TRANSLATE_NOOP("refuse", "This battery is scanned already"),
    "refuse.part_again": QT_TRANSLATE_NOOP(
        "refuse",
        "The same half again: scan the other one ({left} of {length} characters missing)",
    ),
    "refuse.part_open": QT_TRANSLATE_NOOP(
        "refuse",
        "Half a label only: scan the other half, or “yes” to take it as it is",
    ),
    "refuse.part_unfit": QT_TRANSLATE_NOOP(
        "refuse",
        "Does not fit the first half: scan the other half, or “no” to put it away",
    ),
    "refuse.own_open": QT_TRANSLATE_NOOP(
        "refuse",
        "An own ID is given already: {code}. Write it on the battery",
    ),
    "refuse.answer_first": QT_TRANSLATE_NOOP(
        "refuse",
        "Tested already: first answer “yes” (test again) or “no” (put away)",
    ),
    "refuse.answer_goods": QT_TRANSLATE_NOOP(
        "refuse",
        "First say whether this is a battery's code: “yes” or “no” (put away)",
    ),
    "refuse.no_question": QT_TRANSLATE_NOOP("refuse", "There is nothing to answer now"),
    "refuse.no_panel": QT_TRANSLATE_NOOP("refuse", "There is no panel to type into now"),
    "refuse.no_result": QT_TRANSLATE_NOOP("refuse", "Channel {channel} has no result"),
}
