"""JSON Schema of a model, in draft 7, which the YAML language servers of editors read."""

from __future__ import annotations

import json
from typing import Any

from profiles.model import Profile


def to_draft7(schema: dict[str, Any]) -> dict[str, Any]:
    """Rewrite the 2020-12 schema that pydantic makes: ``$defs`` becomes ``definitions``; OpenAPI words go."""
    text = json.dumps(schema).replace("#/$defs/", "#/definitions/")
    data: dict[str, Any] = json.loads(text)
    if "$defs" in data:
        data["definitions"] = data.pop("$defs")
    _clean(data)
    return {"$schema": "http://json-schema.org/draft-07/schema#", **data}


def _clean(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _clean(item)
    elif isinstance(node, dict):
        node.pop("discriminator", None)
        if "prefixItems" in node:
            node["items"] = node.pop("prefixItems")
        kind = node.get("properties", {}).get("step", {}) if isinstance(node.get("properties"), dict) else {}
        if "const" in kind:  # a default for programs; a file has to name the kind of each step
            kind.pop("default", None)
            node["required"] = ["step", *(name for name in node.get("required", ()) if name != "step")]
        for value in node.values():
            _clean(value)


def profile_schema() -> dict[str, Any]:
    """The schema of profile files, with what a file may say for short: expressions, one condition alone."""
    schema = to_draft7(Profile.model_json_schema(by_alias=True))
    short = schema["definitions"]
    for name, part in short.items():
        if name != "Parameter":
            _with_expressions(part)
    _with_expressions({"properties": {"sampling_Hz": schema["properties"]["sampling_Hz"]}})
    schema["properties"]["parameters"]["additionalProperties"] = {
        "anyOf": [{"type": "number"}, {"$ref": "#/definitions/Parameter"}]
    }
    short["CurrentTable"]["required"] = ["step"]
    for name, rule in _TOGETHER.items():
        short[name].update(rule)
    schema["required"] = ["schema", *(name for name in schema["required"] if name != "schema")]
    return schema


def _with_expressions(node: Any) -> None:
    """A number may be written as ``=`` and an expression, several conditions as the one there is."""
    for name, part in node.get("properties", {}).items():
        if part.get("type") in _NUMBERS:
            _or(part, _EXPRESSION)
        elif any(one.get("type") in _NUMBERS for one in part.get("anyOf", ())):
            part["anyOf"].append(_EXPRESSION)
        elif name == "until":
            _or(part, {"type": "string", "minLength": 1, "maxLength": 500})
        elif name == "value":
            _or(part, {"type": "number"})
        else:
            _in_lists(part)


def _in_lists(part: dict[str, Any]) -> None:
    """Numbers in lists, in lists of lists, and under names that the file chooses."""
    items, named = part.get("items", []), part.get("additionalProperties")
    inside = [items] if isinstance(items, dict) else list(items)
    for item in [*inside, named] if isinstance(named, dict) else inside:
        if item.get("type") in _NUMBERS:
            _or(item, _EXPRESSION)
        else:
            _in_lists(item)


def _or(part: dict[str, Any], other: dict[str, Any]) -> None:
    """``part`` may also be ``other``."""
    plain = {key: part.pop(key) for key in list(part) if key not in _ABOUT}
    part["anyOf"] = [plain, other]


def _given(name: str, **how: Any) -> dict[str, Any]:
    """The field stands there, and says something."""
    return {"required": [name], "properties": {name: how or {"not": {"type": "null"}}}}


_NUMBERS = ("number", "integer")
_ABOUT = ("title", "description", "default")
_EXPRESSION = {"type": "string", "pattern": "^="}
_TOGETHER: dict[str, dict[str, Any]] = {
    "AdaptiveGoal": {"anyOf": [_given("inside_grade", const=True), _given("half_width_points")]},
    "ConstantCurrent": {"oneOf": [_given("current_C"), _given("current_A")]},
    "ConstantPower": {"oneOf": [_given("power_W"), _given("cell_power_W_per_Ah")]},
    "CurrentTable": {"anyOf": [_given("file"), _given("rows")]},
    "If": {"anyOf": [_given("then", minItems=1), _given("else", minItems=1)]},
    "Prompt": {
        "if": _given("answer", const="number"),
        "then": _given("name"),
        "else": {"not": _given("name")},
    },
}  # fmt: skip
"""Fields of which one belongs to the other, or excludes it: what the model asks of a whole step."""
