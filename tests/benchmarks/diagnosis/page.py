"""docs/diagnosis.md out of what was measured and what the shipped model file says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from station.models.in_use import load_default
from tests.benchmarks.diagnosis.page_chain import chain
from tests.benchmarks.diagnosis.page_chain_twice import chain_twice
from tests.benchmarks.diagnosis.page_policy import policy
from tests.benchmarks.diagnosis.page_pulses import circuits, extraction
from tests.benchmarks.diagnosis.page_soh import foreign, intervals, matching, onboarding, regressions

HEAD = """# What the diagnosis is worth

Written by `python -m tests.benchmarks.diagnosis`; do not edit by hand. Measured on the public data that ship in
`data/` and `tests/data/`. How the estimators work and where they must not be used: [model card](model-card.md)."""


def render(found: Mapping[str, Any]) -> str:
    """The whole page; a part that was not measured is left out."""
    info = load_default().info
    sections = [HEAD]
    for part, show in (
        ("extraction", extraction),
        ("circuits", circuits),
        ("soh", regressions),
    ):
        if part in found:
            sections.append(show(found[part]))
    sections += [intervals(info), foreign(info)]
    for part, show in (
        ("chain", chain),
        ("chain_twice", lambda figures: chain_twice(found["chain"], figures)),
        ("onboarding", onboarding),
        ("matching", matching),
        ("policy", lambda figures: policy(figures, found.get("soh"))),
    ):
        if part in found:
            sections.append(show(found[part]))
    return "\n\n".join(sections) + "\n"
