"""The table: no way around the verified end, none out of a fault but a person, and the page drawn from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from station.lifecycle import ACTIVE, ENERGY, TRANSITIONS, Event, Forbidden, Machine, State
from station.lifecycle.drawing import page

ROOT = Path(__file__).resolve().parents[3]


class Channel(RuleBasedStateMachine):
    """Any events in any order: what must hold holds."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = Machine()
        self.output_on = False
        self.off_verified = True
        self.fault_seen_by_a_person = True

    @rule(event=st.sampled_from(list(Event)))
    def anything(self, event: Event) -> None:
        before = self.machine.state
        if not self.machine.may(event):
            with pytest.raises(Forbidden):
                self.machine.fire(event)
            assert self.machine.state is before
            return
        after = self.machine.fire(event)
        # What the world does beside it.
        if event in (Event.ENERGISED, Event.RESUMED) and after is State.RUNNING:
            self.output_on, self.off_verified = True, False
        if event is Event.PAUSED:
            self.output_on = False  # pausing reads it back
        if event is Event.OFF_VERIFIED:
            self.output_on, self.off_verified = False, True
        if after is State.FAULT:
            self.fault_seen_by_a_person = False
        if before is State.FAULT:
            assert event in (Event.ACKNOWLEDGED, Event.RESUMED)
            self.fault_seen_by_a_person = True
            self.output_on = False  # the person has looked

    @invariant()
    def a_verdict_needs_a_verified_end(self) -> None:
        if self.machine.state in (State.SAFE, State.ANALYSIS, State.VERDICT):
            assert self.off_verified or not self.output_on
            assert not self.output_on

    @invariant()
    def an_output_is_on_only_where_the_table_says_so(self) -> None:
        if self.output_on:
            assert self.machine.state in ENERGY | {State.FAULT}

    @invariant()
    def an_unseen_fault_stays(self) -> None:
        if not self.fault_seen_by_a_person:
            assert self.machine.state is State.FAULT

    @precondition(lambda self: self.machine.state in ACTIVE)
    @rule()
    def every_active_state_can_end(self) -> None:
        events = {t.event for t in TRANSITIONS if t.state is self.machine.state}
        assert events & {
            Event.END, Event.OFF_VERIFIED, Event.COMPLETED, Event.TRIPPED, Event.JUDGED, Event.FAILED,
        }  # fmt: skip


TestChannel = Channel.TestCase


def test_the_table_is_a_function() -> None:
    pairs = [(t.state, t.event) for t in TRANSITIONS]
    assert len(pairs) == len(set(pairs))


def test_the_only_way_to_a_verdict_leads_through_safe_and_analysis() -> None:
    assert {t.state for t in TRANSITIONS if t.to is State.VERDICT} == {State.ANALYSIS}
    assert {t.state for t in TRANSITIONS if t.to is State.ANALYSIS} == {State.SAFE}
    assert {(t.state, t.event) for t in TRANSITIONS if t.to is State.SAFE} == {
        (State.STOPPING, Event.OFF_VERIFIED)
    }


def test_every_state_is_reachable_and_none_is_a_trap() -> None:
    reached = {State.IDLE}
    while more := {t.to for t in TRANSITIONS if t.state in reached} - reached:
        reached |= more
    assert reached == set(State)
    back = {State.IDLE}
    while more := {t.state for t in TRANSITIONS if t.to in back} - back:
        back |= more
    assert back == set(State)


def test_energy_begins_only_after_the_checks() -> None:
    into = {(t.state, t.event) for t in TRANSITIONS if t.to is State.RUNNING}
    assert into == {(State.READY, Event.ENERGISED), (State.PAUSED, Event.RESUMED)}
    assert {t.state for t in TRANSITIONS if t.to is State.READY} == {State.CHECKS}


def test_the_page_in_the_documents_is_the_table() -> None:
    assert (ROOT / "docs" / "state-machine.md").read_text(encoding="utf-8") == page()
