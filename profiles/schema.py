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
    short["CurrentTable"]["anyOf"] = [{"required": ["file"]}, {"required": ["rows"]}]
    schema["required"] = ["schema", *(name for name in schema["required"] if name != "schema")]
    return schema


def _with_expressions(node: Any) -> None:
    """A number may be written as ``=`` and an expression, several conditions as the one there is."""
    for name, part in node.get("properties", {}).items():
        if part.get("type") in ("number", "integer"):
            plain = {
                key: part.pop(key) for key in list(part) if key not in ("title", "description", "default")
            }
            part["anyOf"] = [plain, _EXPRESSION]
        elif any(one.get("type") in ("number", "integer") for one in part.get("anyOf", ())):
            part["anyOf"].append(_EXPRESSION)
        elif name == "until":
            plain = {
                key: part.pop(key) for key in list(part) if key not in ("title", "description", "default")
            }
            part["anyOf"] = [plain, {"type": "string"}]


_ABOUT = ("title", "description", "default")
_EXPRESSION = {"type": "string", "pattern": "^="}
