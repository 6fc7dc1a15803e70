"""One label: what a full discharge of one cell gave."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Label:
    """Capacity of cell ``cell_id`` with the bounds of its measuring error; ``rate_C`` of the discharge.

    ``simulated`` labels never teach a model of real cells. ``started_utc`` is when the run began (ISO 8601).
    """

    cell_id: str
    run_id: str
    started_utc: str
    chemistry: str | None
    nominal_capacity_Ah: float
    capacity_Ah: float
    capacity_low_Ah: float
    capacity_high_Ah: float
    rate_C: float
    discharges: int
    spread_Ah: float
    temperature_degC: float | None
    simulated: bool
    profile: str
    file_sha256: str

    @property
    def soh(self) -> float:
        """Capacity over nominal capacity."""
        return self.capacity_Ah / self.nominal_capacity_Ah

    def as_dict(self) -> dict[str, Any]:
        """Plain data, with ``soh``."""
        return {**asdict(self), "soh": self.soh}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Label:
        """The inverse of ``as_dict``. Raises KeyError for what is missing."""
        return cls(**{field.name: data[field.name] for field in fields(cls)})
