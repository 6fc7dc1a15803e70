"""Rule sets, price tables and known facts from YAML files, checked strictly."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from station.diagnosis.cells import CellRules
from station.diagnosis.decision import PriceTable, RuleSet
from station.diagnosis.history import HistoryRules, Intake
from station.models.rulebook.known import KnownFacts
from station.models.rulebook.shelf import DEFAULT_RULES, EXAMPLE_PRICES, RuleShelf, rules_folder
from station.models.rulebook.yaml_file import read_part

_FOLDER = Path(__file__).parent
HISTORY_RULES = _FOLDER / "history.yaml"
CELL_RULES = _FOLDER / "cells.yaml"

__all__ = [
    "CELL_RULES",
    "DEFAULT_RULES",
    "EXAMPLE_PRICES",
    "HISTORY_RULES",
    "KnownFacts",
    "RuleShelf",
    "load_cell_rules",
    "load_history_rules",
    "load_intake",
    "load_known_facts",
    "load_prices",
    "load_rules",
    "prices_in_use",
    "rules_folder",
]


def load_rules(path: Path | None = None) -> RuleSet:
    """The rule set in use, or one from a file. Raises DataError naming file, line, field and remedy.

    In use is what a person has installed here (``STATION_RULES``), else the one that ships.
    """
    if path is not None:
        return read_part(RuleSet, path, code="data.rules")
    folder = rules_folder()
    return RuleShelf.shipped_rules() if folder is None else RuleShelf(folder).rules()


def prices_in_use() -> PriceTable | None:
    """The price table that a person has installed here; None where there is none. Raises DataError."""
    folder = rules_folder()
    return None if folder is None else RuleShelf(folder).prices()


def load_prices(path: Path | str) -> PriceTable:
    """A price table from a file; ``example`` is the one that ships, which nobody may trade by.

    Raises DataError naming file, line, field and remedy.
    """
    return read_part(PriceTable, EXAMPLE_PRICES if str(path) == "example" else Path(path), code="data.prices")


def load_known_facts(path: Path) -> KnownFacts:
    """What a person knows of one battery. Raises DataError naming file, line, field and remedy."""
    return read_part(KnownFacts, path, code="data.facts")


def load_history_rules(path: Path | None = None) -> HistoryRules:
    """How the past counts: the figures that ship, or those of a file.

    Raises DataError naming file, line, field and remedy.
    """
    if path is None:
        return _default_history_rules()
    return read_part(HistoryRules, path, code="data.history_rules")


@cache
def _default_history_rules() -> HistoryRules:
    return read_part(HistoryRules, HISTORY_RULES, code="data.history_rules")


def load_intake(path: Path) -> Intake:
    """What is known of a battery's past. Raises DataError naming file, line, field and remedy."""
    return read_part(Intake, path, code="data.intake")


def load_cell_rules(path: Path | None = None) -> CellRules:
    """When a cell is weak or dead and how far to take a pack apart: what ships, or a file.

    Raises DataError naming file, line, field and remedy.
    """
    return _default_cell_rules() if path is None else read_part(CellRules, path, code="data.cell_rules")


@cache
def _default_cell_rules() -> CellRules:
    return read_part(CellRules, CELL_RULES, code="data.cell_rules")
