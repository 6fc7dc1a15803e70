"""Has the instrument play a group of segments by its own sequencer, and watches."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from drivers.contracts.power import PowerPort, SequenceState, SequenceStep
from profiles.plan import Segment
from station.engine.measure.edges import Edge
from station.engine.measure.sampling import Sampler
from station.errors import InstrumentFault

STATE_PERIOD_S = 0.25
"""Real time between two looks at the sequencer's state."""
OVERRUN_S = 0.5
EARLY_S = 0.3
"""How far the sequencer's end may be from the plan's, in s of bench time, plus the same in real time."""


LEAD_S = 0.1
"""Rest at the head of the sequence in real time: the exchange that starts it ends, and sampling is back
in step, before the first edge."""


def play_sequenced(
    power: PowerPort,
    sampler: Sampler,
    group: Sequence[Segment],
    before: Segment,
    on_segment: Callable[[Segment, float], None],
    on_pause: Callable[[], None],
) -> float:
    """Load, start and watch ``group``; returns its end in bench time. The current is zero afterwards.

    ``before`` is the segment that the rest at the head of the sequence belongs to.
    ``on_pause`` is called between the longer exchanges with the instrument. Raises InstrumentFault when
    the sequence ends early, pauses, or does not end.
    """
    clock = sampler.clock
    lead_s = LEAD_S * clock.speed
    steps = [SequenceStep(segment.current_A, segment.duration_s) for segment in group]
    with sampler.going_on(before):
        power.load_sequence([SequenceStep(0.0, lead_s), *steps])
    on_pause()
    asked_s = clock.now_s()
    power.start_sequence()
    started_s = clock.now_s()
    on_pause()
    start_s = started_s + lead_s
    sampler.sample_until(start_s, before)
    end_s = start_s + sum(segment.duration_s for segment in group)
    slack_s = (OVERRUN_S * clock.speed, EARLY_S * clock.speed)
    edge_s, current_A = start_s, 0.0
    for segment in group:
        on_segment(segment, edge_s)
        if segment.current_A != current_A:
            edge = Edge(
                segment.index,
                edge_s,
                edge_s,
                current_A,
                segment.current_A,
                segment.duration_s,
                started_s - asked_s,
            )
            sampler.commanded(segment.current_A, edge_s, edge)
            current_A = segment.current_A
        edge_s += segment.duration_s
        while clock.now_s() < edge_s:
            sampler.sample_until(min(edge_s, clock.now_s() + STATE_PERIOD_S * clock.speed), segment)
            state = power.sequence_state()
            early = state is SequenceState.STOPPED and clock.now_s() < end_s - slack_s[1]
            if early or state is SequenceState.PAUSED:
                what = "ended early" if early else "is paused"
                raise InstrumentFault(
                    f"the instrument's sequence {what} in segment {segment.index}",
                    remedy="look at the instrument: a protection, its interlock, or a person acted",
                    code="instrument.sequence_broken",
                    segment=segment.index,
                    state=state.value,
                )
    if current_A != 0.0:
        sampler.commanded(0.0, edge_s)
    while power.sequence_state() is not SequenceState.STOPPED:
        if clock.now_s() > end_s + slack_s[0]:
            raise InstrumentFault(
                "the instrument's sequence does not end",
                remedy="check that no other program drives this instrument",
                code="instrument.sequence_overrun",
            )
        sampler.sample_until(clock.now_s() + 0.02 * clock.speed, group[-1])
    sampler.edges.give_up()
    power.stop_sequence()
    return clock.now_s()
