"""From instruments to a battery behind closed contacts: everything before energy, also after a pause."""

from __future__ import annotations

from drivers import progress
from drivers.contracts.power import PowerPort
from station.engine.base.beside import beside
from station.engine.base.guard_link import GuardLink
from station.engine.base.instruments import claim, open_instruments, open_one
from station.engine.base.scheduling import settle_memory
from station.engine.before import precheck
from station.engine.before.gate import Gate
from station.engine.measure.corrections import described, scan_corrections
from station.engine.measure.sensors import SensorPoller, Sensors
from station.engine.measure.shared_scanner import sharing_opener
from station.engine.session import Session
from station.engine.turn import Turn


class Connection:
    """``first`` opens and checks everything; ``again`` repeats what may have changed in a pause."""

    def __init__(self, session: Session, gate: Gate, turn: Turn) -> None:
        self._session, self._gate, self._turn = session, gate, turn

    def first(self) -> None:
        """Raises CheckFailed, InterlockOpen, UsageError, DriverError, and what a turn raises."""
        s, gate, turn = self._session, self._gate, self._turn
        job = s.job
        gate.guard_present()
        try:
            shared = sharing_opener(s.opener, job.bench, job.channel, s.speed, turn)
            open_instruments(job.channel, s.instruments, opener=shared, on_step=turn)
        finally:
            # Also those that answered before one that did not answer at all.
            gate.instruments(s.instruments)
        power = s.power()
        claim(s.instruments)
        power.make_safe()  # somebody may have left it on
        # Also sets the sense inputs: some instruments see the battery only from here on.
        power.prepare(precheck.bench_protection(job, power.capabilities))
        s.sensors = Sensors(
            [
                SensorPoller(
                    scanner, ref.inputs, ref.period_s, lambda: s.clock, scan_corrections(ref), s.pace.real_s
                )
                for scanner, ref in s.instruments.scanners
            ]
        )
        for told in described(job.channel):
            s.note("engine.readings_corrected", "info", told)
        beside(s.sensors.poll_once, turn)
        turn()
        where = job.guard
        if where is not None:
            s.guard = gate.guard(lambda: GuardLink(where.host, where.port, where.token, job.channel.id))
            progress.listen(s.guard.exchanged)
        self._check_battery()

    def again(self) -> None:
        """The output is off and the cut-off open: a person may have changed anything outside."""
        s = self._session
        s.power().prepare(precheck.bench_protection(s.job, s.power().capabilities))
        beside(s.sensors.scan_again, self._turn)
        self._check_battery()

    def reopen(self) -> PowerPort:
        """A second session with the power instrument, for a shutdown whose link is dead."""
        s = self._session
        return open_one(s.job.channel.power, PowerPort, "power", s.opener, type(s.instruments)())  # type: ignore[type-abstract]

    def _check_battery(self) -> None:
        s, gate, job = self._session, self._gate, self._session.job
        power = s.power()
        gate.pack(power, s.sensors, s.instruments, s.guard)
        battery = gate.battery(power, s.sensors, s.instruments)
        envelope = gate.plan(power, battery)
        # A pause changes nothing of what this run is allowed.
        s.envelope = s.envelope or envelope
        gate.insulation(battery, s.sensors, s.guard)
        self._turn()
        power.prepare(precheck.hardware_protection(job, s.envelope, power.capabilities))
        # This takes its time, so before the guard counts on beats; what comes later is little.
        settle_memory()
        gate.contactor(power, battery, s.sensors, s.guard, s.clock)
