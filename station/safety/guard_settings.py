"""What the guard needs from a bench file, and nothing more."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from station.errors import BenchError


class _Part(BaseModel):
    # The rest of the bench file is not the guard's business.
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class RelayRef(_Part):
    """The relay board: driver, address, expected identity, driver options."""

    driver: str
    address: str | None = None
    expect: dict[str, str] = {}
    options: dict[str, Any] = {}


class CutoffWiring(_Part):
    """The coil that closes a channel's contactor, and the input that shows it closed, if wired."""

    coil: int = Field(ge=0)
    feedback_input: int | None = Field(default=None, ge=0)


class _Coil(_Part):
    coil: int = Field(ge=0)


class _Cutoff(CutoffWiring):
    precharge: _Coil | None = None


class _Channel(_Part):
    id: str
    cutoff: _Cutoff | None = None
    insulation: _Coil | None = None

    def auxiliaries(self) -> dict[str, CutoffWiring]:
        """The channel's other coils by the name a worker asks for them."""
        coils = {"precharge": self.cutoff.precharge if self.cutoff else None, "insulation": self.insulation}
        return {name: CutoffWiring(coil=coil.coil) for name, coil in coils.items() if coil is not None}


class _Inputs(_Part):
    estop: int | None = Field(default=None, ge=0)
    interlock: int | None = Field(default=None, ge=0)


class _Guard(_Part):
    relay: RelayRef
    inputs: _Inputs = _Inputs()
    heartbeat_timeout_s: float = Field(default=0.3, ge=0.05, le=5)
    poll_s: float = Field(default=0.05, ge=0.01, le=1)
    hold_s: float | None = Field(default=1.0, ge=0.5, le=10)


class _Bench(_Part):
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    channels: tuple[_Channel, ...]
    guard: _Guard | None = None


class GuardSettings(_Part):
    """The guard's view of one bench; times in s (always real time).

    ``auxiliaries`` holds each channel's other coils by name. ``hold_s`` is how long a closed coil lasts
    without this program, on a board that can do that.
    """

    bench: str
    channels: tuple[str, ...]
    cutoffs: dict[str, CutoffWiring]
    auxiliaries: dict[str, dict[str, CutoffWiring]] = {}
    relay: RelayRef
    estop: int | None
    interlock: int | None
    heartbeat_timeout_s: float
    poll_s: float
    hold_s: float | None = None

    def coils(self) -> dict[str, CutoffWiring]:
        """Every coil by its key: the channel for its cut-off, ``channel:name`` for the others."""
        found = dict(self.cutoffs)
        for channel, named in self.auxiliaries.items():
            found |= {aux_key(channel, name): wiring for name, wiring in named.items()}
        return found


def aux_key(channel: str, name: str) -> str:
    """The key of an auxiliary coil; a channel's id holds no colon."""
    return f"{channel}:{name}"


def guard_settings(bench: object) -> GuardSettings:
    """Take the guard's settings out of a bench as plain data. Raises BenchError."""
    try:
        parsed = _Bench.model_validate(bench)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BenchError(
            f"the guard cannot use this bench: {field}: {first['msg']}",
            remedy="correct the bench file",
            code="bench.invalid",
            field=field,
        ) from error
    if parsed.guard is None:
        raise BenchError(
            f"bench {parsed.name} has no guard section",
            remedy="start no guard for it, or name the relay board under guard.relay",
            code="bench.no_guard",
        )
    return GuardSettings(
        bench=parsed.name,
        channels=tuple(channel.id for channel in parsed.channels),
        cutoffs={
            channel.id: CutoffWiring(coil=channel.cutoff.coil, feedback_input=channel.cutoff.feedback_input)
            for channel in parsed.channels
            if channel.cutoff
        },
        auxiliaries={channel.id: channel.auxiliaries() for channel in parsed.channels},
        relay=parsed.guard.relay,
        estop=parsed.guard.inputs.estop,
        interlock=parsed.guard.inputs.interlock,
        heartbeat_timeout_s=parsed.guard.heartbeat_timeout_s,
        poll_s=parsed.guard.poll_s,
        hold_s=parsed.guard.hold_s,
    )
