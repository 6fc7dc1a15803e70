"""Strings from noise to codes that are nearly right."""

from __future__ import annotations

import json
import random
import string
from pathlib import Path
from typing import Any

FACTS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "gbt34014_examples.json").read_text(encoding="utf-8")
)
"""Codes of real labels (and one made by the rule) with what they say; free texts of old cells."""


def random_code(source: random.Random) -> str:
    """One string of up to 80 characters."""
    kind = source.random()
    if kind < 0.3:
        return "".join(chr(source.randrange(0x20, 0x3000)) for _ in range(source.randrange(0, 80)))
    if kind < 0.6:
        return "".join(source.choices(string.printable, k=source.randrange(0, 70)))
    near = list(source.choice([fact["code"] for fact in FACTS["examples"]]))
    for _ in range(source.randrange(0, 4)):
        near[source.randrange(len(near))] = source.choice(string.ascii_uppercase + string.digits + " -")
    return "".join(near)[: source.randrange(1, 30)]
