"""The job a worker gets as its first line, checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from profiles.model import ProfileLimits
from profiles.plan import Plan
from station.bench import Bench, Channel
from station.errors import UsageError


class JobBattery(BaseModel):
    """The battery under test; ``chemistry`` None when unknown, ``series_cells`` None for the channel's."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)

    code: str
    nominal_capacity_Ah: float = Field(gt=0)
    chemistry: str | None = None
    level: str = "cell"
    series_cells: int | None = Field(default=None, ge=1, le=400)


class JobGuard(BaseModel):
    """Where the guard listens and what to say to it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    host: str
    port: int
    token: str


class _Job(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)

    run_id: str = Field(min_length=1)
    run_dir: Path
    bench: Bench
    channel: str
    battery: JobBattery
    plan: dict[str, Any]
    speed: float = Field(default=1.0, gt=0)
    guard: JobGuard | None = None
    profile_limits: ProfileLimits = ProfileLimits()
    resume: bool = False
    profile: dict[str, Any] | None = None


@dataclass(frozen=True)
class Job:
    """A checked job. ``series_cells`` is the battery's own number, else the channel's.

    ``resume``: go on with the journal that is in ``run_dir``. ``profile``: what the plan was made from, for
    the record: its canonical text, its hash and who approved it.
    """

    run_id: str
    run_dir: Path
    bench: Bench
    channel: Channel
    battery: JobBattery
    plan: Plan
    speed: float
    guard: JobGuard | None
    profile_limits: ProfileLimits
    resume: bool = False
    profile: dict[str, Any] | None = None

    @property
    def series_cells(self) -> int:
        """Number of cells in series between the terminals."""
        return self.battery.series_cells or self.channel.series_cells


def parse_job(message: object) -> Job:
    """Check ``{"job": {…}}``. Raises UsageError naming the field."""
    body = message.get("job") if isinstance(message, dict) else None
    if not isinstance(body, dict):
        raise UsageError(
            "the first line is not a job", remedy="start workers through the service", code="usage.job"
        )
    try:
        job = _Job.model_validate(body)
        plan = Plan.from_dict(job.plan)
        channel = job.bench.channel(job.channel)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"job: {field}: {first['msg']}", remedy="correct it", code="usage.job", field=field
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"job: plan or channel: {error}", remedy="correct it", code="usage.job") from error
    if job.speed != 1.0 and job.bench.simulation is None:
        raise UsageError(
            f"speed {job.speed:g} on bench {job.bench.name}, which is real hardware",
            remedy="real batteries age in real time: leave the speed at 1",
            code="usage.speed",
            speed=job.speed,
        )
    return Job(
        job.run_id,
        job.run_dir,
        job.bench,
        channel,
        job.battery,
        plan,
        job.speed,
        job.guard,
        job.profile_limits,
        job.resume,
        job.profile,
    )
