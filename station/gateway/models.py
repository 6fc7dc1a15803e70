"""What goes in and comes out, for the API's description."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A name or code: something to read, without control characters."""


class StartTest(BaseModel):
    """A test to be started."""

    model_config = ConfigDict(extra="forbid", strict=True)

    channel: Name
    profile: Name
    battery: Name
    nominal_capacity_Ah: Annotated[float, Field(gt=0, le=10_000)] | None = None
    chemistry: Name | None = None


class StopTest(BaseModel):
    """``force``: cut by the guard and end the worker at once."""

    model_config = ConfigDict(extra="forbid", strict=True)

    force: bool = False


class Started(BaseModel):
    """The test that was started."""

    run_id: str


class Done(BaseModel):
    """It was asked for; the state tells what came of it."""

    ok: Literal[True] = True


class Problem(BaseModel):
    """What was wrong, and what helps."""

    code: str
    message: str
    remedy: str
    params: dict[str, Any] = {}
    exit_code: int = 70


class Refusal(BaseModel):
    """The body of every answer that is no success."""

    error: Problem


class Health(BaseModel):
    """``ok`` while the service answers; ``service`` is None when it does not."""

    ok: bool
    version: str
    service: dict[str, Any] | None
    guard: dict[str, Any] | None


class Runs(BaseModel):
    """Runs, newest first."""

    runs: list[dict[str, Any]]
