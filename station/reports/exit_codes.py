"""From a result to an exit code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from station.errors import ExitCode

_BY_VERDICT = {
    "pass": ExitCode.PASS,
    "fail": ExitCode.BATTERY_FAIL,
    "quarantine": ExitCode.NO_VERDICT,
    "no_verdict": ExitCode.NO_VERDICT,
}


def exit_code_of(result: Mapping[str, Any]) -> int:
    """0 pass, 1 battery judged fail, 3 no verdict or quarantine."""
    return _BY_VERDICT.get(str(result.get("verdict")), ExitCode.NO_VERDICT)
