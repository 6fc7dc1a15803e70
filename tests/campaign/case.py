"""One run of the campaign, from a healthy bench to a verified end."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.campaign.acts import Acts
from tests.campaign.faults import CURRENT_TO_COME, Case
from tests.campaign.layers import LAST, NOBODY, layer_of
from tests.campaign.moments import BEFORE, when
from tests.campaign.processes import Worker
from tests.campaign.quality import Quality, lost_seconds, starved
from tests.campaign.rig import Rig

PATIENCE_S = 30.0
"""Beyond the plan's own length; a run that has not ended by then never will."""
QUIET_S = 8.0
"""From a worker's end to no current and everything off, at most; what is on after that is left on."""
LOST_MAX_S = 1.0
RAN_ON = "ran to its end as if nothing were"
SUPERVISED_S, BMS_S = 0.5, 2.0
"""Real time in which supervision must have cut, and in which a BMS must have spoken (the rule's own limit).
A test in a hurry may be over by then."""
DEADLY = ("kill worker", "stop worker", "kill both", "restart worker")
"""Acts after which the worker says nothing more."""
GUARD_DEADLY = ("stop guard", "kill both", "kill guard")
_tick = threading.Event()


@dataclass
class Row:
    """What one run came to; times in real seconds. ``problems`` is empty when all is as it must be."""

    case: int
    kind: str
    fault: str
    moment: str
    injected: bool = False
    outcome: str = ""
    code: str = ""
    layer: str = ""
    to_zero_s: float | None = None
    """From the fault to the last instant of current; None where no current flowed after it."""
    to_safe_s: float | None = None
    """From the fault to output off or cut-off open, seen by polling; None when the test ran to its end."""
    lost_s: float = 0.0
    verdict: str = ""
    quality: str = ""
    tries: int = 1
    """Runs until the fault's moment came."""
    starved: bool = False
    """The computer was too busy to sample the current that was to give the fault away."""
    problems: list[str] = field(default_factory=list)


def run_case(rig: Rig, case: Case, quality: Quality) -> Row:
    """Run it; whatever happens, no process of it is left."""
    row = Row(case.number, case.kind, case.fault.name, case.moment)
    rig.renew(case.seed)
    guard_log = rig.guard.log_size()
    unix_minus_monotonic = time.time() - time.monotonic()
    if case.moment == BEFORE and case.fault.act is None:
        _arm(rig, case)
    worker, run_dir, plan_s = rig.start(case.fault.length)
    acts = Acts(rig, worker, run_dir, case.fault.length)
    try:
        if case.moment != BEFORE or case.fault.act is not None:
            _arm(rig, case)
        onset = _follow(rig, case, worker, acts, plan_s)
        row.injected = onset is not None
        if acts.second is not None:
            _hear_out(acts.second[0], plan_s)
        rig.revive_simulation()
        _await_quiet(rig, row, onset)
        trips = rig.guard.trips(guard_log)
    finally:
        worker.end()
        if acts.second is not None:
            acts.second[0].end()
        if case.fault.act in GUARD_DEADLY:
            rig.guard.end()
        rig.revive_simulation()
    _judge(rig, case, row, worker, run_dir, onset, trips, unix_minus_monotonic)
    final, final_dir = acts.second or (worker, run_dir)
    if acts.second is not None:
        _judge_end(row, final)
    row.verdict, row.quality = quality.judge(rig.kind, final_dir, row.outcome, case.fault.length)
    row.problems += run_problems(row)
    return row


def run_problems(row: Row) -> list[str]:
    """What the row itself tells that must not be."""
    told = {
        f"a defect, not a named end: {row.code}": row.code.startswith("internal."),
        f"lost {row.lost_s:.2f} s of samples": row.lost_s > LOST_MAX_S,
        f"a verdict on bad data: {row.quality}": row.quality.startswith("bad"),
        "caught only by the last layer": row.layer == LAST,
        "caught by nobody": row.layer == NOBODY,
    }
    return [problem for problem, is_so in told.items() if is_so]


def _arm(rig: Rig, case: Case) -> None:
    fault = case.fault
    request: dict[str, Any] = {
        "label": "fault",
        "channel": rig.kind.channel,
        "when": when(case.moment, case.kind),
        "fault": None,
    }
    if fault.act is None:
        request["fault"] = {"name": fault.own or fault.name, "value": fault.value}
        instrument = rig.instrument(fault.instrument, case.moment)
        if instrument is not None:
            request["fault"]["instrument"] = instrument
        if fault.for_s is not None:
            request["for_s"] = fault.for_s
    rig.control.ask("arm", **request)
    for name, value in fault.also:
        rig.control.ask(
            "arm", **{**request, "label": name, "fault": {**request["fault"], "name": name, "value": value},
                      "for_s": None}
        )  # fmt: skip


