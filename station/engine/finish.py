"""How every run ends: the ordered shutdown, links closed, the end on record."""

from __future__ import annotations

from collections.abc import Callable

from drivers import progress
from drivers.contracts.power import PowerPort
from drivers.errors import DriverError
from station.engine.base.outcome import Outcome, outcome_of
from station.engine.before.gate import Gate
from station.engine.record.journal import JournalWriter
from station.engine.session import Session
from station.engine.turn import Beat
from station.errors import DataError
from station.lifecycle import Event, State
from station.safety.shutdown import SafeReport, ordered_shutdown


def make_safe(session: Session, gate: Gate, reopen: Callable[[], PowerPort]) -> SafeReport:
    """Whatever state the run is in; never raises for what can go wrong on a bench."""
    s, guard, channel = session, session.guard, session.job.channel
    s.allow(playing=False)
    power = s.instruments.power
    beat = Beat(s)
    s.stamp()
    s.machine.fire(Event.END)  # told by the first beat: not before the first commands, it takes its time
    safe = ordered_shutdown(
        power,
        open_cutoff=guard.open_cutoff if guard is not None and channel.cutoff is not None else None,
        current_tolerance_A=s.current_tolerance_A(),
        reopen=reopen if power is not None else None,
        on_step=beat,
    )
    if power is None:
        # Nothing was opened, so nothing was switched on by this run.
        safe = SafeReport(safe.cutoff_open is not False, None, None, safe.cutoff_open, safe.problems)
    if safe.verified:
        s.fire(Event.OFF_VERIFIED)  # nobody waits for the capacitors to hear that no current flows
    problems = list(safe.problems)
    pack_problems = gate.open_pack(s.sensors, s.stamp)
    if power is not None and gate.precharged and safe.cutoff_open:
        problems += [f"the source: {problem['message']}" for problem in gate.after(power, s.clock, s.stamp)]
    if s.feed_every_s and safe.verified and power is not None:
        try:
            power.disarm_watchdog()
        except DriverError as error:
            problems.append(f"disarm the watchdog: {error.message}")
    _close_links(s, verified=safe.verified)
    problems += [f"the pack: {problem['message']}" for problem in pack_problems]
    # A pack that is live at its terminals is not safe to disconnect, whatever the instrument says.
    verified = safe.verified and not pack_problems
    return SafeReport(verified, safe.output_on, safe.current_A, safe.cutoff_open, tuple(problems))


def _close_links(session: Session, *, verified: bool) -> None:
    session.sensors.stop()
    for instrument in (session.instruments.power, session.instruments.bms):
        if instrument is not None:
            instrument.close()
    guard = session.guard
    if guard is not None:
        progress.listen(None)
        if verified:
            guard.bye()
        guard.close()


def close_journal(
    session: Session, outcome: Outcome, safe: SafeReport, open_journal: Callable[[], JournalWriter]
) -> Outcome:
    """The end record; an outcome that could not be recorded is a failure of its own."""
    s = session
    if not s.recordable:
        return outcome
    try:
        if s.journal is None:
            s.journal = open_journal()
        if s.sampler is not None:
            s.sampler.end()
            s.journal.totals(s.clock.now_s(), s.sampler.rules.throughput.as_dict())
        s.journal.end(outcome.outcome, outcome.code, outcome.params, safe.as_dict())
    except DataError as error:
        return outcome if outcome.exit_code else outcome_of(error, energised=s.energised)
    return outcome


def tell_end(session: Session) -> None:
    """The last state line: safe, or still stopping where it could not be verified."""
    if session.state is State.STOPPING:
        session.tell_state()
