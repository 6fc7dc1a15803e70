"""One dry run, and what it showed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from profiles import Profile, resolve, stand_in_capacity_Ah, timeline
from profiles.hashing import profile_hash
from station.bench import Bench
from station.dryrun import in_memory
from station.dryrun.bench import DryBench, dry_bench
from station.dryrun.margins import Margin, margins
from station.engine.record.journal import Journal, read_journal
from station.engine.run import Ended
from station.service.analysis import process_run

SAMPLES = 1_500
"""What a dry run takes at most unless told otherwise: a picture and the limits need no more."""
SAMPLING_MIN_HZ = 1.0
WIRE_MAX_S = 3_600.0
"""A plan that may take longer is played in memory, where that can be."""
PULSE_SAMPLES = 2.5
"""In the shortest stretch of current; with less it may pass between two samples."""
EXACT_SAMPLES_MAX = 10_000
"""A plan of more samples than this is not waited for sample by sample unless asked for."""
FREE_RUN_S = 90.0
_NO_NEWS = frozenset({"engine.no_guard"})
SPEED_MAX = 600.0


@dataclass(frozen=True)
class DryRun:
    """``profile`` is what was played, ``asked`` the same before its sampling was thinned. ``journal`` is
    all that was recorded, ``result`` what the station says of the battery, ``error`` what ended the test
    before its end.

    ``speed`` is None where the bench's time waited for the engine, ``in_memory`` true where no wire was.
    """

    profile: Profile
    asked: Profile
    bench: str
    channel: str
    truth: dict[str, Any]
    outcome: str
    error: dict[str, Any] | None
    result: dict[str, Any]
    journal: Journal | None
    margins: tuple[Margin, ...]
    speed: float | None
    planned_s: float
    in_memory: bool = False

    @property
    def completed(self) -> bool:
        """True when the test was played to its end, whatever the verdict on the simulated battery."""
        return self.outcome == "completed"

    def totals(self) -> dict[str, float]:
        """Duration in s, charge in and out in Ah and Wh, extremes of voltage, current and temperature."""
        if self.journal is None or not self.journal.samples:
            return {}
        t, voltage, current = (self.journal.column(name) for name in ("t_s", "voltage_V", "current_A"))
        surface = self.journal.column("surface_degC")
        step_h = np.diff(t, prepend=t[:1]) / 3600
        charge, discharge = np.maximum(current, 0.0) * step_h, np.maximum(-current, 0.0) * step_h
        found = {
            "duration_s": float(t[-1] - t[0]),
            "charge_Ah": float(charge.sum()),
            "discharge_Ah": float(discharge.sum()),
            "charge_Wh": float((charge * voltage).sum()),
            "discharge_Wh": float((discharge * voltage).sum()),
            "voltage_min_V": float(voltage.min()),
            "voltage_max_V": float(voltage.max()),
            "current_min_A": float(current.min()),
            "current_max_A": float(current.max()),
        }
        if not np.all(np.isnan(surface)):
            found |= {
                "surface_min_degC": float(np.nanmin(surface)),
                "surface_max_degC": float(np.nanmax(surface)),
            }
        return found

    def steps(self) -> list[dict[str, Any]]:
        """The steps as they were played: ``step`` (from 1), ``kind``, ``begin_s``, ``end_s``."""
        if self.journal is None or not self.journal.samples:
            return []
        t, index = self.journal.column("t_s"), self.journal.column("segment")
        by_index = {int(segment["index"]): int(segment["step"]) for segment in self.journal.segments}
        step = np.array([by_index.get(int(one), -1) for one in index])
        edges = [0, *(np.flatnonzero(np.diff(step)) + 1).tolist(), len(step)]
        spans = []
        for first, last in pairwise(edges):
            number = int(step[first])
            if number < 0:
                continue
            end_s = float(t[min(last, len(t) - 1)])
            kind = self.profile.steps[number].step if number < len(self.profile.steps) else ""
            spans.append({"step": number + 1, "kind": kind, "begin_s": float(t[first]), "end_s": end_s})
        return spans

    def warnings(self) -> list[dict[str, Any]]:
        """What the run told beyond information, and what was answered in a person's place; that a dry run
        has no guard is no news."""
        events = [] if self.journal is None else self.journal.events
        return [one for one in events if _is_news(one)]

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "profile": self.profile.name,
            "hash": profile_hash(self.asked),
            "bench": self.bench,
            "channel": self.channel,
            "cell": self.truth,
            "completed": self.completed,
            "outcome": self.outcome,
            "error": self.error,
            "verdict": self.result.get("verdict"),
            "planned_s": self.planned_s,
            "totals": self.totals(),
            "steps": self.steps(),
            "margins": [margin.as_dict() for margin in self.margins],
            "events": self.warnings(),
            "speed": self.speed,
            "in_memory": self.in_memory,
        }


def dry_run(
    profile: Profile,
    bench: Bench,
    *,
    channel: str | None = None,
    battery: Mapping[str, Any] | None = None,
    chemistry: str | None = None,
    speed: float | None = None,
    full_sampling: bool = False,
    samples: int = SAMPLES,
    seed: int = 1,
    answers: Mapping[str, float] | None = None,
    on_state: Callable[[dict[str, Any]], None] | None = None,
) -> DryRun:
    """Run ``profile`` on a simulated copy of one channel of ``bench``.

    ``battery``: as in a bench file; None: the one that stands there. ``chemistry``: what the station is told.
    Samples are taken as often as the profile says with ``full_sampling``, else about ``samples`` in all.
    ``speed`` None: by the wire where the plan is short enough, else in memory (``station.dryrun.in_memory``),
    where this channel can be; a given speed is that of the wire. ``answers``: to the profile's questions, by
    the names under which their numbers are kept (``station.dryrun.answers``).
    Raises the station's errors when the test cannot even be ordered; a test that ends early is a result.
    """
    alone = dry_bench(bench, channel or bench.channels[0].id, battery)
    if speed is None and in_memory.playable(alone) and _too_long(profile, full_sampling, samples):
        with in_memory.MemoryBench(alone, seed=seed) as dry:
            dry.sparse, dry.answers = not full_sampling, dict(answers or {})
            return run_on(dry, profile, chemistry=chemistry, on_state=on_state)
    asked, profile = profile, profile if full_sampling else thinned(profile, samples)
    if speed is None:
        speed = speed_for(profile)
    with DryBench(alone, speed=speed, seed=seed) as dry:
        dry.answers = dict(answers or {})
        return run_on(dry, profile, asked=asked, chemistry=chemistry, speed=speed, on_state=on_state)


def run_on(
    dry: DryBench,
    profile: Profile,
    *,
    nominal_capacity_Ah: float | None = None,
    asked: Profile | None = None,
    chemistry: str | None = None,
    speed: float | None = None,
    on_state: Callable[[dict[str, Any]], None] | None = None,
) -> DryRun:
    """The same on a bench that is running. ``nominal_capacity_Ah`` None: what the battery's label says;
    ``asked``: the profile before it was thinned."""
    truth = dry.ask("truth")
    capacity_Ah = nominal_capacity_Ah or float(str(truth["nominal_capacity_Ah"]))
    ended, run_dir = dry.run(profile, nominal_capacity_Ah=capacity_Ah, chemistry=chemistry, on_state=on_state)
    journal = _journal(run_dir)
    result = _judged(run_dir, ended, capacity_Ah, chemistry)
    told = {key: truth[key] for key in ("chemistry", "nominal_capacity_Ah", "capacity_Ah", "soh", "soc")}
    return DryRun(
        profile=profile,
        asked=asked or profile,
        bench=dry.bench.name,
        channel=dry.channel.id,
        truth=told,
        outcome=ended.outcome.outcome,
        error=_error(ended),
        result=result,
        journal=journal,
        margins=() if journal is None else tuple(margins(journal)),
        speed=speed,
        planned_s=_planned(profile)[0],
        in_memory=isinstance(dry, in_memory.MemoryBench),
    )


def _is_news(event: dict[str, Any]) -> bool:
    return event["code"] == "prompt.answered" or (event["level"] != "info" and event["code"] not in _NO_NEWS)


def thinned(profile: Profile, samples: int = SAMPLES) -> Profile:
    """The same with no more than about so many samples, as far as its pulses allow; 1 a second at least."""
    longest_s = max(_planned(profile)[0], 1.0)
    wanted_Hz = max(SAMPLING_MIN_HZ, samples / longest_s, _least_Hz(profile))
    return profile.model_copy(update={"sampling_Hz": min(profile.sampling_Hz, wanted_Hz)})


def _too_long(profile: Profile, full_sampling: bool, samples: int) -> bool:
    """Whether the wire would take long, or so few samples that its pulses pass between them."""
    planned_s = _planned(profile)[0]
    if planned_s > WIRE_MAX_S:
        return True
    if full_sampling:
        return speed_for(profile) is not None
    return samples / max(planned_s, 1.0) < _least_Hz(profile)


def _least_Hz(profile: Profile) -> float:
    """So that every stretch of current is seen."""
    plan = resolve(profile, nominal_capacity_Ah=stand_in_capacity_Ah(profile))
    flowing = [one.duration_s for one in plan.segments if one.current_A != 0.0 or one.control is not None]
    return min(profile.sampling_Hz, PULSE_SAMPLES / min(flowing)) if flowing else 0.0


def speed_for(profile: Profile) -> float | None:
    """None where a plan is short enough to be waited for sample by sample."""
    planned_s, samples = _planned(profile)
    return None if samples <= EXACT_SAMPLES_MAX else min(SPEED_MAX, max(10.0, planned_s / FREE_RUN_S))


def _planned(profile: Profile) -> tuple[float, float]:
    """The longest it may take in s and the samples this makes, whatever the battery."""
    plan = resolve(profile, nominal_capacity_Ah=stand_in_capacity_Ah(profile))
    longest_s = timeline(plan).duration_s
    return longest_s, longest_s * plan.sampling_Hz


def _journal(run_dir: Path) -> Journal | None:
    path = run_dir / "journal.jsonl"
    return read_journal(path) if path.exists() else None


def _judged(run_dir: Path, ended: Ended, capacity_Ah: float, chemistry: str | None) -> dict[str, Any]:
    """What the station would say of the battery; empty where it would say nothing."""
    if ended.outcome.outcome != "completed":
        return {}
    found = process_run(run_dir, diagnosis=True, nominal_capacity_Ah=capacity_Ah, chemistry=chemistry)
    return found["result"] or {}


def _error(ended: Ended) -> dict[str, Any] | None:
    o = ended.outcome
    if o.outcome == "completed":
        return None
    return {"code": o.code, "message": o.message, "remedy": o.remedy, "params": o.params,
            "exit_code": o.exit_code}  # fmt: skip
