"""Rule sets, price tables and known facts from YAML files, checked strictly."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from station.diagnosis.decision import PriceTable, RuleSet
from station.diagnosis.history import HistoryRules, Intake
from station.models.rulebook.known import KnownFacts
from station.models.rulebook.yaml_file import read_part

_FOLDER = Path(__file__).parent
DEFAULT_RULES = _FOLDER / "default.yaml"
EXAMPLE_PRICES = _FOLDER / "example-prices.yaml"
HISTORY_RULES = _FOLDER / "history.yaml"

__all__ = [
    "DEFAULT_RULES",
    "EXAMPLE_PRICES",
    "HISTORY_RULES",
    "KnownFacts",
    "load_history_rules",
    "load_intake",
    "load_known_facts",
    "load_prices",
    "load_rules",
]


def load_rules(path: Path | None = None) -> RuleSet:
    """The rule set that ships, or one from a file. Raises DataError naming file, line, field and remedy."""
    return _default_rules() if path is None else read_part(RuleSet, path, code="data.rules")


@cache
def _default_rules() -> RuleSet:
    return read_part(RuleSet, DEFAULT_RULES, code="data.rules")


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
