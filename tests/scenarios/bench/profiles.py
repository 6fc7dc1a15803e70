"""Profiles of these scenarios: pulses long enough for something to happen in their middle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CONTACT = {"step": "contact_check", "current_C": 0.1, "duration_s": 2.0, "rest_s": 1.0}
LONG = [CONTACT, {"step": "pulse_pair", "current_C": 1.0, "duration_s": 60.0, "rest_s": 60.0}]
PULSES = [CONTACT, {"step": "pulse_pair", "current_C": 1.0, "duration_s": 12.0, "rest_s": 3.0}]
TOO_LARGE = [CONTACT, {"step": "pulse_pair", "current_C": 8.0, "duration_s": 5.0, "rest_s": 5.0}]


def write_profile(folder: Path, name: str, steps: list[dict[str, Any]], **more: Any) -> Path:
    """A profile file; JSON is YAML as well."""
    title = {"zh": "试", "en": name}
    file = folder / f"{name}.yaml"
    profile = {"schema": "pulse-station/profile/1", "name": name, "title": title, "description": title}
    file.write_text(json.dumps({**profile, "steps": steps, **more}), encoding="utf-8")
    return file
