"""Samples thinned for the screen: of each span the extremes, so that a dip of one sample is seen."""

from __future__ import annotations

from station.safety.sample import Sample


class Thinning:
    """Gathers samples; ``take`` gives those with the least and greatest voltage and current, and the newest.

    A sample without a reading stands for itself: it is given as well.
    """

    def __init__(self) -> None:
        self._kept: list[Sample] = []
        """Least and greatest voltage, least and greatest current."""
        self._newest: Sample | None = None
        self._without: Sample | None = None

    def add(self, sample: Sample) -> None:
        """One more sample. Called for every one, up to a thousand times a second."""
        voltage, current = sample.voltage_V, sample.current_A
        self._newest = sample
        if voltage is None or current is None:
            self._without = sample
            return
        kept = self._kept
        if not kept:
            self._kept = [sample, sample, sample, sample]
            return
        if voltage < kept[0].voltage_V:  # type: ignore[operator]  # those kept have readings
            kept[0] = sample
        elif voltage > kept[1].voltage_V:  # type: ignore[operator]
            kept[1] = sample
        if current < kept[2].current_A:  # type: ignore[operator]
            kept[2] = sample
        elif current > kept[3].current_A:  # type: ignore[operator]
            kept[3] = sample

    def take(self) -> list[Sample]:
        """What was gathered since, thinned, in the order of time; at most six."""
        chosen = {id(each): each for each in (*self._kept, self._without, self._newest) if each is not None}
        self._kept, self._newest, self._without = [], None, None
        return sorted(chosen.values(), key=_time)


def _time(sample: Sample) -> float:
    return sample.t_s
