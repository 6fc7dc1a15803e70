"""Closes and opens a pack's own contactors by its family's sequence, every step judged and on record."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from drivers.contracts.bms import Bms, BmsSnapshot, ContactorFacts, ContactorFault, PackContactors
from drivers.errors import DriverError
from station.engine.base.guard_link import GuardLink
from station.engine.before import precheck
from station.engine.measure.sensors import Sensors
from station.errors import CheckFailed, told
from station.safety.checks import CheckResult, insulation, pack
from station.safety.checks import bms as bms_rules
from station.safety.checks.inputs import CheckInputs

POLL_S = 0.05


class OwnContactors:
    """One pack. ``tell`` records results and raises for one that refuses; ``note`` only records.

    ``moved``: a close has begun, so an opening is owed however the run ends.
    """

    def __init__(
        self,
        bms: PackContactors,
        facts: ContactorFacts,
        *,
        tell: Callable[[list[CheckResult]], None],
        note: Callable[[list[CheckResult]], None],
        turn: Callable[[], None],
        beat: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._bms, self._facts = bms, facts
        self._tell, self._note, self._turn = tell, note, turn
        self._beat, self._monotonic, self._sleep = beat, monotonic, sleep
        self.moved = False

    def close(
        self,
        inputs: CheckInputs,
        insulation_ohm: float | None,
        thresholds: insulation.Thresholds,
        sensors: Sensors,
        guard: GuardLink | None,
        *,
        has_cutoff: bool,
    ) -> None:
        """Everything from a silent terminal to the pack's voltage on open leads.

        Raises CheckFailed, InterlockOpen, DriverError.
        """
        self._tell(
            [
                pack.wired(guard=guard is not None, cutoff=has_cutoff, terminals=sensors.has("terminals")),
                pack.sequence_known(self._facts),
                bms_rules.bms_healthy(inputs),
                bms_rules.bms_fresh(inputs),
            ]
        )
        assert guard is not None  # refused otherwise
        assert inputs.bms_pack_V is not None
        if insulation_ohm is not None:
            working_V = max(inputs.bms_pack_V, 0.0)
            self._tell([insulation.by_bms(insulation_ohm, working_V, thresholds)])
        guard.check()
        self._tell([pack.cutoff_open(guard.open_cutoff())])
        terminals_V = precheck.terminals_now(sensors, self._turn)
        self._tell([pack.dead_before(terminals_V, self._bms.contactors_closed())])

        def agree() -> None:
            self._turn()
            guard.check()

        self.moved = True
        try:
            steps = self._bms.close_contactors(agree, lambda: terminals_V or 0.0)
        except ContactorFault as fault:
            self._tell([pack.step_failed(fault)])
            raise CheckFailed(fault.message, code="safety.check.pack_not_closed") from fault
        self._note([pack.step_done(step.name, step.took_s, step.limit_s) for step in steps])
        self._tell([self._watch(lambda volts: pack.joined(volts, inputs.bms_pack_V or 0.0), sensors)])

    def open(self, sensors: Sensors, stamp: Callable[[], None]) -> list[dict[str, Any]]:
        """From wherever it stands; what is wrong then. Never raises for what can go wrong on a bench."""
        if not self.moved:
            return []
        problems: list[dict[str, Any]] = []
        self._note([pack.still_closed(self._bms.contactors_closed())])

        def each() -> None:
            stamp()
            self._beat()

        try:
            steps = self._bms.open_contactors(each)
            self._note([pack.step_done(step.name, step.took_s, step.limit_s) for step in steps])
        except ContactorFault as fault:
            result = pack.step_failed(fault)
            self._note([result])
            problems.append(told(result.error()))
        except DriverError as error:
            problems.append(told(error))
        try:
            result = self._dead_after(sensors, each)
        except (DriverError, CheckFailed) as error:
            problems.append(told(error))
        else:
            self._note([result])
            if not result.ok:
                problems.append(told(result.error()))
        self.moved = bool(problems)
        return problems

    def _watch(self, judge: Callable[[float | None], CheckResult], sensors: Sensors) -> CheckResult:
        end = self._monotonic() + pack.JOINED_S
        while True:
            result = judge(precheck.terminals_now(sensors, self._turn))
            if result.ok or result.rule == "polarity" or self._monotonic() >= end:
                return result
            self._sleep(POLL_S)

    def _dead_after(self, sensors: Sensors, each: Callable[[], None]) -> CheckResult:
        began = self._monotonic()
        while True:
            each()
            waited_s = self._monotonic() - began
            terminals_V = precheck.terminals_now(sensors, each)
            result = pack.dead_after(terminals_V, waited_s, self._bms.contactors_closed())
            if result.ok or waited_s >= pack.OPENED_S:
                return result
            self._sleep(POLL_S)


def own_contactors(
    bms: Bms | None,
    *,
    tell: Callable[[list[CheckResult]], None],
    note: Callable[[list[CheckResult]], None],
    turn: Callable[[], None],
) -> OwnContactors | None:
    """None where the pack has none that the station may move."""
    pack_itself: object = bms
    if bms is None or not isinstance(pack_itself, PackContactors):
        return None
    facts = pack_itself.contactor_facts()
    if facts is None:
        return None
    return OwnContactors(pack_itself, facts, tell=tell, note=note, turn=turn, beat=bms.beat)


def told_insulation_ohm(snapshot: BmsSnapshot, age_max_s: float) -> float | None:
    """What the pack's own monitor says, unless it is too old."""
    signal = snapshot.signals.get("insulation_ohm")
    if signal is None or signal.value is None or signal.age_s > age_max_s:
        return None
    return signal.value
