"""The model card in Chinese: the figures of the English one under Chinese words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from station.diagnosis.soh.noise import OFFSET_V
from station.models.training.card import card_text

ASKED = ("training_table_sha256", "arrays_sha256", "seed", "training_rows")


@cache
def _words() -> dict[str, Any]:
    """Introduction, limits, headings by the English ones, and what stands in the cells of the tables."""
    text = files("station.models.training").joinpath("card_words_zh.json").read_text(encoding="utf-8")
    words: dict[str, Any] = json.loads(text)
    return words


def card_text_zh(info: Mapping[str, Any]) -> str:
    """The card of a model's ``info`` as Markdown, in Chinese."""
    _, *sections = card_text(info).strip().split("\n\n## ")
    words = _words()
    told = ["\n".join(words["intro"]).format(**{key: info[key] for key in ASKED})]
    for section in sections:
        heading, _, body = section.partition("\n")
        if heading in words["sections"]:
            told.append(_section(heading, body, info))
    told.append("\n".join(words["cells"]).format(held_out=_held_out(info), excluded=_excluded(info)))
    told.append("\n".join(words["limits"]))
    return "\n\n".join(told) + "\n"


def _section(heading: str, body: str, info: Mapping[str, Any]) -> str:
    words = _words()["sections"][heading]
    table = "\n".join(_row(line) for line in body.splitlines() if line.startswith("|"))
    said = "\n".join(words["before"]).format(types=info["types"], offset_mV=1000 * OFFSET_V)
    return "\n\n".join(part for part in (f"## {words['title']}", said, table) if part)


def _row(line: str) -> str:
    if line.startswith("|---"):
        return line
    parts = _words()["parts"]
    cells = (cell.strip() for cell in line.strip("|").split("|"))
    return f"| {' | '.join(parts.get(cell, cell) for cell in cells)} |"


def _held_out(info: Mapping[str, Any]) -> str:
    return "\n".join(f"- {name}：{'、'.join(cells)}" for name, cells in info["held_out_cells"].items())


def _excluded(info: Mapping[str, Any]) -> str:
    reasons = _words()["reasons"]  # a site's own words stay as they were written
    return "\n".join(f"- {cell}：{reasons.get(why, why)}。" for cell, why in info["excluded_cells"].items())
