"""What must be true before any energy moves: a file for each family of rules, a result for each rule.

Every rule has a name, a limit with its source, a value and a remedy; it is told also when it passes.
"""

from station.safety.checks.battery import rested
from station.safety.checks.inputs import (
    AGREEMENT_FRACTION,
    AGREEMENT_V,
    BMS_AGREEMENT_FRACTION,
    BMS_AGREEMENT_V,
    TOUCH_SAFE_V,
    CheckInputs,
)
from station.safety.checks.result import CheckResult, require
from station.safety.checks.rules import RULES, run_checks

__all__ = [
    "AGREEMENT_FRACTION",
    "AGREEMENT_V",
    "BMS_AGREEMENT_FRACTION",
    "BMS_AGREEMENT_V",
    "RULES",
    "TOUCH_SAFE_V",
    "CheckInputs",
    "CheckResult",
    "require",
    "rested",
    "run_checks",
]
