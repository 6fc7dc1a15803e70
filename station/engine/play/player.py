"""Runs a plan: group after group, from any group on, with pauses and skips between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from drivers.capabilities import TimingClass
from drivers.contracts.power import PowerPort
from profiles.open_step import OpenStep
from profiles.plan import Junction, Segment, SegmentRole
from station.engine.base.cycler_port import CyclerPort
from station.engine.base.job import Job
from station.engine.base.precedence import precedence
from station.engine.base.stop import PauseRequested, SkipRequested
from station.engine.measure.sampling import Sampler
from station.engine.measure.sensors import Sensors
from station.engine.play.acts import Acts
from station.engine.play.adaptive import Adaptive, Asked
from station.engine.play.commanded import play_commanded
from station.engine.play.contact_step import ContactStep
from station.engine.play.deciding import Decider
from station.engine.play.group import Group
from station.engine.play.handed_over import HandedOver
from station.engine.play.judging import NEEDS_SCAN_UP_TO_SPEED, DriftWatch, Judge
from station.engine.play.open_segment import OpenSegment
from station.engine.play.quantities import Quantities
from station.engine.play.role_limits import RoleWatch
from station.engine.play.round_limits import NearLimit
from station.engine.play.sequenced import play_sequenced
from station.engine.play.timing import choose_timing, groups, is_check
from station.engine.play.until_voltage import play_until
from station.engine.play.waiting import wait
from station.engine.record.earlier import Earlier
from station.engine.record.journal import JournalWriter
from station.safety.envelope import Envelope
from station.safety.running import Totals

CONTACT_TRIES = 5
"""On a simulated bench in a hurry a contact pulse may pass between two samples; it is then made again."""


class Stage(Asked, Protocol):
    """What the player needs of the run around it."""

    def energise(self) -> None:
        """Before the first current, and before the first after a pause: dead man armed, output on."""

    def on_segment(self, segment: Segment) -> None:
        """The plan has come to a segment."""

    def turn(self) -> None:
        """One turn of the main loop; raises what ends or interrupts the run."""

    def allow(self, *, playing: bool, skippable: bool = False) -> None:
        """What an operator may do from now on."""

    def hold(self, segment: Segment) -> None:
        """Make it safe, wait for the operator, pass all checks again."""


class Player:
    """With ``earlier`` it goes on where that part of the run was cut off."""

    def __init__(
        self,
        job: Job,
        power: PowerPort,
        sampler: Sampler,
        sensors: Sensors,
        journal: JournalWriter,
        stage: Stage,
        envelope: Envelope,
        earlier: Earlier | None = None,
    ) -> None:
        self._power, self._sampler, self._sensors, self._journal = power, sampler, sensors, journal
        self._stage, self._job, self._plan = stage, job, job.plan
        self._capabilities = power.capabilities
        self._clock, self._speed = sampler.clock, sampler.clock.speed
        self._judge = Judge(job, sampler, sensors, self._capabilities.voltage_resolution_V)
        self._groups = [self._made(group) for group in groups(job.plan)]
        self._groups += [Group((), None, opened) for opened in job.plan.open_steps]
        self._groups += [Group((), None, junction=junction) for junction in job.plan.junctions]
        self._groups.sort(key=lambda group: group.number)
        self._adaptive = Adaptive(job, sampler, journal, stage, envelope, self._capabilities, earlier)
        self._quantities = Quantities(job, sampler, sensors, earlier.kept if earlier else {})
        self._decider = Decider(self._quantities, stage.note)
        self._acts = Acts(sampler, stage, self._decider.keep)
        self._roles = RoleWatch(job)
        if self._roles.needed:
            sampler.listeners.append(self._roles.listen)
        self._energised = self._sequencing = False
        self._done: set[int] = set(earlier.groups_done) if earlier else set()
        self._attempts: dict[int, int] = dict(earlier.attempts) if earlier else {}
        self._again = earlier is not None
        """The contact is to be checked anew before the next current."""
        self._resting_since_s: float | None = None
        """Since when no current has flowed, where the plan's own rest was cut short."""
        self._begun: tuple[Group, float, Totals] | None = None
        self._end_s = self._clock.now_s()
        if earlier is not None:
            self._take_over(earlier)

    def _made(self, segments: tuple[Segment, ...]) -> Group:
        """Raises UsageError where nobody here can make its edges."""
        timing = choose_timing(segments, self._plan.timing, self._capabilities, self._speed)
        return Group(segments, timing)

    def play(self) -> None:
        """Run to the end, or raise what ended it."""
        while (group := self._next()) is not None:
            try:
                self._stage.allow(playing=True)
                if group.junction is not None:
                    self._decide(group, group.junction)
                    continue
                if group.open is not None:
                    self._stage.allow(playing=True, skippable=True)
                    self._ask(group, group.open)
                    continue
                if not self._has_room(group):
                    continue
                if self._again or self._resting_since_s is not None:
                    self._come_back(group)
                self._stage.allow(playing=True, skippable=not is_check(group.segments))
                self._play(group)
            except NearLimit:
                self._cut(group, None)
                self._adaptive.near_limit(group.segments)
                self._leave_out(group, self._attempts[group.number])
            except PauseRequested:
                self._cut(group, "pause")
                self._energised, self._again = False, True
                self._stage.hold(self._resting(group))
            except SkipRequested:
                self._cut(group, "skip")
                self._skip(group)
        self._stage.allow(playing=False)
        self._sampler.end()
        figures: dict[str, object] = dict(self._sampler.lateness.as_params(self._plan.sampling_Hz))
        figures["precedence"] = precedence()
        self._sampler.event(self._end_s, "engine.sampling", "info", figures)

    def _next(self) -> Group | None:
        return next((group for group in self._groups if group.number not in self._done), None)

    def _play(self, group: Group) -> None:
        attempt = self._attempts.get(group.number, 0) + 1
        self._attempts[group.number] = attempt
        began_s = self._clock.now_s()
        self._journal.group(began_s, group.number, group.step, attempt, ended=False)
        self._begun = (group, began_s, self._sampler.rules.throughput.totals.copy())
        start_s = self._end_s
        with self._adaptive.limits.watching(group.segments):
            self._end_s = self._rest(group, start_s) if group.timing is None else self._drive(group, start_s)
        self._begun = None
        self._done.add(group.number)
        self._journal.group(self._clock.now_s(), group.number, group.step, attempt, ended=True)

    # ------------------------------------------------------------------ open steps

    def _ask(self, group: Group, step: OpenStep) -> None:
        """One question: the round that comes of it is played next, or the step is over."""
        segments = self._adaptive.ask(step, self._resting(group))
        if segments is None:
            self._leave_out(group, 1)
        else:
            self._groups.insert(self._groups.index(group), self._made(segments))
        self._end_s = self._clock.now_s()

    def _decide(self, group: Group, junction: Junction) -> None:
        """What is not to come is done with, before the junction is: a crash between them decides anew."""
        self._quantities.end()
        out = self._decider.decide(junction)
        for other in self._groups:
            if other.number in out and other.number not in self._done:
                self._leave_out(other, 0)
        self._leave_out(group, 1)

    def _has_room(self, group: Group) -> bool:
        """A round that was cut is played again only where all of it still fits; else it is asked anew."""
        if self._plan.open_step(group.step) is None or self._adaptive.begin(group.segments):
            return True
        self._leave_out(group, 0)
        return False

    def _leave_out(self, group: Group, attempt: int) -> None:
        """Nothing of it is still to come."""
        self._done.add(group.number)
        self._journal.group(self._clock.now_s(), group.number, group.step, attempt, ended=True)

    def _resting(self, group: Group) -> Segment:
        """What rows bear while nothing is played: the group's own first segment, else the last one before."""
        return group.segments[0] if group.segments else self._before(group)[-1]

    def _before(self, group: Group) -> list[Segment]:
        """Every segment before ``group``, in the order of playing."""
        earlier = self._groups[: self._groups.index(group)]
        return [segment for other in earlier for segment in other.segments]

    def _restore_rounds(self) -> None:
        """The rounds of an earlier part, at their places. One that had not ended is never done anew: what
        to measure then is asked again."""
        for segments in self._adaptive.restored:
            place = next(n for n, g in enumerate(self._groups) if g.open and g.step == segments[0].step)
            self._groups.insert(place, self._made(segments))
            self._done.add(segments[0].group)

    # ------------------------------------------------------------------ interruptions

    def _take_over(self, earlier: Earlier) -> None:
        """What an earlier part had begun and not ended is done anew, and its rows are not judged."""
        self._restore_rounds()
        self._resting_since_s = earlier.flow_s
        begun = earlier.begun
        if begun is not None and self._timing_of(begun.group) is not None:
            self._in_vain(begun.t_s, earlier.t_s, "crash", begun.totals)

    def _in_vain(self, from_s: float, to_s: float, reason: str, before: Totals | None) -> None:
        """Rows that nobody judges; with ``before``, what has moved since then is moved once more."""
        self._journal.void(from_s, to_s, reason)
        if before is not None:
            self._sampler.rules.throughput.played_again(before)

    def _timing_of(self, number: int) -> TimingClass | None:
        return next(group.timing for group in self._groups if group.number == number)

    def _cut(self, group: Group, reason: str | None) -> None:
        """No current from here on; what was begun is void, and done anew unless it is skipped.

        Without a ``reason`` what was measured counts as far as it came.
        """
        if self._energised:
            if self._sequencing:
                self._power.stop_sequence()
            else:
                self._power.set_current(0.0)
        self._sequencing = False
        now_s = self._clock.now_s()
        self._sampler.edges.forget()
        self._sampler.commanded(0.0, now_s)
        if reason and self._begun is not None and self._begun[0].timing is not None:
            self._in_vain(self._begun[1], now_s, reason, self._begun[2] if reason == "pause" else None)
        # While an open step only waits, no rest is cut short.
        if group.timing is not None or (self._resting_since_s is None and group.open is None):
            self._resting_since_s = now_s
        self._begun, self._end_s = None, now_s

    def _skip(self, group: Group) -> None:
        """All of the profile's step that is still to come is left out."""
        for other in self._groups:
            if other.step == group.step and other.number not in self._done:
                self._leave_out(other, 0)
        self._stage.note("run.skipped", "warning", {"step": group.step})

    def _come_back(self, group: Group) -> None:
        """Before the plan goes on with ``group``: the rest it had been given, and a contact check."""
        since_s, again = self._resting_since_s, self._again
        ahead = [g for g in self._groups if g.number not in self._done and (g.timing or g.open)]
        if ahead and since_s is not None and group.timing is not None:
            self._sampler.sample_until(since_s + self._rest_before(group), group.segments[0])
        checked = next((g for g in self._groups if g.checks_contact and g.number in self._done), None)
        if ahead and again and checked is not None:
            began_s, before = self._clock.now_s(), self._sampler.rules.throughput.totals.copy()
            self._begun = (checked, began_s, before)
            self._end_s = self._drive(checked, began_s)
            self._begun = None
            self._in_vain(began_s, self._end_s, "contact_again", before)
        self._again, self._resting_since_s = False, None
        self._end_s = self._clock.now_s()

    def _rest_before(self, group: Group) -> float:
        """What the plan rests right before ``group``, in s."""
        rest_s = 0.0
        for segment in reversed(self._before(group)):
            if segment.current_A != 0.0:
                break
            rest_s += segment.duration_s
        return rest_s

    # ------------------------------------------------------------------ groups

    def _rest(self, group: Group, start_s: float) -> float:
        for segment in group.segments:
            self._enter(segment)
            if segment.open_ended:
                start_s = wait(self._sampler, self._quantities, self._acts, segment)
                continue
            start_s += segment.duration_s
            if segment.role is SegmentRole.OCV_CHECK:
                self._rest_watching(segment, start_s)
            else:
                self._sampler.sample_until(start_s, segment)
        return start_s

    def _enter(self, segment: Segment) -> None:
        self._stage.on_segment(segment)
        self._quantities.begin(segment)
        self._roles.begin(segment)

    def _rest_watching(self, segment: Segment, end_s: float) -> None:
        drift = DriftWatch(self._sensors)
        self._sampler.listeners.append(drift.listen)
        try:
            self._sampler.sample_until(end_s, segment)
        finally:
            self._sampler.listeners.remove(drift.listen)
        self._judge.drift(drift, segment, end_s)

    def _drive(self, group: Group, start_s: float) -> float:
        timing = group.timing
        assert timing is not None
        if not self._energised:
            self._stage.energise()
            self._energised = True
            # Samples with the output on and no current, from which the first step is measured.
            settle_s = max(0.2, 0.05 * self._speed)
            self._sampler.sample_until(self._clock.now_s() + settle_s, group.segments[0])
            start_s = self._clock.now_s()
        self._sampler.event(
            self._clock.now_s(), "engine.timing", "info", {"group": group.number, "timing": timing.value}
        )
        if not group.checks_contact:
            return self._play_group(group, timing, start_s, None)
        for tries_left in reversed(range(CONTACT_TRIES)):
            contact = ContactStep(self._sampler, self._sensors, self._capabilities)
            try:
                end_s = self._play_group(group, timing, start_s, contact)
            finally:
                contact.end()
            if contact.seen or not tries_left or self._speed <= NEEDS_SCAN_UP_TO_SPEED:
                break
            self._sampler.event(self._clock.now_s(), "engine.contact_unseen", "warning", {})
            start_s = end_s
        self._judge.contact(contact)
        return end_s

    def _play_group(
        self, group: Group, timing: TimingClass, start_s: float, contact: ContactStep | None
    ) -> float:
        def on_segment(segment: Segment, at_s: float) -> None:
            self._enter(segment)
            if segment.role is SegmentRole.CONTACT_PULSE and contact is not None:
                contact.begin(segment, at_s)

        if timing is TimingClass.SEQUENCED:
            before = [*group.segments[:1], *self._before(group)][-1]
            self._sequencing = True
            end_s = play_sequenced(
                self._power, self._sampler, group.segments, before, on_segment, self._stage.turn
            )
            self._sequencing = False
            return end_s
        # Nothing is gained by catching up: a late group starts late, with its own times intact.
        start_s = max(start_s, self._clock.now_s())

        def drive(done: Callable[[], bool] | None = None) -> float:
            if timing is TimingClass.HANDED_OVER:
                return self._hand_over(group, on_segment, done)
            return play_commanded(self._power, self._sampler, group.segments, start_s, on_segment, done)

        first = group.segments[0]
        if first.open_ended and first.end is None:
            opened = OpenSegment(self._job, self._power, self._sampler, self._quantities, first)
            return opened.play(start_s, on_segment)
        if first.end is None:
            return drive()
        by_cycler = timing is TimingClass.HANDED_OVER
        return play_until(self._job, self._sampler, self._sensors, first, start_s, drive, by_cycler=by_cycler)

    def _hand_over(
        self, group: Group, on_segment: Callable[[Segment, float], None], done: Callable[[], bool] | None
    ) -> float:
        assert isinstance(self._power, CyclerPort)  # nothing else has this timing
        self._sequencing = True
        before = [*group.segments[:1], *self._before(group)][-1]
        played = HandedOver(
            self._job, self._power, self._sampler, group.segments, before, on_segment, self._stage.turn
        )
        end_s = played.play(done)
        self._sequencing = False
        return end_s
