"""The table of alarm states under any events in any order, and the list over it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from station.errors import UsageError
from station.service.alarms import TRANSITIONS, Alarm, AlarmBook, AlarmEvent, AlarmState
from station.service.alarms.drawing import table

ROOT = Path(__file__).resolve().parents[3]
CODES = st.sampled_from(["engine.sensor_stale", "safety.voltage_max", "guard.tripped"])
CHANNELS = st.sampled_from(["1", "2", None])


class List(RuleBasedStateMachine):
    """The world raises and clears, people acknowledge and shelve, time goes on: what must hold holds."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 1000.0
        self.kept: dict[int, dict[str, object]] = {}
        self.book = AlarmBook(lambda: self.now_s, self.keep)
        self.causes: set[tuple[str | None, str]] = set()
        self.unseen: set[tuple[str | None, str]] = set()

    def keep(self, alarm: Alarm) -> None:
        self.kept[alarm.number] = alarm.as_dict()

    @rule(channel=CHANNELS, code=CODES)
    def appears(self, channel: str | None, code: str) -> None:
        self.book.raise_(channel, code, "alarm")
        self.causes.add((channel, code))
        self.unseen.add((channel, code))

    @rule(channel=CHANNELS, code=CODES)
    def goes(self, channel: str | None, code: str) -> None:
        self.book.clear(lambda a: (a.channel, a.code) == (channel, code))
        self.causes.discard((channel, code))

    @rule(data=st.data())
    def somebody_has_seen_it(self, data: st.DataObject) -> None:
        if not len(self.book):
            return
        alarm = data.draw(st.sampled_from(sorted(self.book, key=lambda a: a.number)))
        if alarm.shelved:
            with pytest.raises(UsageError):
                self.book.acknowledge(alarm.number, "Li")
            return
        for seen in self.book.acknowledge(alarm.number, "Li"):
            assert seen.acknowledged_by == "Li"
            self.unseen.discard((seen.channel, seen.code))

    @rule(data=st.data(), minutes=st.integers(1, 30))
    def an_engineer_puts_it_aside(self, data: st.DataObject, minutes: int) -> None:
        free = [a for a in self.book if a.may(AlarmEvent.SHELVED)]
        if free:
            alarm = data.draw(st.sampled_from(free))
            self.book.shelve(alarm.number, "Wang", minutes * 60.0, "waiting for a part")
            self.unseen.discard((alarm.channel, alarm.code))

    @rule(seconds=st.floats(1, 4000))
    def time_goes_on(self, seconds: float) -> None:
        self.now_s += seconds
        for alarm in self.book.expired():
            if alarm.state is AlarmState.UNACKNOWLEDGED:
                self.unseen.add((alarm.channel, alarm.code))

    @rule()
    def the_service_starts_again(self) -> None:
        rows = [row for row in self.kept.values() if row["state"] != "normal"]
        self.book = AlarmBook(lambda: self.now_s, self.keep)
        self.book.load([Alarm.from_dict(row) for row in rows], max([0, *self.kept]) + 1)

    @invariant()
    def a_cause_that_is_there_is_in_the_list(self) -> None:
        listed = {(a.channel, a.code) for a in self.book if a.active}
        assert listed == self.causes

    @invariant()
    def nothing_unseen_is_lost(self) -> None:
        waiting = {(a.channel, a.code) for a in self.book if a.unseen or a.shelved}
        assert self.unseen <= waiting

    @invariant()
    def aside_is_only_for_a_time(self) -> None:
        for alarm in self.book:
            assert alarm.state is not AlarmState.NORMAL
            if alarm.shelved:
                assert alarm.shelved_until_s is not None
                assert alarm.shelved_by == "Wang"
                assert alarm.shelved_reason

    @invariant()
    def each_group_has_one_first_cause(self) -> None:
        rows = self.book.rows()
        roots = {row["number"] for row in rows if row["root"] is None}
        assert all(row["root"] is None or row["root"] in roots for row in rows)
        for channel in ("1", "2"):
            first = [
                r
                for r in rows
                if r["channel"] == channel and r["root"] is None and "shelved" not in r["state"]
            ]
            assert len(first) <= 1


TestList = List.TestCase
TestList.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)


def test_the_table_is_a_function_and_every_state_ends_in_normal() -> None:
    pairs = [(t.state, t.event) for t in TRANSITIONS]
    assert len(pairs) == len(set(pairs))
    back = {AlarmState.NORMAL}
    while more := {t.state for t in TRANSITIONS if t.to in back} - back:
        back |= more
    assert back == set(AlarmState)


def test_nobody_is_needed_only_where_nothing_is_there() -> None:
    """Out of an alarm that nobody has seen leads a person alone."""
    for row in TRANSITIONS:
        if row.to is AlarmState.NORMAL and row.state is not AlarmState.ACKNOWLEDGED:
            assert row.event in (AlarmEvent.ACKNOWLEDGED, AlarmEvent.UNSHELVED)


@pytest.mark.parametrize(
    ("duration_s", "reason", "code", "problem"),
    [
        (10.0, "why not", "safety.voltage_max", "alarm.shelf_time"),
        (1e6, "why not", "safety.voltage_max", "alarm.shelf_time"),
        (600.0, " ", "safety.voltage_max", "alarm.shelf_reason"),
        (600.0, "why not", "safety.thermal_runaway", "alarm.critical"),
    ],
)
def test_shelving_is_refused_by_name(duration_s: float, reason: str, code: str, problem: str) -> None:
    book = AlarmBook(lambda: 0.0)
    alarm = book.raise_("1", code, "alarm")
    with pytest.raises(UsageError) as caught:
        book.shelve(alarm.number, "Wang", duration_s, reason)
    assert caught.value.code == problem
    assert alarm.state is AlarmState.UNACKNOWLEDGED


def test_the_first_alarm_is_the_cause_and_a_warning_before_it_is_not() -> None:
    now = [0.0]
    book = AlarmBook(lambda: now[0])
    warning = book.raise_("1", "engine.no_temperature_sensor", "warning", run_id="r")
    now[0] = 1.0
    cause = book.raise_("1", "guard.tripped", "alarm", run_id="r")
    now[0] = 2.0
    follows = book.raise_("1", "safety.interlock_open", "alarm", run_id="r", latched=True)
    other = book.raise_("2", "guard.tripped", "alarm", run_id="s")
    roots = {row["number"]: row["root"] for row in book.rows()}
    assert roots == {warning.number: cause.number, follows.number: cause.number, cause.number: None,
                     other.number: None}  # fmt: skip
    assert {a.number for a in book.acknowledge(cause.number, None)} == {
        warning.number, cause.number, follows.number,
    }  # fmt: skip


def test_the_page_in_the_documents_is_the_table() -> None:
    assert table() in (ROOT / "docs" / "alarms.md").read_text(encoding="utf-8")
