"""All screens in both languages and a longer one: large enough, whole, clear, named, reachable."""

from __future__ import annotations

import pytest

from tests.ui.checks import CHECKS
from tests.ui.screens import LANGUAGES, SIZES, every_screen

LATER = ("small buttons", "cut texts")
"""Not yet true of every screen: move a check out of here as soon as it is."""

Findings = dict[str, dict[str, list[str]]]


@pytest.fixture(scope="module")
def findings() -> Findings:
    """Each screen is made once and looked at for everything."""
    checks = {name: check for name, check in CHECKS.items() if name not in LATER}
    found: Findings = {name: {} for name in checks}
    seen = 0
    for screen in every_screen():
        seen += 1
        for name, check in checks.items():
            for what in check(screen.window):
                found[name].setdefault(what, []).append(screen.name)
    assert seen >= 7 * len(LANGUAGES) * len(SIZES)
    return found


@pytest.mark.timeout(240)
@pytest.mark.parametrize("check", [name for name in CHECKS if name not in LATER])
def test_on_every_screen_there_are_no(findings: Findings, check: str) -> None:
    told = [f"{what}  [{len(where)}×, first: {where[0]}]" for what, where in findings[check].items()]
    assert not told, "\n".join(told)
