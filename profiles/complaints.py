"""What the validation finds wrong, in the words of somebody who writes profiles: message, remedy, facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel

from profiles.limits import ProfileLimits
from profiles.model import Profile
from profiles.number_remedies import number_remedy
from profiles.odd_characters import odd_in
from profiles.steps import Step

KINDS: dict[str, type[BaseModel]] = {
    one.model_fields["step"].default: one for one in get_args(get_args(Step)[0])
}
"""Each kind of step by its name."""
_LIMITS = ("gt", "ge", "lt", "le", "min_length", "max_length")
_BOUNDS = {
    "greater_than": ("must be more than", "profile.too_small", "give a larger value"),
    "greater_than_equal": ("must be at least", "profile.too_small", "give a larger value"),
    "less_than": ("must be less than", "profile.too_large", "give a smaller value"),
    "less_than_equal": ("must be at most", "profile.too_large", "give a smaller value"),
}


@dataclass(frozen=True)
class Complaint:
    """``facts`` are for the message catalogues."""

    code: str
    message: str
    remedy: str
    facts: dict[str, Any] = field(default_factory=dict)


def complaint(found: Any, holder: Any, where: str) -> Complaint:
    """About one error of pydantic's; ``holder`` is the mapping around it, ``where`` the field with that."""
    kind, given = found["type"], found.get("input")
    for text in (given, found["loc"][-1] if found["loc"] else "", found.get("ctx", {}).get("tag")):
        if isinstance(text, str) and kind != "missing" and (odd := odd_in(text)) is not None:
            told = f"{text!r} holds {odd.name}"
            return Complaint("profile.odd_character", told, odd.remedy, {"given": odd.character})
    if kind in _BOUNDS:
        words, code, remedy = _BOUNDS[kind]
        limit = next(found["ctx"][key] for key in _LIMITS if key in found["ctx"])
        return Complaint(code, f"{given} {words} {limit}", remedy, {"limit": limit})
    if kind in ("float_parsing", "int_parsing", "float_type", "int_type", "int_from_float"):
        return _no_number(found, whole=kind.startswith("int"))
    tell = _TOLD.get(kind)
    if tell is not None:
        return tell(found, holder, where)
    code = "profile.type" if kind.endswith(("_type", "_parsing")) else "profile.value"
    message = str(found["msg"]).removeprefix("Value error, ")
    remedy = getattr(found.get("ctx", {}).get("error"), "remedy", "") or "correct the value"
    return Complaint(code, message, remedy, {"reason": message})


def nearest(word: Any, known: Iterable[str]) -> str:
    """The one of ``known`` that was meant by ``word``; '' where none is near."""
    plain, all_known = str(word).strip().lower().replace("-", "_").replace(" ", "_"), list(known)
    begin = [one for one in all_known if one.rsplit("_", 1)[0] in (plain, plain.rsplit("_", 1)[0])]
    return next(iter(get_close_matches(plain, all_known, 1, 0.7) or begin), "")


def _no_number(found: Any, *, whole: bool) -> Complaint:
    given = found.get("input")
    wanted = "whole number" if whole else "number"
    if given is None:
        return Complaint("profile.number", "nothing stands here", f"give a {wanted}", {"given": "null"})
    field = next((str(part) for part in reversed(found["loc"]) if isinstance(part, str)), "")
    remedy = number_remedy(given, field) if isinstance(given, str) else f"give a {wanted}"
    return Complaint("profile.number", f"{given!r} is no {wanted}", remedy, {"given": str(given)})


def _unknown_field(found: Any, holder: Any, where: str) -> Complaint:
    name, known = found["loc"][-1], _fields(holder, where)
    near = nearest(name, [one for one in known if not isinstance(holder, dict) or one not in holder])
    message = f"there is no field {name} here" + (f"; is {near} meant?" if near else "")
    remedy = f"write {near}" if near else f"remove it; known here: {', '.join(known)}"
    return Complaint("profile.unknown_field", message, remedy, {"near": near})


