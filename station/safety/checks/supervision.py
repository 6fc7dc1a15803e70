"""Rules about what stops the current when the program does not."""

from __future__ import annotations

from station.safety.checks.inputs import TOUCH_SAFE_V, CheckInputs
from station.safety.checks.result import CheckResult


def guard_present(*, has_guard: bool, needs_guard: bool) -> CheckResult:
    """Whoever has a cut-off or another coil to switch needs the guard that owns the relay board."""
    return CheckResult(
        "guard_present",
        has_guard or not needs_guard,
        message="this channel has a cut-off, but there is no guard to close it",
        remedy="start the run through the service, which starts the guard",
        source="bench",
        warning="" if has_guard else "engine.no_guard",
        facts={"guard": has_guard},
    )


def interlocks(missing: tuple[str, ...], *, refusal: str = "", remedy: str = "") -> CheckResult:
    """What the guard answered about emergency stop and interlock; ``refusal`` is '' when it agrees.

    ``missing`` names the inputs that are not wired: nobody watches those.
    """
    return CheckResult(
        "interlocks",
        not refusal,
        message=refusal,
        remedy=remedy,
        source="bench",
        warning="engine.input_not_wired" if missing else "",
        facts={"missing": ", ".join(missing)} if missing else {},
    )


def watchdog_or_cutoff(inputs: CheckInputs) -> CheckResult:
    """Something below this program must be able to stop the current when the program dies."""
    left = [name for name in inputs.unwatched if name not in inputs.accept_no_watchdog]
    accepted = bool(inputs.unwatched) and not inputs.has_cutoff and not left
    names = ", ".join(left)
    return CheckResult(
        "watchdog_or_cutoff",
        inputs.has_cutoff or not left,
        message=f"{names} has no watchdog, no load-on timer for so long, and the channel has no cut-off",
        remedy="wire a cut-off for this channel, or accept it in the bench file: "
        f"accept_no_watchdog: [{names}]",
        source="bench",
        warning="engine.no_watchdog_accepted" if accepted else "",
        facts={"unwatched": ", ".join(inputs.unwatched)} if inputs.unwatched else {},
    )


def precharge_wired(inputs: CheckInputs) -> CheckResult:
    """A contactor that closes a pack onto discharged capacitors arcs: it wants a pre-charge. Only told."""
    bare = inputs.level == "pack" and inputs.has_cutoff and not inputs.has_precharge
    return CheckResult(
        "precharge_wired",
        True,
        inputs.working_V,
        TOUCH_SAFE_V,
        "V",
        source="bench",
        warning="engine.no_precharge" if bare and inputs.working_V > TOUCH_SAFE_V else "",
    )
