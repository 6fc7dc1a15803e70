"""The Chinese model card has every figure of the English one, and no English sentence."""

from __future__ import annotations

import re

from station.models.in_use import DEFAULT_FOLDER
from station.models.store import read_header
from station.models.training.card import card_text
from station.models.training.card_zh import card_text_zh


def test_same_figures_in_chinese_words() -> None:
    info = read_header(DEFAULT_FOLDER)
    english, chinese = card_text(info), card_text_zh(info)
    rows = [line for line in english.splitlines() if re.match(r"\| [A-Z]+ [\d.]+ Ah ", line)]
    told = [line for line in chinese.splitlines() if re.match(r"\| [A-Z]+ [\d.]+ Ah ", line)]
    assert len(rows) == len(told) > 100
    for row, same in zip(rows, told, strict=True):
        figures = [cell for cell in row.split("|") if re.fullmatch(r"[\d.:·/ –]+", cell)]
        assert figures
        assert all(cell in same.split("|") for cell in figures)
    assert chinese.count("\n## ") == english.count("\n## ")
    limits = chinese.rpartition("## 局限")[2], english.rpartition("## Limits")[2]
    assert limits[0].count("\n- ") == limits[1].count("\n- ") > 5
    assert info["excluded_cells"]
    assert not [line for line in chinese.splitlines() if re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", line)]
