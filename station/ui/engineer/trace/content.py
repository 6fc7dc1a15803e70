"""The queue and its templates as rows."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from station.ui.engineer.figures import NONE
from station.ui.engineer.table import breakable
from station.ui.texts import Texts
from station.ui.words import WORDS

Item = dict[str, Any]
COLUMNS: Final = ("urgency", "due", "left", "template", "battery", "about", "state", "batch", "receipt", "by")
TEMPLATE_COLUMNS: Final = ("template", "deadline", "columns", "evidence")
SIGNS: Final = {"overdue": "✕ ", "soon": "△ "}
GIVEN: Final = "given."


def title_of(name: str, templates: list[Item], lang: str) -> str:
    """A template's title; its name where it has none in this language, or is gone."""
    for template in templates:
        if template["name"] == name:
            return str(template["title"].get(lang) or name)
    return name


def item_cells(item: Item, templates: list[Item], texts: Texts) -> list[str]:
    """One row of the queue."""
    battery, _, about = item["subject"].partition("|")
    left = item["days_left"]
    return [
        SIGNS.get(item["urgency"], "") + texts(f"trace.{item['urgency']}"),
        item["due_on"] or NONE,
        NONE if left is None or item["state"] == "confirmed" else texts("trace.days", count=left),
        title_of(item["template"], templates, texts.lang),
        breakable(battery),
        breakable(about),
        state_word(item, texts),
        _parts(item["batch"]),
        item["receipt"] or NONE,
        item["changed_by"],
    ]


def _parts(batch: str | None) -> str:
    return (batch or NONE).replace("-", "-\u200b").replace("_", "_\u200b")


def state_word(item: Item, texts: Texts) -> str:
    """Where it stands; what waits once more after a refusal says so."""
    if item["state"] == "waiting" and item["receipt"]:
        return "✕ " + texts("trace.refused")
    return ("△ " if item["state"] == "exporting" else "") + texts(f"trace.{item['state']}")


def counts(items: list[Item], texts: Texts) -> str:
    """What is urgent, in one line."""
    if not items:
        return texts("trace.nothing")
    urgency = Counter(item["urgency"] for item in items)
    cut_off = len({item["batch"] for item in items if item["state"] == "exporting"})
    return texts("trace.counts", overdue=urgency["overdue"], soon=urgency["soon"], cut_off=cut_off)


def given_fields(template: Item) -> list[tuple[str, bool]]:
    """What a person must or may say: name, and whether it must be given."""
    return [
        (column["from"].removeprefix(GIVEN), column["required"])
        for column in template["columns"]
        if (column["from"] or "").startswith(GIVEN)
    ]


def given_name(name: str, texts: Texts) -> str:
    """What a field of the shipped templates is called, with the name that a refusal calls it by.

    One of the site's own templates goes by its own name.
    """
    key = f"trace.given.{name}"
    return f"{texts(key)} · {name}" if key in WORDS else name


def template_cells(template: Item, texts: Texts) -> list[str]:
    """One row of the list of templates."""
    deadline = template["deadline"]
    names = (column["name"] + ("*" if column["required"] else "") for column in template["columns"])
    return [
        f"{template['title'].get(texts.lang) or template['name']}\n{template['name']}",
        texts("trace.working_days", count=deadline["working_days"], basis=_said(deadline, "basis", texts))
        if deadline
        else texts("trace.no_deadline"),
        ", ".join(breakable(name) for name in names),
        _said(template, "evidence", texts),
    ]


def _said(part: Item, field: str, texts: Texts) -> str:
    """In Chinese where the page is and the template says it."""
    return str((texts.lang == "zh" and part.get(f"{field}_zh")) or part[field])
