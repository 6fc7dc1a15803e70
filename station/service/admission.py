"""Why a test may not begin, or go on, on a channel just now: each refusal by its name."""

from __future__ import annotations

from station.bench import Bench
from station.errors import BusyError, InterlockOpen, SafetyLatched
from station.records import Records
from station.service.channel_state import ChannelState
from station.service.config import ServiceConfig
from station.service.ending import in_thread
from station.service.guard_link import GuardLink
from station.service.recovery import worker_alive


class Admission:
    """Looks at channels, batteries and guard.

    ``starting`` are channels taken by a request, with their battery; ``stop_before_start`` those of them that
    a person has stopped already; ``asked`` are channels whose instruments are being asked who they are.
    """

    def __init__(
        self, config: ServiceConfig, states: dict[str, ChannelState], guard: GuardLink | None
    ) -> None:
        self._config = config
        self._bench: Bench = config.bench
        self._states = states
        self._guard = guard
        self.starting: dict[str, str] = {}
        self.stop_before_start: set[str] = set()
        self.asked: set[str] = set()
        self.closing = False

    def release(self, channel: str) -> None:
        """The request that took the channel is over, refused or running."""
        self.starting.pop(channel, None)
        self.stop_before_start.discard(channel)

    def refuse_ending(self) -> None:
        """Raises BusyError while the service ends."""
        if self.closing:
            raise BusyError("the service is ending", remedy="start it again", code="service.ending")

    def refuse_asked(self, channel: str) -> None:
        """Raises BusyError while somebody asks the instruments of this bench who they are."""
        if channel in self.asked:
            raise BusyError(
                "the instruments of this bench are being asked who they are",
                remedy="wait a few seconds, then start again",
                code="setup.asking",
                channel=channel,
            )

    def hold_idle(self) -> set[str]:
        """Take every channel on which nothing runs or starts, until ``asked`` is cleared of them."""
        free = {c for c, state in self._states.items() if not state.active and c not in self.starting}
        self.asked |= free
        return free

    def refuse_taken(self, channel: str, *, but_run: str | None = None) -> None:
        """Raises BusyError or SafetyLatched; the latched fault of ``but_run`` itself does not count."""
        state = self._states[channel]
        self.refuse_ending()
        if channel in self.starting or state.active:
            battery = self.starting.get(channel, state.battery)
            raise BusyError(
                f"channel {channel} is testing battery {battery}",
                remedy="wait for its end, or use another channel",
                code="station.channel_busy",
                channel=channel,
                battery=battery,
            )
        if state.latched and state.run_id != but_run:
            fault = state.fault or {}
            raise SafetyLatched(
                f"channel {channel} has a fault that nobody has acknowledged: {fault.get('message')}",
                remedy=f"remove the cause, then acknowledge channel {channel} ({fault.get('remedy')})",
                channel=channel,
                fault=fault.get("code"),
            )

    def refuse_battery_here(self, code: str) -> None:
        """Raises BusyError when the battery is under test on this bench."""
        taken = {channel: state.battery for channel, state in self._states.items() if state.active}
        taken |= self.starting
        for channel, battery in taken.items():
            if battery == code:
                raise _battery_busy(code, f"channel {channel}")

    async def refuse_battery_elsewhere(self, records: Records, code: str) -> None:
        """Raises BusyError when the battery is under test on another bench of the same records."""
        for row in await in_thread(records.unfinished_runs):
            if row["battery"] == code and row["bench"] != self._bench.name and worker_alive(row):
                raise _battery_busy(code, f"bench {row['bench']}, channel {row['channel']}")

    async def need_guard(self) -> None:
        """Raises InterlockOpen: no guard, E-stop or interlock open."""
        if self._guard is None:
            return
        if not await self._guard.wait_connected(self._config.patience.guard_ready_s):
            raise InterlockOpen(
                "the guard does not answer, and no test starts without it",
                remedy="see guard.log in the bench's data folder; it is started again by itself",
                code="guard.absent",
            )
        for field, what in (
            ("estop_ok", "the emergency stop is pressed"),
            ("interlock_ok", "an interlock is open"),
        ):
            if self._guard.status.get(field) is False:
                raise InterlockOpen(
                    what,
                    remedy="release it when it is safe to do so, then start again",
                    code="guard.estop_open" if field == "estop_ok" else "guard.interlock_open",
                )


def _battery_busy(code: str, place: str) -> BusyError:
    return BusyError(
        f"battery {code} is under test already: {place}",
        remedy="check the code: one battery cannot be in two places",
        code="station.battery_busy",
        battery=code,
        place=place,
    )