def _fields(holder: Any, where: str) -> list[str]:
    """What the mapping around a field may hold; nothing where this is not known here."""
    around: dict[str, type[BaseModel]] = {"": Profile, "limits": ProfileLimits}
    model = around.get(where)
    if isinstance(holder, dict) and isinstance(holder.get("step"), str):
        model = KINDS.get(holder["step"])
    if model is None:
        return []
    return [info.alias or name for name, info in model.model_fields.items()]


def _missing(found: Any, _holder: Any, _where: str) -> Complaint:
    name = found["loc"][-1]
    return Complaint("profile.missing_field", f"the field {name} is missing", f"add `{name}:` here")


def _unknown_step(found: Any, _holder: Any, _where: str) -> Complaint:
    word = found["ctx"]["tag"]
    near, known = nearest(word, KINDS), ", ".join(KINDS)
    message = f"there is no step {word!r}" + (f"; is {near} meant?" if near else "")
    remedy = f"write `step: {near}`" if near else f"use one of {known}"
    return Complaint("profile.step_type", message, remedy, {"known": known, "given": word, "near": near})


def _no_step(found: Any, _holder: Any, _where: str) -> Complaint:
    given = found.get("input")
    near = next((key for key in given if str(key).lower() in ("step", "type")), "") if given else ""
    message = "this step does not say what it is" + (f": {near} is not step" if near else "")
    facts = {"known": ", ".join(KINDS)}
    return Complaint("profile.step_type", message, "begin it with its kind, such as `step: rest`", facts)


def _choice(found: Any, _holder: Any, _where: str) -> Complaint:
    known = str(found["ctx"]["expected"])
    near = nearest(found.get("input"), re.findall(r"'([^']*)'", known))
    message = f"{found.get('input')!r} is not one of {known}" + (f"; is {near} meant?" if near else "")
    remedy = f"write {near}" if near else f"use one of {known}"
    return Complaint("profile.choice", message, remedy, {"known": known, "near": near})


def _wanted(what: str, remedy: str) -> Callable[[Any, Any, str], Complaint]:
    return lambda found, _holder, _where: Complaint(
        "profile.type", f"{_short(found.get('input'))} stands where {what} belongs", remedy
    )


def _short(given: Any) -> str:
    text = "nothing" if given is None else repr(given)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _valued(code: str, message: str, remedy: str) -> Callable[[Any, Any, str], Complaint]:
    return lambda _found, _holder, _where: Complaint(code, message, remedy, {"reason": message})


_FIELDS = _wanted("a mapping of fields", "write `name: value`, with a space behind the colon")
_LIST = _wanted("a list", "begin each item with `- ` (dash and space), or write [a, b]")
_YES_NO = _wanted("true or false", "write true or false")
_TEXT = _wanted("a text", "write the text in quotes")
_TOLD: dict[str, Callable[[Any, Any, str], Complaint]] = {
    "extra_forbidden": _unknown_field,
    "missing": _missing,
    "union_tag_invalid": _unknown_step,
    "union_tag_not_found": _no_step,
    "literal_error": _choice,
    "enum": _choice,
    "bool_type": _YES_NO, "bool_parsing": _YES_NO,
    "tuple_type": _LIST, "list_type": _LIST,
    "model_type": _FIELDS, "model_attributes_type": _FIELDS, "dict_type": _FIELDS,
    "string_type": _TEXT,
    "too_short": _valued("profile.value", "nothing stands here", "give at least one"),
    "string_pattern_mismatch": _valued(
        "profile.value", "this cannot be a name",
        "use small letters, digits, - and _, at most 40, and begin with a letter",
    ),
    "invalid_key": _valued(
        "profile.value", "a field's name must be a word", "write numbers with a decimal point, not a comma"
    ),
}  # fmt: skip
