"""The pulse table (U1 … U41) of one SOC level: how pulse responses are compared and learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import copysign, hypot, sqrt
from statistics import fmean

from station.diagnosis.pulses.results import Block, Pulse

#: Amplitudes of the table in C, in its order; the third is 1.5 or 2.
AMPLITUDES_C = (0.5, 1.0, 1.5, 2.0, 2.5)
#: A pulse belongs to an amplitude within this share of it.
AMPLITUDE_SHARE = 0.08
#: Pulses of one width differ by less than this share, or by one sample of 10 ms.
WIDTH_SHARE = 0.1
SAMPLE_S = 0.0101
#: Widths of the published table in s; a measured width close to one of them is given as it.
TABLE_WIDTHS_S = (0.03, 0.05, 0.07, 0.1, 0.3, 0.5, 0.7, 1.0, 3.0, 5.0)


@dataclass(frozen=True)
class UBlock:
    """Voltages of one pulse train at one SOC and one pulse width, keyed ``"U1"`` … ``"U41"``, in V.

    ``U1`` is the rest voltage before the first pulse of this width (for the first width of a block that is
    its OCV). Then, for each amplitude in order (0.5, 1, third, 2, 2.5 C), eight values: first and last
    sample of the charge pulse, of the rest, of the discharge pulse, of the rest. First samples are taken
    10 ms after the edge, last samples of rests 15 pulse widths after it.
    Only values that the record really holds are present; a missing or clipped pulse leaves its keys out.
    ``standalone`` is true for a single 2.5 C pair without the smaller pulses before it
    (then ``U1`` and ``U33`` … ``U41`` are known, ``U33`` being the rest voltage before the pair).
    ``noise_V`` is the standard deviation of one voltage sample (noise and steps of the instrument), and
    ``last_noise_V`` that of values read from the last samples of a pulse or rest (None: usual averaging);
    ``sigma_V`` is the standard deviation of values for which it was told from the samples themselves, and
    ``clock_V`` what one standard deviation of their common clock's error moves them by, signed.
    Of repeated pulses of one size the first counts; a voltage that it lacks is taken from the next that has
    it, relative to the rest before the pulse. Where their noise was told from the samples, it is what limits
    them, and the mean of all that have the voltage counts.
    """

    pulse_width_s: float
    third_amplitude_C: float
    values: dict[str, float]
    standalone: bool
    noise_V: float = 0.0
    last_noise_V: float | None = None
    sigma_V: Mapping[str, float] = field(default_factory=dict)
    clock_V: Mapping[str, float] = field(default_factory=dict)


def u_blocks(
    block: Block, *, nominal_capacity_Ah: float, third_amplitude_C: float | None = None
) -> list[UBlock]:
    """The pulse tables of a block, one per pulse width, shortest first.

    ``third_amplitude_C`` is the third amplitude of the table that the block will be compared with;
    None takes 1.5, or 2 where only that was measured.

    ``nominal_capacity_Ah`` turns currents into C-rates. A width without a charge pulse that is followed by a
    discharge pulse of one of the five amplitudes gives no table. Raises ValueError when the nominal
    capacity is not positive.
    """
    if not nominal_capacity_Ah > 0.0:
        raise ValueError(f"nominal_capacity_Ah must be positive, not {nominal_capacity_Ah}")
    tables = (_table(group, nominal_capacity_Ah, third_amplitude_C) for group in _by_width(block.pulses))
    return [table for table in tables if table is not None]


def _by_width(pulses: Sequence[Pulse]) -> list[list[Pulse]]:
    groups: list[list[Pulse]] = []
    for pulse in sorted((p for p in pulses if not p.clipped), key=lambda p: p.duration_s):
        width = groups[-1][0].duration_s if groups else -1.0
        if groups and pulse.duration_s - width <= min(max(WIDTH_SHARE * width, SAMPLE_S), 0.5 * width):
            groups[-1].append(pulse)
        else:
            groups.append([pulse])
    return [sorted(group, key=lambda p: p.start_s) for group in groups]


def _table(pulses: Sequence[Pulse], nominal_Ah: float, third_C: float | None) -> UBlock | None:
    rates = [(pulse, abs(pulse.current_A - pulse.rest_current_A) / nominal_Ah) for pulse in pulses]

    def of_rate(rate: float, charge: bool) -> list[Pulse]:
        return [
            pulse
            for pulse, size in rates
            if abs(size - rate) <= AMPLITUDE_SHARE * rate
            and (pulse.current_A > pulse.rest_current_A) == charge
        ]

    third = third_C or 1.5
    if third_C is None and not of_rate(1.5, True) and of_rate(2.0, True) and not of_rate(2.5, True):
        third = 2.0
    # A table whose third amplitude is 2 C ends there: its U22 … U41 were never measured.
    amplitudes = (0.5, 1.0, third, 2.0, 2.5) if third != 2.0 else (0.5, 1.0, third)
    table = _Values()
    used: list[Pulse] = []
    for index, rate in enumerate(amplitudes):
        charges, discharges = of_rate(rate, True), of_rate(rate, False)
        if charges and discharges and discharges[0].start_s < charges[0].start_s:
            continue  # the other order is another history: not comparable
        for offset, repeated in ((0, charges), (4, discharges)):
            if repeated:
                used.append(repeated[0])
                table.put(2 + 8 * index + offset, repeated)
    if not used or not any(pulse.current_A > pulse.rest_current_A for pulse in used):
        return None
    first = min(used, key=lambda p: p.start_s)
    standalone = set(table.values_V) <= {f"U{n}" for n in range(34, 42)}
    table.put_before("U1", first)
    if standalone:
        table.put_before("U33", first)
    return UBlock(
        _table_width(pulses),
        third,
        table.values_V,
        standalone,
        sigma_V=table.sigma_V,
        clock_V=table.clock_V,
    )


_FOUR = ("voltage_10ms_V", "end_voltage_V", "rest_voltage_10ms_V", "recovered_voltage_15w_V")


class _Values:
    """A table in the making: voltages by key, and what is known of their noise."""

    def __init__(self) -> None:
        self.values_V: dict[str, float] = {}
        self.sigma_V: dict[str, float] = {}
        self.clock_V: dict[str, float] = {}

    def put(self, first_key: int, repeated: Sequence[Pulse]) -> None:
        """Write the four values of a pulse and its rest; unknown ones are left out."""
        before_V = repeated[0].voltage_before_V
        for key, name in enumerate(_FOUR, start=first_key):
            known = [pulse for pulse in repeated if getattr(pulse, name) is not None]
            told = [pulse for pulse in known if name in pulse.sigma_V]
            for pulse in known[:1]:
                self.values_V[f"U{key}"] = getattr(pulse, name) + (before_V - pulse.voltage_before_V)
                self._told(f"U{key}", pulse, name)
            if len(told) > 1:
                self._mean(f"U{key}", told, name, before_V)

    def _mean(self, key: str, told: Sequence[Pulse], name: str, before_V: float) -> None:
        """Of pulses whose noise is known, each relative to the rest before it.

        All count alike, so that what slow recovery does to the later ones has the same share in every value.
        Their errors are independent: each pair has a program, and so a clock error, of its own.
        """
        count = len(told)
        moved = [getattr(pulse, name) + (before_V - pulse.voltage_before_V) for pulse in told]
        self.values_V[key] = fmean(moved)
        rests = told[0].sigma_V.get("voltage_before_V", 0.0) * sqrt(1.0 - 1.0 / count)
        self.sigma_V[key] = hypot(*(pulse.sigma_V[name] / count for pulse in told), rests)
        clocks = [pulse.clock_V.get(name, 0.0) / count for pulse in told]
        if any(clocks):
            self.clock_V[key] = copysign(hypot(*clocks), sum(clocks))

    def put_before(self, key: str, pulse: Pulse) -> None:
        """Write the rest voltage before a pulse."""
        self.values_V[key] = pulse.voltage_before_V
        self._told(key, pulse, "voltage_before_V")

    def _told(self, key: str, pulse: Pulse, name: str) -> None:
        if name in pulse.sigma_V:
            self.sigma_V[key] = pulse.sigma_V[name]
        if name in pulse.clock_V:
            self.clock_V[key] = pulse.clock_V[name]


def _table_width(pulses: Sequence[Pulse]) -> float:
    """Median width of the pulses in s, or the width of the published table within a sample or 3 % of it."""
    widths = sorted(pulse.duration_s for pulse in pulses)
    width = widths[len(widths) // 2]
    for known in TABLE_WIDTHS_S:
        if abs(width - known) <= max(0.03 * known, 0.0051):
            return known
    return round(width, 4)
