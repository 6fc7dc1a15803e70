"""The SM15K's watchdog, Ah/Wh integrators, status registers and sequencer commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from simulators.clock import SimClock
from simulators.scpi import parameters
from simulators.scpi.errors import ScpiError, illegal_parameter, settings_conflict
from simulators.wiring import NEVER_S

if TYPE_CHECKING:
    from simulators.instruments.delta_sm15k import DeltaSM15K

WATCHDOG_MINIMUM_MS = 20
WATCHDOG_MAXIMUM_MS = 10000
WATCHDOG_TEST_MS = 2.5


class Watchdog:
    """Host watchdog in ms. It counts real time by default, because the host lives in real time;
    with ``simulated`` it counts simulated time (the same thing at speed 1)."""

    def __init__(self, clock: SimClock, counts: Literal["real", "simulated"]) -> None:
        self._clock = clock
        self._real = counts == "real"
        self.setting_ms = 0
        self._loaded_ms = 0.0
        self._loaded_at_s = 0.0
        self._armed = False
        self._timed_out = False

    def expiry_s(self) -> float:
        """Simulated time at which it expires; ``inf`` while off."""
        if not self._armed:
            return NEVER_S
        due_s = self._loaded_at_s + self._loaded_ms / 1000.0
        return self._clock.sim_at_real_s(due_s) if self._real else due_s

    def arm(self, milliseconds: float) -> None:
        """Load and enable."""
        self._armed = True
        self._timed_out = False
        self._loaded_ms = milliseconds
        self._loaded_at_s = self._now_s()

    def reload(self) -> None:
        """Start again from the set time."""
        if self._armed and self._loaded_ms > WATCHDOG_TEST_MS:
            self._loaded_at_s = self._now_s()

    def stop(self) -> None:
        """Disable."""
        self._armed = False
        self._timed_out = False

    def expire(self) -> None:
        """The time is over."""
        self._armed = False
        self._timed_out = True

    def state_ms(self) -> int:
        """Remaining ms, 0 once after a time-out, -1 while off."""
        if self._armed:
            left_ms = self._loaded_ms - (self._now_s() - self._loaded_at_s) * 1000.0
            return max(1, round(left_ms))
        if self._timed_out:
            self._timed_out = False
            return 0
        return -1

    def _now_s(self) -> float:
        return self._clock.real_s() if self._real else self._clock.now_s()


class Integrator:
    """One of AH or WH: totals and extremes by direction."""

    def __init__(self) -> None:
        self.state = "OFF"
        self.seconds = 0.0
        self.totals = {"POS": 0.0, "NEG": 0.0}
        self.lowest: dict[str, float | None] = {"POS": None, "NEG": None}
        self.highest: dict[str, float | None] = {"POS": None, "NEG": None}

    def command(self, word: str) -> None:
        """ON resets and starts; SUSPEND and RESUME pause."""
        if word == "ON":
            self.__init__()  # type: ignore[misc]
        if word not in ("ON", "OFF", "SUSPEND", "RESUME"):
            raise illegal_parameter()
        self.state = word

    def add(self, duration_s: float, value: float) -> None:
        """Integrate ``value`` (A or W) over ``duration_s``."""
        if self.state not in ("ON", "RESUME"):
            return
        self.seconds += duration_s
        side = "POS" if value >= 0.0 else "NEG"
        self.totals[side] += value * duration_s / 3600.0
        low, high = self.lowest[side], self.highest[side]
        self.lowest[side] = value if low is None or abs(value) < abs(low) else low
        self.highest[side] = value if high is None or abs(value) > abs(high) else high

    def answer(self, question: str) -> str:
        """Answer e.g. ``TIMEHR``, ``POS,TOTAL``, ``NEG,IMAX``; zero while off."""
        if question == "STATE":
            return self.state
        off = self.state == "OFF"
        if question == "TIMEHR":
            return f"{0.0 if off else self.seconds / 3600.0:.3f}"
        if question == "TIMESEC":
            return f"{0.0 if off else self.seconds:.1f}"
        side, _, what = question.partition(",")
        if side not in self.totals:
            raise illegal_parameter()
        if what == "TOTAL":
            return f"{0.0 if off else self.totals[side]:.6E}"
        if what in ("IMIN", "PMIN"):
            return f"{0.0 if off else self.lowest[side] or 0.0:.4f}"
        if what in ("IMAX", "PMAX"):
            return f"{0.0 if off else self.highest[side] or 0.0:.4f}"
        raise illegal_parameter()


class IntegratorBank:
    """The AH and WH integrators."""

    def __init__(self) -> None:
        self.by_name = {"AH": Integrator(), "WH": Integrator()}

    def add(self, duration_s: float, current_A: float, power_W: float) -> None:
        """Take note of a step."""
        self.by_name["AH"].add(duration_s, current_A)
        self.by_name["WH"].add(duration_s, power_W)

    def handle(self, text: str) -> str | None:
        """``AH,STATE,ON`` or ``AH,POS,TOTAL?``."""
        name, _, rest = text.replace(" ", "").upper().partition(",")
        integrator = self.by_name.get(name)
        if integrator is None:
            raise illegal_parameter()
        if rest.endswith("?"):
            return integrator.answer(rest[:-1])
        what, _, word = rest.partition(",")
        if what != "STATE":
            raise illegal_parameter()
        integrator.command(word)
        return None


def register_system(unit: DeltaSM15K) -> None:
    """Add the SYSTem, STATus, PROGram and integrator commands to the unit's table."""
    add = unit.table.add
    add("MEASure:INStrument", lambda text: _integrate(unit, text))
    add("SYSTem:COMmunicate:WATchdog", lambda text: _watchdog(unit, text))
    add("SYSTem:COMmunicate:WATchdog?", lambda _: str(unit.watchdog.state_ms()))
    add("SYSTem:ERRor?", lambda _: _error(unit))
    add("SYSTem:WARning?", lambda _: "0,None")
    add("SYSTem:RSD[:STAtus]", lambda text: _shutdown(unit, text))
    add("SYSTem:RSD[:STAtus]?", lambda _: "1" if unit.shutdown else "0")
    add("SYSTem:FROntpanel[:STAtus]", lambda text: _lock(unit, text))
    add("SYSTem:FROntpanel[:STAtus]?", lambda _: "1" if unit.front_locked else "0")
    add("SYSTem:FROntpanel:HIGhlight", lambda _: None)
    add("SYSTem:FUNCtion:SELect", lambda text: _function(unit, text))
    add("SYSTem:FUNCtion:SELect?", lambda _: "DIRECT")
    add("STATus:REGister:A?", lambda _: str(_register_a(unit)))
    add("STATus:REGister:B?", lambda _: str(_register_b(unit)))
    clock: dict[str, str] = {}
    _remembered(unit, clock, "SYSTem:FROntpanel:CONtrols", 1, "", "0")
    _remembered(unit, clock, "SYSTem:TIMe", 3, ":", "UNKNOWN")
    _remembered(unit, clock, "SYSTem:DATe", 3, "-", "UNKNOWN")
    sequencer = unit.sequencer
    add("PROGram:CATalog?", lambda _: "".join(f"{name}\n" for name in sequencer.catalogue()))
    add("PROGram:SELected:NAMe", lambda text: sequencer.select(text))
    add("PROGram:SELected:NAMe?", lambda _: sequencer.selected)
    add("PROGram:SELected:STEp", lambda text: _step(unit, text))
    add("PROGram:SELected:STEp?", lambda _: _all_steps(unit))
    add("PROGram:SELected:LABel", lambda text: _label(unit, text))
    add("PROGram:SELected:DELete", lambda _: sequencer.delete())
    add("PROGram:SELected:STAte", lambda text: _state(unit, text))
    add("PROGram:SELected:STAte?", lambda _: sequencer.state_text)
    add("PROGram:SAVe", lambda _: None)
    add("TRIGger:IMMediate", lambda _: _trigger(unit))


