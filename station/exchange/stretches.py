"""A profile as the stretches that other formats can say: a rest, a current, a held voltage.

Made from the resolved plan, so that every kind of step that comes down to known currents can be said. What
only the station can do or judge is refused by step; with ``without_checks`` what only judges is left out, and
told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from profiles import Plan, Profile, Segment, resolve
from station.exchange.cannot import CannotSay
from station.safety.chemistry import chemistry_limits

_VOLTAGE = re.compile(r"(cell_)?voltage_V (>=|<=) ([0-9.]+)( ?V)?")


@dataclass(frozen=True)
class Stretch:
    """``step`` counts from 1 in the profile. ``until_V`` and ``hold_V`` are terminal voltages.

    ``hold_V`` holds that voltage with at most ``current_A`` until ``until_A`` (magnitude) flow. ``fuse``: the
    time is only there in case the end does not come.
    """

    step: int
    kind: str
    group: int
    current_A: float
    duration_s: float
    until_V: float | None = None
    hold_V: float | None = None
    until_A: float | None = None
    fuse: bool = False


@dataclass(frozen=True)
class Stretches:
    """``left_out``: in words, what the other tool will not do. ``plan`` is what they were made from."""

    profile: Profile
    plan: Plan
    parts: tuple[Stretch, ...]
    left_out: tuple[str, ...]
    series_cells: int


@dataclass
class Reader:
    """Walks a plan. ``format`` is who refuses."""

    profile: Profile
    plan: Plan
    format: str
    series: int
    chemistry: str | None
    without_checks: bool
    parts: list[Stretch] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def kind(self, step: int) -> str:
        """What the profile's step (from 0) is."""
        return str(self.profile.steps[step].step)

    def refuse(self, step: int, why: str, remedy: str = "", code: str | None = None) -> CannotSay:
        """The error about the profile's step (from 0)."""
        return CannotSay(step + 1, self.kind(step), self.format, why, remedy=remedy, code=code)

    def checked(self, step: int, what: str) -> None:
        """Only the station judges this: refused, or told as left out."""
        if not self.without_checks:
            raise self.refuse(
                step,
                f"only the station judges {what}",
                "leave the station's checks out with --without-checks",
                "exchange.check_here",
            )
        line = f"step {step + 1} ({self.kind(step)}): {what}"
        if line not in self.left_out:
            self.left_out.append(line)

    def read(self) -> None:
        """All of it. Raises CannotSay for the first step that cannot be said."""
        for opened in self.plan.open_steps:
            raise self.refuse(opened.step, "what it measures is decided while the test runs")
        for junction in self.plan.junctions:
            raise self.refuse(junction.step, f"its way is decided while the test runs ({junction.text})")
        for segment in self.plan.segments:
            self._segment(segment)

    def _segment(self, segment: Segment) -> None:
        step = segment.step
        if segment.act is not None:
            raise self.refuse(step, "it asks a person or the BMS")
        if segment.record is not None:
            self.left_out.append(f"step {step + 1} ({self.kind(step)}): its own recording")
        if self.kind(step) == "contact_check":
            self.checked(step, "the contact check")
            return
        if segment.drift_max_mV_per_min is not None:
            self.checked(step, "the drift of the open-circuit voltage")
        if segment.control is not None:
            self._held(segment)
            return
        until_V = self._until_V(segment)
        part = segment.end or segment.until
        fuse = until_V is not None and part is not None and part.must_reach
        self._add(segment, segment.longest_s, until_V=until_V, fuse=fuse)

    def _held(self, segment: Segment) -> None:
        """A held voltage, begun with a constant current up to it."""
        control, step = segment.control, segment.step
        assert control is not None
        if control.mode != "voltage":
            raise self.refuse(step, f"a held {control.mode} cannot be said there")
        if segment.until is not None:
            if segment.until.conditions:
                raise self.refuse(step, f"ends by {', '.join(segment.until.conditions)}")
            if segment.until.charge_Ah is not None:
                self.checked(step, "the most charge that may be moved")
            if segment.until.must_reach:
                self.checked(step, "that its end is reached")
        hold_V = self._volts(step, control.cell_V)
        fuse = segment.until is not None and segment.until.must_reach
        before = self.parts[-1] if self.parts else None
        if before is None or (before.until_V, before.current_A) != (hold_V, segment.current_A):
            self._add(segment, segment.duration_s, until_V=hold_V, fuse=True)
        self._add(segment, segment.duration_s, hold_V=hold_V, until_A=control.end_A, fuse=fuse)

    def _until_V(self, segment: Segment) -> float | None:
        step = segment.step
        if segment.end is not None:
            if segment.end.must_reach:
                self.checked(step, "that its voltage is reached")
            return self._volts(step, segment.end.cell_V)
        if segment.until is None:
            return None
        if segment.until.must_reach:
            self.checked(step, "that its end is reached")
        if segment.until.least_s or segment.until.steady_s:
            raise self.refuse(step, "its condition must hold for a time")
        found = [self._voltage_of(step, text, segment.current_A) for text in segment.until.conditions]
        if len(found) > 1:
            raise self.refuse(step, "it has several ends")
        return found[0] if found else None

    def _voltage_of(self, step: int, text: str, current_A: float) -> float:
        match = _VOLTAGE.fullmatch(text)
        towards = {">=": current_A > 0, "<=": current_A < 0}
        if match is None or not towards[match[2]]:
            raise self.refuse(step, f"the end {text!r} cannot be said there")
        return float(match[3]) * (self.series if match[1] else 1)

    def _volts(self, step: int, cell_V: float | str) -> float:
        """Terminal voltage; the chemistry's own limit where that is named."""
        if not isinstance(cell_V, str):
            return cell_V * self.series
        if self.chemistry is None:
            raise self.refuse(step, f"it runs to {cell_V} of a chemistry", "name the chemistry: --chemistry")
        limits = chemistry_limits(self.chemistry, nominal_capacity_Ah=self.plan.nominal_capacity_Ah)
        return (limits.charge_max_V if cell_V == "charge_max" else limits.discharge_min_V) * self.series

    def _add(
        self,
        segment: Segment,
        duration_s: float,
        *,
        until_V: float | None = None,
        hold_V: float | None = None,
        until_A: float | None = None,
        fuse: bool = False,
    ) -> None:
        kind = self.kind(segment.step)
        self.parts.append(
            Stretch(
                segment.step + 1, kind, segment.group, segment.current_A, duration_s, until_V, hold_V,
                until_A, fuse,
            )
        )  # fmt: skip


def stretches(
    profile: Profile,
    format: str,
    *,
    nominal_capacity_Ah: float,
    series_cells: int = 1,
    chemistry: str | None = None,
    without_checks: bool = False,
) -> Stretches:
    """Raises CannotSay, and ProfileError where the profile cannot be resolved."""
    plan = resolve(profile, nominal_capacity_Ah=nominal_capacity_Ah)
    reader = Reader(profile, plan, format, series_cells, chemistry, without_checks)
    reader.read()
    if not reader.parts:
        raise CannotSay(0, "", format, "nothing is left to say")
    return Stretches(profile, plan, tuple(reader.parts), tuple(reader.left_out), series_cells)


def is_rest(part: Stretch) -> bool:
    """True where nothing flows."""
    return part.current_A == 0.0 and part.hold_V is None
