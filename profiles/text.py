"""A profile as YAML text: one that a program has built, for people to read and change."""

from __future__ import annotations

import json
from typing import Any

from profiles.model import Profile

WIDTH = 100
_LISTS = ("steps", "then", "else")


def to_yaml(profile: Profile) -> str:
    """YAML that reads back as an equal profile, with the same hash. What is at its default is left out."""
    data = profile.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    data = {"schema": profile.schema_version, **data}
    steps = data.pop("steps")
    lines = [f"{key}: {_flow(value)}" for key, value in data.items()]
    return "\n".join([*lines, "steps:", *_block(_named(steps, profile.steps), 1)]) + "\n"


def _named(steps: list[dict[str, Any]], models: Any) -> list[dict[str, Any]]:
    """Every step with its kind first, which is a default of its class; a call without what it has read."""
    found = []
    for data, model in zip(steps, models, strict=True):
        plain = {"step": model.step, **{key: value for key, value in data.items() if key != "step"}}
        if model.step == "call":
            plain = {key: value for key, value in plain.items() if key not in ("steps", "limits")}
        for field in _LISTS:
            if field in plain:
                plain[field] = _named(plain[field], getattr(model, "otherwise" if field == "else" else field))
        found.append(plain)
    return found


def _block(steps: list[dict[str, Any]], depth: int) -> list[str]:
    lines: list[str] = []
    indent = "  " * depth
    for step in steps:
        inside = {field: step[field] for field in _LISTS if field in step}
        plain = {key: value for key, value in step.items() if key not in inside}
        flow = f"{indent}- {_flow(plain)}"
        if not inside and len(flow) <= WIDTH:
            lines.append(flow)
            continue
        for number, (key, value) in enumerate(plain.items()):
            lines.append(f"{indent}{'  ' if number else '- '}{key}: {_flow(value)}")
        for field, held in inside.items():
            lines.append(f"{indent}  {field}:")
            lines += _block(held, depth + 2)
    return lines


def _flow(value: Any) -> str:
    """A value in one line; JSON is YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(part) for part in value) + "]"
    if isinstance(value, str) and value.isidentifier() and value.lower() not in ("null", "true", "false"):
        return value
    return json.dumps(value, ensure_ascii=False)
