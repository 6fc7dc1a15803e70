"""Limits, checks before energy, the ordered shutdown, the guard. Knows neither engine nor service."""

from station.safety.checks import CheckInputs, CheckResult, run_checks
from station.safety.chemistry import ChemistryLimits, chemistry_limits
from station.safety.contact import ContactEvidence, ContactResult, evaluate_contact
from station.safety.envelope import Envelope, EnvelopePart, Limit, build_envelope
from station.safety.sample import Sample
from station.safety.shutdown import SafeReport, ordered_shutdown

__all__ = [
    "CheckInputs",
    "CheckResult",
    "ChemistryLimits",
    "ContactEvidence",
    "ContactResult",
    "Envelope",
    "EnvelopePart",
    "Limit",
    "SafeReport",
    "Sample",
    "build_envelope",
    "chemistry_limits",
    "evaluate_contact",
    "ordered_shutdown",
    "run_checks",
]
