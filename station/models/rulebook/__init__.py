"""Rule sets, price tables and known facts from YAML files, checked strictly."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from station.diagnosis.decision import PriceTable, RuleSet
from station.models.rulebook.known import KnownFacts
from station.models.rulebook.yaml_file import read_part

_FOLDER = Path(__file__).parent
DEFAULT_RULES = _FOLDER / "default.yaml"
EXAMPLE_PRICES = _FOLDER / "example-prices.yaml"

__all__ = [
    "DEFAULT_RULES",
    "EXAMPLE_PRICES",
    "KnownFacts",
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
