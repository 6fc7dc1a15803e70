"""The worker of one channel: ``python -m station.engine.worker``, a job on stdin, live lines on stdout."""

from __future__ import annotations

import os
import sys
import threading
from functools import partial
from typing import Any

from station.bench import BenchClock, HostedClock, bench_clock, host_time
from station.engine.base.job import Job, parse_job
from station.engine.base.live import CommandReader, LiveWriter
from station.engine.base.outcome import outcome_of
from station.engine.base.precedence import take_precedence
from station.engine.base.scheduling import wake_early
from station.engine.base.stop import ANSWERS, OPERATIONS, StopFlags
from station.engine.look import look
from station.engine.run import Ended, Run
from station.engine.session import MakeClock
from station.errors import StationError, UsageError
from station.safety.shutdown import SafeReport

JOB_TIMEOUT_S = 30.0


def main() -> int:
    """Run one job; returns the exit code."""
    wake_early()
    # The protocol owns the original stdout; whatever else prints goes to stderr.
    protocol = os.dup(1)
    os.dup2(2, 1)
    live = LiveWriter(protocol)
    stop = StopFlags()
    stop.on_signals()
    first: list[dict[str, Any]] = []
    arrived = threading.Event()

    def on_message(message: dict[str, Any]) -> None:
        if not arrived.is_set():
            first.append(message)
            arrived.set()
        elif message.get("command") == "stop":
            stop.request("command")
        elif message.get("command") in OPERATIONS:
            stop.operate(str(message["command"]))
        elif message.get("command") in ANSWERS:
            stop.answer(message)

    def on_end() -> None:
        stop.service_gone()
        arrived.set()

    CommandReader(on_message, on_end).start()
    arrived.wait(JOB_TIMEOUT_S)
    if first and "look" in first[0]:
        return look(first[0]["look"], live, stop)
    try:
        job = parse_job(first[0] if first else None)
        speed = _speed(job, live)
        make_clock = _clock_of(job)
    except StationError as error:
        ended = Ended(outcome_of(error, energised=False), SafeReport(True, None, None, None))
    else:
        if speed <= 1.0:
            take_precedence()  # before the guard counts on beats
        ended = Run(job, live, stop, speed=speed, make_clock=make_clock).run()
    live.flush_samples()
    live.send(ended.as_message(live.dropped))
    live.close()
    return ended.outcome.exit_code


def _clock_of(job: Job) -> MakeClock:
    """The wall's clock, or that of a simulated bench which waits for its host."""
    file = host_time(job.bench)
    return BenchClock if file is None else partial(HostedClock, file)


def _speed(job: Job, live: LiveWriter) -> float:
    """The bench's own speed; a job that believes in another is refused."""
    speed = bench_clock(job.bench)
    if abs(speed / job.speed - 1) > 0.01:
        raise UsageError(
            f"the bench runs at speed {speed:g}, the job says {job.speed:g}",
            remedy="let the service ask the bench again",
            code="usage.speed",
            speed=speed,
        )
    live.send({"type": "state", "state": "checks", "elapsed_s": 0.0, "remaining_s": job.plan.duration_s,
               "progress": 0.0, "segment": None, "role": None})  # fmt: skip
    return speed


if __name__ == "__main__":
    sys.exit(main())
