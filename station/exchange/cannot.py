"""The refusal that all formats share."""

from __future__ import annotations

from typing import Any

from station.errors import UsageError


class CannotSay(UsageError):
    """``step`` counts from 1 in what is translated, 0 is the whole; ``kind`` is its type there."""

    code = "exchange.cannot_say"

    def __init__(
        self, step: int, kind: str, format: str, why: str, *,
        remedy: str = "", code: str | None = None, **params: Any,
    ) -> None:  # fmt: skip
        where = f"step {step} ({kind}): " if step else ""
        super().__init__(
            f"{format}: {where}{why}",
            remedy=remedy or "change the step, or leave it out",
            code=code,
            step=step,
            kind=kind,
            format=format,
            why=why,
            **params,
        )
