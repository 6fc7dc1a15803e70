"""Rules about the instruments: who answered, and whether their calibration is still good."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from station.safety.checks.result import CheckResult


@dataclass(frozen=True)
class InstrumentFacts:
    """One instrument: its place in the bench file, what was expected and answered, its calibration.

    ``wrong`` names the parts of the answer that differ; a blank answer counts as ``model``.
    """

    place: str
    driver: str
    expected: Mapping[str, str]
    answered: Mapping[str, str]
    wrong: tuple[str, ...] = ()
    due: datetime.date | None = None
    certificate: str = ""


def identity(facts: InstrumentFacts) -> CheckResult:
    """The instrument's own answer against the bench file, part by part."""
    expected, answered = _text(facts.expected), _text(facts.answered)
    return CheckResult(
        "identity",
        not facts.wrong,
        message=f"{facts.place} ({facts.driver}): expected {expected}, got {answered}",
        remedy="check the address and the cable, or correct the identity in the bench file",
        source="bench",
        warning="" if expected else "engine.identity_unknown",
        facts={
            "place": facts.place,
            "driver": facts.driver,
            "expected": expected,
            "answered": answered,
            "wrong": ", ".join(facts.wrong),
        },
    )


def _text(parts: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in parts.items() if value)


def calibration(facts: InstrumentFacts, today: datetime.date, policy: str) -> CheckResult:
    """Good up to and including the due day. ``policy`` ``warn`` tells an expired one instead of refusing."""
    assert facts.due is not None
    days = (today - facts.due).days
    expired = days > 0
    return CheckResult(
        "calibration",
        not expired or policy == "warn",
        message=f"{facts.place} ({facts.driver}): the calibration was due on {facts.due.isoformat()}",
        remedy="have it calibrated and enter the new date and certificate in the bench file",
        limit=facts.due.isoformat(),
        value=float(days) if expired else None,
        unit="d" if expired else "",
        source="bench",
        warning="engine.calibration_expired" if expired and policy == "warn" else "",
        facts={
            "place": facts.place,
            "driver": facts.driver,
            "due": facts.due.isoformat(),
            "certificate": facts.certificate,
        },
    )


def calibrations(
    all_facts: list[InstrumentFacts], today: datetime.date, policy: str, *, simulated: bool
) -> list[CheckResult]:
    """One result per known date, and one that names the instruments without a date."""
    results = [calibration(facts, today, policy) for facts in all_facts if facts.due is not None]
    unknown = [facts.place for facts in all_facts if facts.due is None]
    if unknown:
        results.append(
            CheckResult(
                "calibration",
                True,
                source="bench",
                warning="engine.calibration_unknown",
                mild=simulated,
                facts={"instruments": ", ".join(unknown)},
            )
        )
    return results
