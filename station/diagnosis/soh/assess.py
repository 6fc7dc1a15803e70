"""SOH and chemistry of one battery from the pulse blocks of one rest (one or several pulse widths)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from station.diagnosis.soh.combine import Interval
from station.diagnosis.soh.model import ModelSet
from station.diagnosis.soh.noise import Noise
from station.diagnosis.soh.reasons import Reason
from station.diagnosis.soh.recognise import CHEMISTRIES
from station.diagnosis.soh.rows import RowInputs, RowResults, estimate_rows
from station.diagnosis.tables import rows_from_values

if TYPE_CHECKING:
    from station.diagnosis.pulses.utable import UBlock


@dataclass(frozen=True)
class Chemistry:
    """``label`` LFP, NMC, LMO of a known type; LFP or not-LFP otherwise; None when it cannot be told."""

    label: str | None
    confidence: float | None


@dataclass(frozen=True)
class BlockAssessment:
    """Either ``soh`` or a ``reason`` with the cheapest ``next_measurement``; ``recipe`` is the type it was
    taken for."""

    soh: Interval | None
    chemistry: Chemistry
    recipe: str | None
    abstained: bool
    reason: Reason | None
    next_measurement: str | None


def assess(
    ublocks: Sequence[UBlock],
    nominal_capacity_Ah: float | None,
    chemistry_hint: str | None,
    models: ModelSet,
) -> BlockAssessment:
    """Judge the blocks of one rest together: of several pulse widths the longest decides.

    On unseen cells the mean over widths was no better than the longest alone (the errors of one cell at its
    widths are the same errors), so shorter pulses serve as a check of the pattern only.
    ``chemistry_hint`` other than LFP, NMC, LMO is ignored (it is a hint). Never raises for what was measured.
    """
    if not ublocks:
        return _abstain(Reason("no_blocks"), Chemistry(None, None))
    hint = chemistry_hint.strip().upper() if chemistry_hint else None
    count = len(ublocks)
    nominal = np.nan if nominal_capacity_Ah is None else nominal_capacity_Ah
    inputs = RowInputs(
        voltages_V=rows_from_values([block.values for block in ublocks]),
        width_s=np.array([block.pulse_width_s for block in ublocks]),
        third_amplitude_C=np.array([block.third_amplitude_C for block in ublocks]),
        nominal_capacity_Ah=np.full(count, nominal),
        chemistry_hint=hint if hint in CHEMISTRIES else None,
        noise=[Noise.of(one.noise_V, one.last_noise_V, one.sigma_V, one.clock_V) for one in ublocks],
    )
    results = estimate_rows(models, inputs)
    chemistry = _chemistry(results)
    usable = [row for row in range(count) if results.reasons[row] is None]
    if not usable:
        reason = next(reason for reason in results.reasons if reason is not None)
        return _abstain(reason, chemistry)
    # A width that was never learned says nothing against the others; a foreign pattern does.
    against = [reason for reason in results.reasons if reason is not None and _speaks_against(reason)]
    if len(against) > len(usable):
        return _abstain(against[0], chemistry)
    longest = max(usable, key=lambda row: ublocks[row].pulse_width_s)
    interval = Interval(*(float(values[longest]) for values in (results.soh, results.low90, results.high90)))
    return BlockAssessment(interval, chemistry, results.recipes[longest], False, None, None)


def _speaks_against(reason: Reason) -> bool:
    return reason.code in {
        "foreign_pattern",
        "voltage_too_coarse",
        "type_contradicts",
        "voltage_out_of_range",
    }


def _chemistry(results: RowResults) -> Chemistry:
    """The most confident statement, those of recognised rows first."""
    order = sorted(
        range(len(results.chemistry)),
        key=lambda row: (results.recipes[row] is not None, np.nan_to_num(results.confidence[row])),
    )
    best = order[-1]
    confidence = float(results.confidence[best])
    return Chemistry(results.chemistry[best], confidence if np.isfinite(confidence) else None)


def _abstain(reason: Reason, chemistry: Chemistry) -> BlockAssessment:
    return BlockAssessment(None, chemistry, None, True, reason, reason.next_measurement)
