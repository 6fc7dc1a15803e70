"""When the edges of 1 s pulses really come: by the host's command, and by the instrument's own sequencer."""

from __future__ import annotations

from itertools import pairwise

from station.engine.record.journal import read_journal
from station.ui.painting import Painting
from tests.benchmarks.farm import CONTACT, Farm, write_profile
from tests.benchmarks.table import Row, percentile
from tests.benchmarks.tap import Tap
from tests.benchmarks.waiting import pause

CHANNELS, PAIRS, PULSE_S = 4, 6, 1.0
PULSES = [CONTACT, *[{"step": "pulse_pair", "current_C": 1.0, "duration_s": PULSE_S, "rest_s": 1.0}] * PAIRS]


def rows() -> list[Row]:
    """Edge errors from the stored edges; for commanded pulses also their length on the wire."""
    result = []
    with Tap() as tap, Farm(CHANNELS, tap=tap) as farm, Painting(seconds=300, channels=CHANNELS):
        pause(2.0)
        for timing, target_ms in (("commanded", 5.0), ("sequenced", 5.0)):
            profile = write_profile(farm.folder, timing, PULSES, sampling_Hz=100.0, timing=timing)
            for channel in farm.channels:
                tap.seen(channel)
            journals = farm.wait(farm.start(profile))
            edges = [edge for journal in journals.values() for edge in read_journal(journal).edges]
            stored = [edge for edge in edges if edge["achieved_s"] is not None]
            errors = [abs(edge["achieved_s"] - edge["asked_s"]) * 1e3 for edge in stored]
            name = f"{timing} 1 s pulses"
            result += [
                Row(f"{name}: edge error p50", percentile(errors, 0.5), "ms", target_ms),
                Row(f"{name}: edge error p99", percentile(errors, 0.99), "ms", target_ms),
                Row(f"{name}: edges without an achieved time", len(edges) - len(stored), "", 0.0),
            ]
            if timing == "commanded":
                lengths = [one for channel in farm.channels for one in _lengths_s(tap.seen(channel))]
                wrong = [abs(one - PULSE_S) * 1e3 for one in lengths]
                result.append(
                    Row(f"{name}: length on the wire, error p99", percentile(wrong, 0.99), "ms", target_ms)
                )
            farm.acknowledge()
    return result


def _lengths_s(seen: list[tuple[float, str, str]]) -> list[float]:
    """How long each current stood, from one changing command to the next."""
    changes: list[float] = []
    values = {"SOURce:CURrent": 0.0, "SOURce:CURrent:NEGative": 0.0}
    for at, way, text in seen:
        name, _, value = text.partition(" ")
        if way == "tx" and name in values and value and values[name] != float(value):
            values[name] = float(value)
            changes.append(at)
    spans = [after - before for before, after in pairwise(changes)]
    return [one for one in spans if abs(one - PULSE_S) < PULSE_S / 2]
