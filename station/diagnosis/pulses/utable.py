"""The pulse table (U1 … U41) of one SOC level: the form in which pulse responses are compared and learned from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class UBlock:
    """Voltages of one pulse train at one SOC and one pulse width, keyed ``"U1"`` … ``"U41"``, in V.

    ``U1`` is the voltage after rest. Then, for each amplitude in order (0.5, 1, third, 2, 2.5 C),
    eight values: first and last sample of the charge pulse, of the rest, of the discharge pulse, of the rest.
    Only finite values that the record really holds are present; a missing pulse leaves its keys out.
    ``standalone`` is true for a single 2.5 C pair without the smaller pulses before it
    (then ``U1`` and ``U33`` … ``U41`` are known, ``U33`` being the rest voltage before the pair).
    """

    pulse_width_s: float
    third_amplitude_C: float
    values: dict[str, float]
    standalone: bool
