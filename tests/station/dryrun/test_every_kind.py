"""Profiles that ship on every kind of bench: refused by the check with its reason, or played to their end.

By the wire the shortest of them; the others in memory, where hours cost seconds. The longest are played by
``run.py bench methods`` and stand in ``docs/method-runs.json``, which has to be about what ships now.
"""

from __future__ import annotations

import json

import pytest

import profiles
from profiles.hashing import profile_hash
from station.bench import load_bench
from station.dryrun import dry_run, run_on
from station.dryrun.in_memory import MemoryBench
from station.dryrun.picture import picture
from station.dryrun.terminal import drawing
from station.service.profile_bench import abilities
from tests.benchmarks.methods import FILE
from tests.station.dryrun.kinds import KINDS

SHORT = ("screen", "rapid", "reference", "pack", "iec61960_dcr", "module_pulse")
RECORDED = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("channel", ["1", "4"])
def test_screen_is_played_to_its_end_by_the_wire(channel: str) -> None:
    profile = profiles.load("screen")
    run = dry_run(profile, load_bench("demo"), channel=channel, samples=300)
    assert run.completed, run.error
    assert not run.in_memory
    assert [step["kind"] for step in run.steps()] == ["contact_check", "pulse_pair"]
    assert run.totals()["current_max_A"] > 5
    assert min(margin.share for margin in run.margins) >= 0
    svg = picture(run).svg()
    assert "pulse_pair" in svg
    assert "voltage / V" in svg
    assert len({len(line) for line in drawing(run)}) <= 2


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", KINDS)
def test_short_profiles_are_refused_by_the_check_or_played_to_their_end(kind: str) -> None:
    place = KINDS[kind]
    with MemoryBench(place.bench()) as dry:
        able_to = {dry.channel.id: dry.capabilities}
        for name in SHORT:
            profile = profiles.load(name)
            (able,) = abilities(profile, dry.bench, place.capacity_Ah, able_to, only=dry.channel.id)
            assert list(able.problems) == RECORDED[name][kind]["refused"]
            if able.able:
                run = run_on(dry, profile, nominal_capacity_Ah=place.capacity_Ah, chemistry=place.chemistry)
                assert run.completed, (name, run.error)
                assert run.in_memory


def test_what_was_played_is_what_ships() -> None:
    for name, kinds in RECORDED.items():
        for kind, kept in kinds.items():
            assert kept["hash"] == profile_hash(profiles.load(name)), f"{name}: run.py bench methods"
            assert kept["refused"] or kept["end"] == "completed", (name, kind, kept)
    unplayed = [name for name in profiles.builtin_names() if set(RECORDED.get(name, ())) != set(KINDS)]
    assert not unplayed, "run.py bench methods"