def _remembered(
    unit: DeltaSM15K, store: dict[str, str], header: str, parts: int, joint: str, otherwise: str
) -> None:
    def write(text: str) -> None:
        values = parameters.split(text)
        if len(values) != parts:
            raise ScpiError(-109, "Missing parameter")
        store[header] = joint.join(values)

    unit.table.add(header, write)
    unit.table.add(f"{header}?", lambda _: store.get(header, otherwise))


def _integrate(unit: DeltaSM15K, text: str) -> str | None:
    unit.settle()
    return unit.integrators.handle(text)


def _watchdog(unit: DeltaSM15K, text: str) -> str | None:
    word, _, value = text.replace(" ", "").upper().partition(",")
    if word == "SET?":
        return str(unit.watchdog.setting_ms)
    if word == "SET":
        milliseconds = parameters.number(value, WATCHDOG_MINIMUM_MS, WATCHDOG_MAXIMUM_MS)
        unit.watchdog.setting_ms = round(milliseconds)
        unit.watchdog.arm(unit.watchdog.setting_ms)
    elif word == "STOP":
        unit.watchdog.stop()
    elif word == "TEST":
        unit.watchdog.arm(WATCHDOG_TEST_MS)
    else:
        raise illegal_parameter()
    return None


def _error(unit: DeltaSM15K) -> str:
    error = unit.errors.pop()
    return "0,None" if error is None else f"{error.code},{error.text}"


