"""The figures by which the past counts; a strict document, every number with evidence and source."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from station.diagnosis.decision.parts import Figure, Part
from station.diagnosis.history.facts import Climate, Use

ContradictionName = Literal[
    "source_outside",
    "sources_disagree",
    "chemistry_differs",
    "chemistry_letter_differs",
    "soh_rose",
    "bms_soh_rose",
    "resistance_fell",
    "counter_backwards",
    "counters_disagree",
    "mileage_backwards",
    "mileage_implausible",
    "capacity_differs",
    "date_differs",
    "cell_voltage_extreme",
    "bms_faults",
]


class Joining(Part):
    """How far the past may go. Shares are fractions.

    ``narrow_max``: it moves each end of the pulse interval inwards by at most this share. ``weight_max``: all
    of it together weighs at most this. ``k_sigma``: farther from the pulses than this, a source contradicts
    them.
    """

    k_sigma: Figure
    narrow_max: Figure
    weight_max: Figure
    widening_max: Figure
    history_only_half90_min: Figure


class Ageing(Part):
    """SOH lost (fractions) by age, distance and charge moved; widths are 90 % half-widths of SOH.

    By distance and cycles: beside ``storage_fade_per_year``, which every year takes.
    """

    fade_per_year: dict[Use | Literal["unknown"], Figure]
    climate_extra_per_year: dict[Climate, Figure]
    storage_fade_per_year: Figure
    fade_per_100000_km: dict[Use | Literal["unknown"], Figure]
    fade_per_full_cycle: Figure
    half90_base: Figure
    half90_per_fade: Figure
    half90_age_unknown: Figure
    km_per_year_max: dict[Use | Literal["unknown"], Figure]


class BmsTrust(Part):
    """``soh_half90``: how far a BMS's own SOH may be off; ``counters_ratio_max``: how far two may differ."""

    soh_half90: Figure
    counters_ratio_max: Figure
    faults_limit: Figure
    cell_max_V: Figure
    cell_min_V: Figure


class Earlier(Part):
    """Earlier tests of the same code.

    ``rise_max``: an SOH that rose by more is no noise of the retest. ``half90_extra`` for what differed.
    """

    fade_per_year: Figure
    half90_per_year: Figure
    half90_extra: Figure
    rise_max: Figure
    resistance_fall_max: Figure
    capacity_tolerance: Figure


class HistoryRules(Part):
    """``widening``: what each contradiction adds to the interval, as a share of its width."""

    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    joining: Joining
    ageing: Ageing
    bms: BmsTrust
    earlier: Earlier
    capacity_tolerance: Figure
    date_tolerance_days: Figure
    widening: dict[ContradictionName, Figure]
