"""Why there is no estimate, as a stable code with parameters, and the cheapest measurement that would
help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

TEXTS: Mapping[str, str] = {
    "no_blocks": "no pulse block was measured",
    "no_ocv": "the rest voltage (U1) before the pulses is missing",
    "no_sense_leads": "the voltage was measured without sense leads: the drop in the power leads is in it",
    "no_pulses": "too few pulse voltages were measured ({present:g} of 41)",
    "voltage_out_of_range": "{column} = {voltage_V:.4g} V is no cell voltage ({low_V:g} … {high_V:g} V)",
    "nominal_capacity_invalid": "the nominal capacity {nominal_capacity_Ah:g} Ah is no capacity",
    "unknown_type": "no cell type with {nominal_capacity_Ah:g} Ah{chemistry} has been learned",
    "unknown_pulse_width": "pulses of {width_s:g} s have not been learned (known: {known})",
    "width_not_learned": "type {recipe} has been learned at {known} s only, not at {width_s:g} s",
    "subset_not_learned": "type {recipe} was never learned from what was measured ({present:g} voltages)",
    "foreign_pattern": "the voltages do not look like type {recipe} (distance {distance:.1f} × limit)",
    "voltage_too_coarse": "the voltages are known to {noise_mV:.1f} mV only, too coarse for type {recipe}",
    "type_unconfirmed": "the voltages resemble type {recipe} but not closely enough to go by them alone",
    "type_contradicts": "the voltages look like type {seen}, not {recipe}",
    "type_ambiguous": "the cell type cannot be told from the voltages (best: {seen}, {confidence:.0%})",
    "blocks_disagree": "the pulse blocks contradict each other (spread {spread:.1%} SOH)",
    "too_few_blocks": "only {used} of {total} pulse blocks gave an estimate",
    "nominal_capacity_missing": "the nominal capacity is not known",
    "amplitude_not_learned": "no pulse pair of a learned size was measured (largest: {largest_C:.2f} C)",
    "string_mean_only": "pulses show the mean of {series_cells:.0f} cells in series; it can hide a weak one",
}

NEXT_MEASUREMENT: Mapping[str, str] = {
    "no_blocks": "rapid",
    "no_ocv": "rapid",
    "no_sense_leads": "check_wiring",
    "no_pulses": "rapid",
    "voltage_out_of_range": "check_wiring",
    "nominal_capacity_invalid": "nominal_capacity",
    "unknown_type": "capacity",
    "unknown_pulse_width": "reference",
    "width_not_learned": "reference",
    "subset_not_learned": "reference",
    "foreign_pattern": "capacity",
    "voltage_too_coarse": "capacity",
    "type_unconfirmed": "nominal_capacity",
    "type_contradicts": "capacity",
    "type_ambiguous": "nominal_capacity",
    "blocks_disagree": "capacity",
    "too_few_blocks": "reference",
    "nominal_capacity_missing": "nominal_capacity",
    "amplitude_not_learned": "capacity",
    "string_mean_only": "capacity",
}
"""``rapid``, ``reference``, ``capacity``: a test to run; ``nominal_capacity``: a fact to enter;
``check_wiring``."""


@dataclass(frozen=True)
class Reason:
    """``code`` is a key of ``TEXTS``; ``params`` are what its text names."""

    code: str
    params: Mapping[str, float | str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The reason in English, without a full stop."""
        return TEXTS[self.code].format(**self.params)

    @property
    def next_measurement(self) -> str:
        """The cheapest next step that can remove the reason."""
        return NEXT_MEASUREMENT[self.code]