def _shutdown(unit: DeltaSM15K, text: str) -> None:
    wanted = parameters.boolean(text)
    unit.settle()
    unit.shutdown = wanted
    unit.circuit.changed()


def _function(unit: DeltaSM15K, text: str) -> None:
    if not text.strip():
        raise ScpiError(-109, "Missing parameter")
    if text.strip().upper() == "DIRECT":
        return
    # Any other function turns the output off; what it would then do is not simulated.
    unit.settle()
    unit.switch_off()
    raise settings_conflict()


def _lock(unit: DeltaSM15K, text: str) -> None:
    unit.front_locked = parameters.boolean(text)


def _register_a(unit: DeltaSM15K) -> int:
    bits = 0
    drive = unit.drive(unit.true_voltage_V())
    if drive is not None:
        current_A = unit.true_current_A()
        at_limit = not drive.lowest_A * (1 - 1e-9) < current_A < drive.highest_A * (1 - 1e-9)
        limit_A = unit.effective("SC") if current_A >= 0 else unit.effective("SCN")
        if not at_limit:
            bits |= 1 << 0
        elif abs(current_A) >= abs(limit_A) * (1 - 1e-6):
            bits |= 1 << 1
        else:
            bits |= 1 << 2
    for bit, names in ((3, ("SV",)), (4, ("SC", "SCN")), (5, ("SP", "SPN"))):
        if any(unit.limits[name][1] and unit.effective(name) != unit.setpoints[name] for name in names):
            bits |= 1 << bit
    bits |= unit.shutdown << 12 | unit.output_on << 13 | unit.front_locked << 14
    return bits


def _register_b(unit: DeltaSM15K) -> int:
    bits = sum((unit.sources[loop] != "Local") << bit for bit, loop in enumerate(("CV", "CC", "CP")))
    bits |= unit.sequencer.running << 3 | unit.sequencer.waits_for_trigger << 4 | unit.protection << 14
    return bits


def _step(unit: DeltaSM15K, text: str) -> str | None:
    if text.endswith("?"):
        wanted = text[:-1].strip()
        if not wanted:
            return _all_steps(unit)
        step = unit.sequencer.steps().get(_integer(wanted))
        return "" if step is None else f"{wanted} {step.text}"
    number, _, word = text.partition(" ")
    unit.sequencer.store(_integer(number), word)
    return None


def _all_steps(unit: DeltaSM15K) -> str:
    return "".join(f"{number} {step.text}\n" for number, step in sorted(unit.sequencer.steps().items()))


def _label(unit: DeltaSM15K, text: str) -> None:
    name, _, number = text.partition(",")
    unit.sequencer.label(name.strip(), _integer(number))


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise ScpiError(-104, "Data type error") from error


def _state(unit: DeltaSM15K, text: str) -> str | None:
    if text.replace(" ", "").upper() == "ACTIVE?":
        return unit.sequencer.active_text
    word = parameters.word(text, ("RUN", "PAUSe", "CONTinue", "NEXT", "STOP"))
    unit.settle()
    now_s = unit.circuit.time_s
    sequencer = unit.sequencer
    if word == "RUN":
        sequencer.run(now_s)
    elif word == "PAUSe":
        sequencer.pause(now_s)
    elif word == "CONTinue":
        sequencer.resume(now_s)
    elif word == "NEXT":
        sequencer.next(now_s)
    else:
        sequencer.stop()
    unit.circuit.advance()
    return None


def _trigger(unit: DeltaSM15K) -> None:
    unit.settle()
    unit.sequencer.trigger(unit.circuit.time_s)
