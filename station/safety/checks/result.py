"""What one rule answers, whether it refuses or not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from station.errors import CheckFailed


@dataclass(frozen=True)
class CheckResult:
    """One rule's answer; ``limit`` is a number, a pair or a word, ``source`` whose limit it is.

    ``warning`` is the code of what is told although nothing is refused; ``mild`` tells it as information
    only. ``facts`` are further facts of the case for the record.
    """

    rule: str
    ok: bool
    value: float | None = None
    limit: Any = None
    unit: str = ""
    message: str = ""
    remedy: str = ""
    source: str = ""
    warning: str = ""
    mild: bool = False
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def event(self) -> str:
        """The code under which the result is told."""
        return self.warning if self.ok and self.warning else "engine.check"

    @property
    def level(self) -> str:
        """``alarm`` for a refusal, ``warning`` or ``info`` otherwise."""
        if not self.ok:
            return "alarm"
        return "warning" if self.warning and not self.mild else "info"

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the journal; words only where something is wrong."""
        data: dict[str, Any] = {"rule": self.rule, "ok": self.ok, "value": self.value, "limit": self.limit}
        data |= {"unit": self.unit, "source": self.source}
        if not self.ok:
            data |= {"message": self.message, "remedy": self.remedy}
        return {**data, **self.facts}

    def error(self) -> CheckFailed:
        """The refusal that this result is."""
        return CheckFailed(
            f"{self.rule}: {self.message}",
            remedy=self.remedy,
            code=f"safety.check.{self.rule}",
            rule=self.rule,
            value=self.value,
            limit=self.limit,
            unit=self.unit,
            source=self.source,
            **self.facts,
        )


def require(results: Iterable[CheckResult]) -> None:
    """Raise CheckFailed for the first result that is not ok."""
    for result in results:
        if not result.ok:
            raise result.error()
