"""All screens in both languages and a longer one: large enough, whole, clear, named, reachable."""

from __future__ import annotations

import pytest

from tests.ui.checks import CHECKS, IN_OURS, ONCE, one_look
from tests.ui.screens import LANGUAGES, SIZES, SIZES_OF, every_screen

Findings = dict[str, dict[str, list[str]]]
SITUATIONS = 50
"""At least so many are known: none is lost by a slip."""


@pytest.fixture(scope="module")
def findings() -> Findings:
    """Each screen is made once and looked at for everything."""
    found: Findings = {name: {} for name in CHECKS}
    seen = 0
    for screen in every_screen():
        seen += 1
        with one_look(screen.window):
            for name, check in CHECKS.items():
                if name in IN_OURS and screen.language == "longer":
                    continue
                if name not in ONCE or (screen.language, screen.size) == (LANGUAGES[0], SIZES[0]):
                    for what in check(screen.window):
                        found[name].setdefault(what, []).append(screen.name)
    assert seen >= SITUATIONS * sum(map(len, SIZES_OF.values()))
    return found


@pytest.mark.timeout(240)
@pytest.mark.parametrize("check", list(CHECKS))
def test_on_every_screen_there_are_no(findings: Findings, check: str) -> None:
    told = [f"{what}  [{len(where)}×, first: {where[0]}]" for what, where in findings[check].items()]
    assert not told, "\n".join(told)
