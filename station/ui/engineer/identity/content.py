"""What the service tells of a code, as rows of the page's tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from station.ui.engineer.figures import NONE, local_time, percent, verdict_word
from station.ui.texts import Texts

Answer = dict[str, Any]
Rows = list[list[str]]
LEVELS: Final = ("vehicle", "pack", "module", "cell")
SAID: Final = (
    "level", "maker", "type_letter", "chemistry_hint", "spec", "trace", "made_on", "serial", "reuse_level",
    "extra", "check",
)  # fmt: skip
"""What a code may say, in this order."""
CORRECTABLE: Final = ("chemistry", "nominal_capacity_Ah", "level", "maker", "made_on")
HEADS: Final[dict[str, tuple[str, ...]]] = {
    "code": ("what", "value"),
    "links": ("from", "kind", "above", "below", "until", "who", "why"),
    "changes": ("time", "record", "field", "old", "new", "who", "why"),
    "conflicts": ("conflict", "about"),
}


def level_word(level: str | None, texts: Texts) -> str:
    """Vehicle, pack, module or cell."""
    return texts(f"ident.{level}") if level in LEVELS else texts("ident.no_level")


def title(told: Answer, texts: Texts) -> str:
    """The code with its kind and level."""
    parts = [told["code"], level_word(told["level"], texts), texts(f"ident.kind_{told['kind']}")]
    return " · ".join(parts if told["on_record"] else [*parts, texts("ident.not_on_record")])


def code_rows(told: Answer, texts: Texts, say: Callable[[str, dict[str, Any]], str]) -> Rows:
    """What the code itself says, what is on record of the battery, what a person should look at."""
    rows = [[f"△ {texts('ident.note')}", say(note["code"], note["params"])] for note in told["notes"]]
    decoded = told["decoded"]
    for name in SAID:
        if name in decoded and not (name in ("extra", "reuse_level") and not decoded[name]):
            rows.append([texts(f"ident.{name}"), _said(name, decoded[name], texts)])
    battery = told["battery"] or {}
    for name in CORRECTABLE:
        if battery.get(name) is not None:
            what = texts(_field_key(name))
            rows.append([texts("ident.given", what=what), _value(battery[name], texts)])
    if len(told["codes"]) > 1:
        rows.append([texts("ident.codes_all"), " → ".join(told["codes"])])
    return rows


def _said(name: str, value: Any, texts: Texts) -> str:
    if value in (None, ""):
        return texts("ident.unknown")
    if name in ("level", "reuse_level"):
        return level_word(value, texts)
    return texts(f"ident.check_{value}") if name == "check" else str(value)


def _field_key(name: str) -> str:
    return f"ident.given_{name}" if name in ("maker", "made_on") else f"ident.{name}"


def field_word(name: str, texts: Texts) -> str:
    """A field that is corrected."""
    return texts(_field_key(name))


def _value(value: Any, texts: Texts) -> str:
    if value is None:
        return texts("ident.unknown")
    if value in LEVELS:
        return level_word(str(value), texts)
    return f"{value:g}" if isinstance(value, float) else str(value)


def link_rows(told: Answer, texts: Texts) -> Rows:
    """What it sat in, what it held, which codes it had; oldest first, each once."""
    links = {link["id"]: link for link in told["links"]}
    return [
        [
            local_time(link["from_utc"]),
            texts(f"ident.kind_{link['kind']}"),
            link["parent"],
            link["child"],
            _ended(link, texts),
            link["who"],
            link["why"],
        ]
        for _, link in sorted(links.items())
    ]


def _ended(link: Answer, texts: Texts) -> str:
    if not link["until_utc"]:
        return NONE
    when = local_time(link["until_utc"])
    return texts("ident.ended", time=when, who=link["ended_by"], why=link["ended_why"])


def change_rows(changes: list[Answer], texts: Texts) -> Rows:
    """Old and new value, who, when and why."""
    return [
        [
            local_time(change["t_utc"]),
            change["key"],
            field_word(change["field"], texts),
            _value(change["old"], texts),
            _value(change["new"], texts),
            change["who"],
            change["why"],
        ]
        for change in changes
    ]


def test_rows(told: Answer, texts: Texts) -> Rows:
    """Newest first."""
    return [
        [
            local_time(run["started_utc"]),
            run["battery"],
            run["profile"],
            verdict_word({**run, "state": "ended"}, texts) if run["verdict"] else NONE,
            run["grade"] or NONE,
            percent(run["soh"]),
        ]
        for run in told["tests"]
    ]
