"""Rule sets and price tables that a person has installed: kept in versions, one of each in use.

Version 0 is what ships: the rule set, and no prices at all, because the table that ships is nobody's offer.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from station.diagnosis.decision import PriceTable, RuleSet, fingerprint, plain
from station.errors import DataError
from station.models.rulebook.yaml_file import check_part, parse_part, read_part
from station.versions import Version, Versions, difference

_FOLDER = Path(__file__).parent
DEFAULT_RULES = _FOLDER / "default.yaml"
EXAMPLE_PRICES = _FOLDER / "example-prices.yaml"
ENVIRONMENT = "STATION_RULES"

Kind = Literal["rules", "prices"]
_KINDS: Final[Mapping[str, tuple[type[RuleSet] | type[PriceTable], str, Path]]] = {
    "rules": (RuleSet, "data.rules", DEFAULT_RULES),
    "prices": (PriceTable, "data.prices", EXAMPLE_PRICES),
}


def rules_folder() -> Path | None:
    """Where this process finds installed rules: STATION_RULES, else ``rules`` in STATION_DATA, else None."""
    if os.environ.get(ENVIRONMENT):
        return Path(os.environ[ENVIRONMENT]).expanduser()
    data = os.environ.get("STATION_DATA")
    return Path(data).expanduser() / "rules" if data else None


class RuleShelf:
    """The rule sets and price tables of a folder."""

    def __init__(self, folder: Path) -> None:
        self.kept = Versions(folder)

    @staticmethod
    @cache
    def shipped_rules() -> RuleSet:
        """The rule set that ships."""
        return read_part(RuleSet, DEFAULT_RULES, code="data.rules")

    def rules(self) -> RuleSet:
        """The rule set in use. Raises DataError where its file was changed."""
        version = self.kept.in_use("rules")
        if version is None:
            return self.shipped_rules()
        return read_rules(self.kept.read("rules"), str(self.kept.path("rules", version.number)))

    def prices(self) -> PriceTable | None:
        """The price table in use; None where none is. Raises DataError."""
        version = self.kept.in_use("prices")
        if version is None:
            return None
        return read_prices(self.kept.read("prices"), str(self.kept.path("prices", version.number)))

    def text(self, kind: Kind, number: int | None = None) -> str:
        """The text of a version; of the one in use by default, or of what ships (0)."""
        if number is None and self.kept.in_use(kind) is None:
            number = 0
        return _KINDS[kind][2].read_text(encoding="utf-8") if number == 0 else self.kept.read(kind, number)

    def check(self, kind: Kind, text: str) -> tuple[dict[str, Any] | None, list[DataError]]:
        """What a rule set or price table says of itself, or None and what is wrong with it."""
        document, code, _ = _KINDS[kind]
        found, problems = check_part(document, text, kind, code=code)
        return (None if found is None else describe(found)), problems

    def diff(self, kind: Kind, text: str, number: int | None = None) -> list[str]:
        """What ``text`` changes against a version, as lines of a unified diff."""
        label = "in use" if number is None else f"v{number}"
        return difference(self.text(kind, number), text, (f"{kind} {label}", "text"))

    def install(self, kind: Kind, text: str, who: str, why: str) -> Version:
        """Keep ``text`` as the next version and decide by it from now on. Raises DataError, UsageError."""
        read_rules(text) if kind == "rules" else read_prices(text)
        return self.kept.add(kind, text, who, why)

    def use(self, kind: Kind, number: int, who: str, why: str) -> Version:
        """Decide by an earlier version again; 0 is what ships. Raises UsageError, DataError."""
        return self.kept.use(kind, number, who, why)


def describe(found: RuleSet | PriceTable) -> dict[str, Any]:
    """What a rule set or price table says, in short."""
    head = {"name": found.name, "version": found.version, "sha256": fingerprint(plain(found))}
    if isinstance(found, RuleSet):
        return {
            **head,
            "grades": {grade.grade: grade.soh_min.value for grade in found.grades},
            "uses": [use.use for use in found.uses if use.blocked is None],
            "blocked": [use.use for use in found.uses if use.blocked is not None],
            "findings": [rule.finding for rule in found.safety],
        }
    return {
        **head,
        "example": found.example,
        "dated": str(found.dated),
        "max_age_days": found.max_age_days,
        "currency": found.currency,
        "reuse": [price.use for price in found.reuse],
        "recycling": [route.route for route in found.recycling],
    }


@lru_cache(maxsize=4)
def read_rules(text: str, name: str = "rules") -> RuleSet:
    """The rule set that ``text`` is. Raises DataError."""
    return parse_part(RuleSet, text, name, code="data.rules")


@lru_cache(maxsize=4)
def read_prices(text: str, name: str = "prices") -> PriceTable:
    """The price table that ``text`` is. Raises DataError."""
    return parse_part(PriceTable, text, name, code="data.prices")
