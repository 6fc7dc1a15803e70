"""The checklist before a battery is connected: data, checked strictly, the site's own where it has one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from station.models.checklist.answers import Answers, Judged, judge
from station.models.checklist.model import Checklist, Effect, Item
from station.models.rulebook.yaml_file import read_part

DEFAULT = Path(__file__).parent / "default.yaml"

__all__ = ["DEFAULT", "Answers", "Checklist", "Effect", "Item", "Judged", "judge", "load_checklist"]


def load_checklist(path: Path | None = None) -> Checklist:
    """The checklist that ships, or a site's. Raises DataError naming file, line, field and remedy."""
    return _default() if path is None else read_part(Checklist, path, code="data.checklist")


@cache
def _default() -> Checklist:
    return read_part(Checklist, DEFAULT, code="data.checklist")
