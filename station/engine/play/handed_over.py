"""Hands a group of segments to a cycler as its own schedule, and judges what it records as it comes.

Every record passes the running rules, and between them what the cycler reads just now is held against the
envelope. The cycler goes on alone whatever becomes of this program: its own protections watch it, and the
guard's cut-off stands behind.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from drivers.contracts.cycler import CyclerRecord, CyclerState, CyclerStatus, CyclerStep
from drivers.contracts.power import PowerReading
from profiles.plan import Segment
from station.engine.base.cycler_port import CyclerPort
from station.engine.base.end_voltage import end_cell_V
from station.engine.base.job import Job
from station.engine.measure.sampling import Sampler
from station.engine.measure.stream import RecordStream, TestClock
from station.errors import InstrumentFault, LimitTripped

LEAD_S = 1.0
"""Bench time of the rest at the head of a schedule that would begin with a current."""
POLL_S = 0.05
"""Real time between two looks."""
START_S = 10.0
"""Real time that a cycler may take to start what it was told to start."""
LATE_S = 2.0
"""Real time without a record, beyond the record period, after which a running cycler is stopped."""
UNKNOWN_S = 1.0
LOOKS_AT_START = 5
"""Each narrows down when the test began."""
TURN_EVERY = 50
"""Records after which the main loop is shown to live."""


class HandedOver:
    """One schedule. ``turn`` raises what ends or interrupts the run.

    A group that begins with a current gets a rest at its head: what the cycler records there shows where the
    first edge starts from, by the same clock. Its rows bear the segment ``before``.
    """

    def __init__(
        self,
        job: Job,
        port: CyclerPort,
        sampler: Sampler,
        group: Sequence[Segment],
        before: Segment,
        on_segment: Callable[[Segment, float], None],
        turn: Callable[[], None],
    ) -> None:
        self._port, self._sampler = port, sampler
        lead = [before] if group[0].current_A != 0.0 else []
        self._lead, self._group = len(lead), [*lead, *group]
        self._on_segment, self._turn = on_segment, turn
        self._clock = sampler.clock
        self._plan_Hz = job.plan.sampling_Hz
        steps = (_step(job, segment) for segment in group)
        self._steps = (*(CyclerStep(0.0, LEAD_S) for _ in lead), *steps)
        self._asked_again = False
        self._heard = 0.0
        self._unknown_at: float | None = None

    def play(self, done: Callable[[], bool] | None = None) -> float:
        """Hand over, start, watch to the end; returns its bench time. ``done`` ends it before.

        Raises InstrumentFault, LimitTripped, DriverError, and whatever ends or interrupts the run.
        """
        port, clock = self._port, self._clock
        schedule = port.hand_over(self._steps, self._plan_Hz)
        self._turn()
        facts: dict[str, object] = {
            "test": port.name, "what": port.handed_over, "steps": len(self._steps),
            "record_period_s": schedule.record_period_s,
        }  # fmt: skip
        self._sampler.event(clock.now_s(), "engine.handed_over", "info", facts)
        with self._sampler.streaming():
            asked_s = clock.now_s()
            port.start()
            end_s = self._watch(TestClock(asked_s, clock.now_s(), clock.speed), done)
        if self._steps[-1].current_A != 0.0:
            self._sampler.commanded(0.0, end_s)
        return end_s

    # ------------------------------------------------------------------ watching

    def _watch(self, test: TestClock, done: Callable[[], bool] | None) -> float:
        stream = RecordStream(self._steps, self._slack_s)
        self._begin(test)
        test.settle()
        self._heard = time.monotonic()
        while True:
            self._turn()
            status = self._look(test, stream)
            batch = self._records(stream)
            self._take_all(batch, stream, test)
            if done is not None and done():
                self._port.stop_sequence()
                break
            silent_s = time.monotonic() - self._heard
            if status.state.over:
                if batch:
                    continue  # there may be more
                if self._over(status, stream, silent_s):
                    break
            elif silent_s > self._late_s:
                raise self._silent(silent_s, status, stream)
            self._clock.sleep_until(self._clock.now_s() + self._pause_s * self._clock.speed)
        self._sampler.event(self._clock.now_s(), "engine.stream", "info", stream.count.as_dict())
        return test.start_s + stream.elapsed_s

    def _begin(self, test: TestClock) -> None:
        """Until it says that our test runs or has run. Raises InstrumentFault."""
        until = time.monotonic() + START_S
        looks = 0
        while looks < LOOKS_AT_START:
            self._turn()
            before_s = self._clock.now_s()
            status = self._port.status()
            after_s = self._clock.now_s()
            named = status.test == self._port.name
            if self._port.is_ours(status) and (named or not status.state.over):
                looks += 1
                if status.state.over:
                    return  # a short one may be over by now
                if status.elapsed_s is not None:
                    test.seen(before_s, after_s, status.elapsed_s)
            elif time.monotonic() > until:
                raise self._fault("does not start the test", status, code="instrument.cycler_not_started")

    def _look(self, test: TestClock, stream: RecordStream) -> CyclerStatus:
        before_s = self._clock.now_s()
        status = self._port.status()
        if not self._port.is_ours(status):
            raise self._fault(f"runs test {status.test}", status, code="instrument.cycler_other_test")
        if status.reading is not None:
            self._sampler.look(status.reading, self._group[max(stream.step, 1) - 1])
        if status.state is CyclerState.PAUSED:
            raise self._fault("was held", status, code="instrument.cycler_ended")
        if status.state is not CyclerState.UNKNOWN:
            self._unknown_at = None
        elif self._unknown_at is None:
            self._unknown_at = time.monotonic()
        elif time.monotonic() - self._unknown_at > UNKNOWN_S:
            raise self._fault("is in a state that is not known", status, code="instrument.cycler_ended")
        if status.state is CyclerState.RUNNING and status.elapsed_s is not None:
            test.seen(before_s, self._clock.now_s(), status.elapsed_s)
        return status

    def _records(self, stream: RecordStream) -> Sequence[CyclerRecord]:
        """The next records; where some are left out they are asked for once more."""
        batch = self._port.records(stream.last)
        missing = bool(batch) and batch[0].number > stream.last + 1
        self._asked_again = missing and not self._asked_again
        return () if self._asked_again else batch

    def _take_all(self, batch: Sequence[CyclerRecord], stream: RecordStream, test: TestClock) -> None:
        missing = stream.count.missing
        for number, record in enumerate(batch, 1):
            if number % TURN_EVERY == 0:
                self._turn()
            self._take(record, stream, test)
        if batch:
            now = time.monotonic()
            stream.count.late_max_s = max(stream.count.late_max_s, now - self._heard)
            self._heard = now
        if stream.count.missing > missing:
            self._sampler.event(
                self._clock.now_s(), "engine.records_missing", "warning",
                {"missing": stream.count.missing - missing, "record": stream.last},
            )  # fmt: skip

    def _take(self, record: CyclerRecord, stream: RecordStream, test: TestClock) -> None:
        step, from_s = stream.step, stream.elapsed_s
        elapsed_s = stream.accept(record)
        for number in range(step, stream.step):
            if number < self._lead:
                continue
            segment = self._group[number]
            begun_s = test.start_s + stream.begins_s[number]
            self._on_segment(segment, begun_s)
            before_A = self._steps[number - 1].current_A if number else 0.0
            if segment.current_A != before_A:
                self._sampler.edge_told(segment, begun_s)
                self._sampler.commanded(segment.current_A, begun_s)
        if elapsed_s is None:
            return
        segment = self._group[stream.step - 1]
        if (
            self._steps[stream.step - 1].current_A != 0.0
            and elapsed_s - from_s > LATE_S + 2 * self._port.record_period_s
        ):
            raise _late(elapsed_s - from_s, f"no record for {elapsed_s - from_s:.2f} s of the test")
        self._sampler.streamed(
            test.start_s + elapsed_s, PowerReading(record.voltage_V, record.current_A), segment
        )

    # ------------------------------------------------------------------ ends

    def _over(self, status: CyclerStatus, stream: RecordStream, silent_s: float) -> bool:
        """The test has ended: as planned, or not. Raises InstrumentFault."""
        if status.state is CyclerState.PROTECTED:
            raise self._fault(
                "has ended the test by a protection", status, code="instrument.cycler_protected"
            )
        if status.state is CyclerState.STOPPED:
            raise self._fault("was stopped", status, code="instrument.cycler_ended")
        if stream.complete:
            return True
        if silent_s > self._late_s:
            raise self._fault("has ended before the schedule's end", status, code="instrument.cycler_ended")
        return False  # its last records are on their way

    def _silent(self, silent_s: float, status: CyclerStatus, stream: RecordStream) -> LimitTripped:
        text = f"the cycler is {status.word or status.state.value} and sends no record for {silent_s:.2f} s"
        return _late(silent_s, text, record=stream.last)

    def _fault(self, what: str, status: CyclerStatus, *, code: str) -> InstrumentFault:
        return InstrumentFault(
            f"the cycler {what} ({status.word or status.state.value})",
            remedy="look at the cycler: its log tells why",
            code=code,
            state=status.state.value,
            word=status.word,
            test=status.test,
        )

    @property
    def _buffered(self) -> bool:
        return self._port.capabilities.buffered_readback

    @property
    def _pause_s(self) -> float:
        """Real time: a cycler that keeps no records must be asked as often as records are wanted."""
        if self._buffered:
            return POLL_S
        return min(POLL_S, self._port.record_period_s / self._clock.speed)

    @property
    def _slack_s(self) -> float:
        """How far before the end of the last step the last record may lie, in bench time."""
        return 2 * self._port.record_period_s + (0.0 if self._buffered else 4 * POLL_S * self._clock.speed)

    @property
    def _late_s(self) -> float:
        return LATE_S + 2 * self._port.record_period_s / self._clock.speed


def _step(job: Job, segment: Segment) -> CyclerStep:
    """What a segment is for a cycler. Raises UsageError."""
    if segment.end is None:
        return CyclerStep(segment.current_A, segment.duration_s)
    until_V = end_cell_V(job, segment.end) * job.series_cells
    return CyclerStep(segment.current_A, math.floor(segment.longest_s * 1000) / 1000, until_V)


def _late(value_s: float, text: str, **facts: object) -> LimitTripped:
    return LimitTripped(
        f"stream_late: {text}",
        remedy="check the cycler's server and its network; nobody watches what it does",
        code="safety.stream_late",
        rule="stream_late",
        value=round(value_s, 3),
        limit=LATE_S,
        unit="s",
        source="station",
        **facts,
    )
