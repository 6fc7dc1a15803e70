"""Words of the window: stat."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "stat.ask": QT_TRANSLATE_NOOP("stat", "Ask"),
    "stat.save": QT_TRANSLATE_NOOP("stat", "Save as CSV"),
    "stat.asking": QT_TRANSLATE_NOOP("stat", "Asking the archive …"),
    "stat.asking_more": QT_TRANSLATE_NOOP("stat", "Tests go on meanwhile. A large archive takes a while."),
    "stat.counted": QT_TRANSLATE_NOOP("stat", "{tests} judged tests of {batteries} batteries · {time}"),
    "stat.empty": QT_TRANSLATE_NOOP("stat", "No judged test in this span"),
    "stat.empty_more": QT_TRANSLATE_NOOP(
        "stat", "Counted are tests that ended with a verdict. Choose other days, or leave the days empty."
    ),
    "stat.failed": QT_TRANSLATE_NOOP("stat", "The archive gave no answer"),
    "stat.yield": QT_TRANSLATE_NOOP("stat", "Yield"),
    "stat.spread": QT_TRANSLATE_NOOP("stat", "Spread"),
    "stat.repeat": QT_TRANSLATE_NOOP("stat", "Repeatability"),
    "stat.channels": QT_TRANSLATE_NOOP("stat", "Channels against peers"),
    "stat.by": QT_TRANSLATE_NOOP("stat", "Told apart by"),
    "stat.by_source": QT_TRANSLATE_NOOP("stat", "Supplier"),
    "stat.by_maker": QT_TRANSLATE_NOOP("stat", "Maker"),
    "stat.by_type": QT_TRANSLATE_NOOP("stat", "Type"),
    "stat.by_profile": QT_TRANSLATE_NOOP("stat", "Profile"),
    "stat.by_bench": QT_TRANSLATE_NOOP("stat", "Bench"),
    "stat.by_channel": QT_TRANSLATE_NOOP("stat", "Channel"),
    "stat.by_month": QT_TRANSLATE_NOOP("stat", "Month"),
    "stat.unknown": QT_TRANSLATE_NOOP("stat", "not known"),
    "stat.tests": QT_TRANSLATE_NOOP("stat", "Tests"),
    "stat.batteries": QT_TRANSLATE_NOOP("stat", "Batteries"),
    "stat.share": QT_TRANSLATE_NOOP("stat", "Passed (90 % interval)"),
    "stat.share_text": QT_TRANSLATE_NOOP("stat", "{share} % ({low}–{high}) of {tests}"),
    "stat.soh_p10": QT_TRANSLATE_NOOP("stat", "SOH, 10 % below"),
    "stat.soh_median": QT_TRANSLATE_NOOP("stat", "SOH, median"),
    "stat.soh_p90": QT_TRANSLATE_NOOP("stat", "SOH, 90 % below"),
    "stat.resistance_median_ohm": QT_TRANSLATE_NOOP("stat", "Resistance 0.1 s, median / mΩ"),
    "stat.resistance_spread": QT_TRANSLATE_NOOP("stat", "Its spread, 10 to 90 %"),
    "stat.pairs": QT_TRANSLATE_NOOP("stat", "Pairs of tests"),
    "stat.soh_sd": QT_TRANSLATE_NOOP("stat", "SOH, standard deviation"),
    "stat.resistance_relative_sd": QT_TRANSLATE_NOOP("stat", "Resistance, standard deviation"),
    "stat.points": QT_TRANSLATE_NOOP("stat", "{value} points"),
    "stat.soh_range": QT_TRANSLATE_NOOP("stat", "SOH: median, and between what eight of ten lie"),
    "stat.no_soh": QT_TRANSLATE_NOOP("stat", "No battery has an SOH in this span"),
    "stat.no_pairs": QT_TRANSLATE_NOOP(
        "stat", "No battery was tested twice by one profile within a month in this span"
    ),
    "stat.no_channels": QT_TRANSLATE_NOOP(
        "stat", "Too few readings: a channel is compared from {fewest} readings on, with as many of its peers"
    ),
    "stat.all_alike": QT_TRANSLATE_NOOP("stat", "No channel reads otherwise than its peers"),
    "stat.channel": QT_TRANSLATE_NOOP("stat", "Channel"),
    "stat.quantity": QT_TRANSLATE_NOOP("stat", "Quantity"),
    "stat.readings": QT_TRANSLATE_NOOP("stat", "Readings"),
    "stat.offset": QT_TRANSLATE_NOOP("stat", "Against peers"),
    "stat.error": QT_TRANSLATE_NOOP("stat", "Standard error"),
    "stat.drift": QT_TRANSLATE_NOOP("stat", "Change in 100 tests"),
    "stat.judged": QT_TRANSLATE_NOOP("stat", "Judged"),
    "stat.resistance_100ms_ohm": QT_TRANSLATE_NOOP("stat", "Resistance, 0.1 s"),
    "stat.resistance_1s_ohm": QT_TRANSLATE_NOOP("stat", "Resistance, 1 s"),
    "stat.soh": QT_TRANSLATE_NOOP("stat", "SOH"),
    "stat.temperature_degC": QT_TRANSLATE_NOOP("stat", "Temperature"),
    "stat.high": QT_TRANSLATE_NOOP("stat", "reads too high"),
    "stat.low": QT_TRANSLATE_NOOP("stat", "reads too low"),
    "stat.up": QT_TRANSLATE_NOOP("stat", "drifts upwards"),
    "stat.down": QT_TRANSLATE_NOOP("stat", "drifts downwards"),
    "stat.alike": QT_TRANSLATE_NOOP("stat", "as its peers"),
    "stat.named": QT_TRANSLATE_NOOP("stat", "{place} · {quantity}: {judged}, {offset} against its peers"),
    "stat.offsets": QT_TRANSLATE_NOOP("stat", "{quantity}: each channel against its peers"),
    "stat.course": QT_TRANSLATE_NOOP("stat", "{place} · {quantity} / {unit}, test after test"),
}
