"""Judges the contact check: did the current flow, through good contacts, into something like a battery."""

from __future__ import annotations

from dataclasses import dataclass

from station.safety.checks import CheckResult

RESISTANCE_CAPACITY_MIN = 0.003
RESISTANCE_CAPACITY_MAX = 0.5
"""Bounds of (resistance at about one second) x (nominal capacity) of one cell, in ohm·Ah.

Sound cells from 2 to 70 Ah lie at 0.02 to 0.15; a factor of three for age still passes.
At 0.5 a 2.5 C pulse would move the voltage by 1.25 V: no use here. Engineering choice, not verified."""
CURRENT_TOLERANCE = 0.1
CURRENT_TOLERANCE_A = 0.05
"""Measured and commanded current of the contact check agree within the larger of these."""
VOLTMETER_NOISE_V = 0.0005
"""What the means of two good voltmeters differ by by, besides half a converter step."""
SHARE_MAX = 0.3
"""Part of the battery's own resistance that may lie between the two pairs of sense leads: with more the
instrument does not measure the battery."""


@dataclass(frozen=True)
class ContactEvidence:
    """Means before and at the end of the small pulse.

    ``terminals_*`` come from the scanner's own leads and are None where the channel has none.
    ``resolution_V`` and ``resolution_A`` are the instrument's.
    """

    command_A: float
    current_before_A: float
    current_during_A: float
    voltage_before_V: float
    voltage_during_V: float
    terminals_before_V: float | None
    terminals_during_V: float | None
    resolution_V: float
    resolution_A: float


@dataclass(frozen=True)
class ContactResult:
    """``apparent_resistance_ohm`` is the whole battery's; ``contact_resistance_ohm`` needs two voltmeters."""

    checks: tuple[CheckResult, ...]
    apparent_resistance_ohm: float | None
    contact_resistance_ohm: float | None

    @property
    def ok(self) -> bool:
        """True when every check passed."""
        return all(check.ok for check in self.checks)


def evaluate_contact(
    evidence: ContactEvidence,
    *,
    nominal_capacity_Ah: float,
    series_cells: int,
    contact_resistance_max_ohm: float,
    needs_terminals: bool,
) -> ContactResult:
    """Judge the contact check.

    1. The commanded current flowed.
    2. The voltage step seen by the instrument equals the one seen by the scanner's own leads; a
       difference grows with the current only where a sense lead is open or a joint is bad.
    3. Step over current is a resistance a battery of this capacity can have.
    """
    step_A = evidence.current_during_A - evidence.current_before_A
    allowed_A = max(
        CURRENT_TOLERANCE * abs(evidence.command_A), CURRENT_TOLERANCE_A, 3 * evidence.resolution_A
    )
    flowed = CheckResult(
        "contact_current",
        abs(step_A - evidence.command_A) <= allowed_A and abs(step_A) > abs(evidence.command_A) / 2,
        step_A,
        evidence.command_A,
        "A",
        f"{evidence.command_A:.3g} A was commanded, {step_A:.3g} A flowed",
        "check the power leads, the fuse and the cut-off contactor",
        source="bench",
    )
    if not flowed.ok:
        return ContactResult((flowed,), None, None)
    step_V = evidence.voltage_during_V - evidence.voltage_before_V
    contact, contact_ohm = _contact(evidence, step_A, step_V, contact_resistance_max_ohm, needs_terminals)
    resistance_ohm = step_V / step_A
    resistance = _plausible(evidence, step_A, resistance_ohm, nominal_capacity_Ah, series_cells)
    return ContactResult((flowed, contact, resistance), resistance_ohm, contact_ohm)


def contact_limit_ohm(allowed_ohm: float, battery_ohm: float) -> float:
    """What may lie between two pairs of sense leads: the bench's limit, or a share of the battery's own."""
    return min(allowed_ohm, SHARE_MAX * abs(battery_ohm))


def _contact(
    evidence: ContactEvidence, step_A: float, step_V: float, limit_ohm: float, needs_terminals: bool
) -> tuple[CheckResult, float | None]:
    before_V, during_V = evidence.terminals_before_V, evidence.terminals_during_V
    if before_V is None or during_V is None:
        return (
            CheckResult(
                "contact_evidence",
                not needs_terminals,
                message="the scanner gave no terminal voltage inside the contact pulse",
                remedy="scan fewer inputs, or faster (period_s), so that one scan fits into the pulse",
                source="bench",
            ),
            None,
        )
    noise_V = evidence.resolution_V / 2 + VOLTMETER_NOISE_V
    difference_V = abs(step_V - (during_V - before_V))
    limit_ohm = contact_limit_ohm(limit_ohm, (during_V - before_V) / step_A)
    contact_ohm = max(0.0, difference_V - noise_V) / abs(step_A)
    return (
        CheckResult(
            "contact_resistance",
            contact_ohm <= limit_ohm,
            contact_ohm,
            limit_ohm,
            "ohm",
            f"{contact_ohm * 1e3:.2f} mΩ between the instrument's sense leads and the scanner's",
            "an open sense lead or a bad joint: clean and tighten the clamps, check both sense leads",
            source="bench",
        ),
        contact_ohm,
    )


def _plausible(
    evidence: ContactEvidence, step_A: float, resistance_ohm: float, capacity_Ah: float, series_cells: int
) -> CheckResult:
    low = RESISTANCE_CAPACITY_MIN * series_cells / capacity_Ah
    high = RESISTANCE_CAPACITY_MAX * series_cells / capacity_Ah
    slack_ohm = (evidence.resolution_V / 2 + VOLTMETER_NOISE_V) / abs(step_A)
    return CheckResult(
        "contact_plausible",
        low - slack_ohm <= resistance_ohm <= high + slack_ohm,
        resistance_ohm,
        [low, high],
        "ohm",
        f"{resistance_ohm * 1e3:.2f} mΩ is no resistance a battery of {capacity_Ah:g} Ah can have",
        "check the joints and the capacity given for this battery; a cell this far off is not tested further",
        source="battery",
    )
