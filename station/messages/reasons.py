"""Why a result has no verdict or no number, as a code of the catalogues with its facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from station.messages.catalogue import Message, codes, say

HOLDS_THE_LIMIT: Final = "reason.holds_the_limit"


class Reason(NamedTuple):
    """``text`` is what the result itself says, in English."""

    code: str
    params: dict[str, Any]
    text: str

    def said(self, lang: str) -> Message:
        """In words of ``lang``; what the catalogue does not have is said as it came."""
        return say(self.code, self.params, lang, fallback=self.text)


def reason_of(result: Mapping[str, Any]) -> Reason | None:
    """The reason that a result, or one block of it, gives; None where it gives none.

    A diagnosis names its own reasons; where none was made the reason is how the run ended; a number without
    a reason's code is one whose interval holds the limit of reuse.
    """
    code, text = result.get("reason_code"), result.get("reason")
    if not code and not text:
        return None
    if code and f"reason.{code}" in codes("en"):
        return Reason(f"reason.{code}", {}, str(text or code))
    error = result.get("error") or {}
    if code:
        params = error.get("params") if error.get("code") == code else None
        return Reason(str(code), dict(params or {}), str(text or code))
    if result.get("soh"):
        return Reason(HOLDS_THE_LIMIT, {}, str(text))
    return Reason(str(text), {}, str(text))
