"""What window, papers and command line say of the cells of a pack."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


def cell_text(lang: str, key: str, **facts: Any) -> str:
    """A text in ``zh`` or ``en`` (any other language is English) with its facts filled in."""
    return _load("zh" if lang == "zh" else "en")[key].format(**facts)


def memory_text(memory: Mapping[str, float] | None, lang: str) -> str:
    """A pack's own counters and what they are worth; '' where it told none."""
    if not memory:
        return ""
    parts = [cell_text(lang, f"memory_{name}", value=value) for name, value in memory.items()]
    return cell_text(lang, "memory", told=("，" if lang == "zh" else ", ").join(parts))


@cache
def _load(lang: str) -> dict[str, str]:
    text = files("station.messages").joinpath(f"cells_{lang}.json").read_text(encoding="utf-8")
    loaded: dict[str, str] = json.loads(text)
    return loaded