def _hear_out(worker: Worker, plan_s: float) -> None:
    """To its last word."""
    end = time.monotonic() + plan_s + PATIENCE_S
    while time.monotonic() < end and worker.ended is None and worker.listen(0.1):
        pass


def _follow(rig: Rig, case: Case, worker: Worker, acts: Acts, plan_s: float) -> float | None:
    """Listen to the worker to its end; do what is to be done when its moment has come."""
    end = time.monotonic() + plan_s + PATIENCE_S
    onset: float | None = None
    while time.monotonic() < end:
        going_on = worker.listen(0.02) if acts.reading else _only_wait(worker)
        # Before the first word of its checks there is no test yet that could be disturbed.
        if onset is None and (worker.lines or case.moment != BEFORE or case.fault.act is None):
            armed = rig.control.ask("armed", channel=rig.kind.channel, label="fault")
            if armed["fired"]:
                onset = float(armed["at_monotonic_s"])
                if case.fault.act is not None:
                    onset = acts.perform(case.fault)
                    if case.fault.act in DEADLY:
                        return onset
        if not going_on or (worker.ended is not None and worker.ended.get("type") == "ended"):
            break
    return onset


def _only_wait(worker: Worker) -> bool:
    """Nobody reads; after the plan's time its pipe is emptied to find its last word."""
    _tick.wait(0.5)
    try:
        import psutil

        if psutil.Process(worker.pid).status() == psutil.STATUS_ZOMBIE:
            return worker.listen(0.0)
    except psutil.Error:
        while worker.listen(0.0):
            pass
        return False
    return True


def leaves_energised(flow: Mapping[str, Any]) -> bool:
    """Whether current flows, or could at once: an output on behind a closed cut-off."""
    return flow["current_A"] != 0.0 or (any(flow["output_on"]) and flow["cutoff_closed"])


def _await_quiet(rig: Rig, row: Row, onset: float | None) -> None:
    """No current, and nothing that could drive one: all outputs off or the cut-off open."""
    end = time.monotonic() + QUIET_S
    while True:
        flow = rig.flow()
        now = time.monotonic()
        quiet = not leaves_energised(flow)
        if quiet or now > end:
            break
        _tick.wait(0.02)
    if onset is not None:
        last = flow.get("last_flow_monotonic_s")
        row.to_zero_s = None if last is None or last <= onset else last - onset
        row.to_safe_s = now - onset if quiet else None
    if not quiet:
        row.problems.append(
            f"left energised: {flow['current_A']:.3g} A, outputs {flow['output_on']}, "
            f"cut-off {'closed' if flow['cutoff_closed'] else 'open'}"
        )


def _judge_end(row: Row, worker: Worker) -> None:
    ended = worker.ended
    row.outcome = "lost" if ended is None else str(ended["outcome"])
    row.code = "" if ended is None else str(ended["code"])
    if ended is None:
        row.problems.append("the worker ended without a word")


def _must_stop(case: Case) -> bool:
    fault = case.fault
    # The supply of a pair has done its part when the charge ends; what follows is the load's.
    idle = case.kind == "pair" and case.moment == "charge end" and fault.instrument == "power"
    return (
        fault.must_stop
        and case.moment in CURRENT_TO_COME
        and (case.kind, case.moment) not in fault.excused
        and not idle
    )


def _over_by_then(case: Case, row: Row) -> bool:
    """What only supervision sees came so late that the last current was over before it had to cut."""
    instrument = case.fault.instrument
    supervised = instrument in ("modbus-relay", "leaf-bms") or case.fault.act is not None
    allowed_s = BMS_S if instrument == "leaf-bms" else SUPERVISED_S
    return supervised and (row.to_zero_s is None or row.to_zero_s < allowed_s)


def _judge(
    rig: Rig,
    case: Case,
    row: Row,
    worker: Worker,
    run_dir: Path,
    onset: float | None,
    trips: list[dict[str, Any]],
    unix_minus_monotonic: float,
) -> None:
    killed = case.fault.act in DEADLY and onset is not None
    # What flows after a restarted worker is the next test's own current.
    flowed = row.to_zero_s is not None and case.fault.act != "restart worker"
    row.layer = layer_of(case, worker.ended, trips, fuse_blown=rig.fuse_blown(), flowed=flowed)
    if not killed:
        _judge_end(row, worker)
    else:
        row.outcome = "lost"
    if row.outcome == "completed":
        row.to_safe_s = None
        if onset is not None and _must_stop(case) and not _over_by_then(case, row):
            row.problems.append(RAN_ON)
            row.starved = starved(run_dir)
    row.lost_s = lost_seconds(run_dir, onset if killed else None, unix_minus_monotonic)
