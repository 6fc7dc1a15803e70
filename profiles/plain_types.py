"""Numbers, whole numbers and yes-or-no as they stand in a file: never a text that looks like one.

``true`` is no current of 1 A and ``"3"`` is no voltage of 3 V; the schema for editors says the same.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Strict
from pydantic_core import PydanticKnownError

__all__ = ["Number", "Whole", "YesNo"]


def _no_word(value: Any) -> Any:
    """What is no number at all; 3.0 stays a whole number, as expressions come to such."""
    if isinstance(value, (bool, str, bytes)):
        raise PydanticKnownError("int_type")
    return value


Number = Annotated[float, Strict()]
Whole = Annotated[int, BeforeValidator(_no_word)]
YesNo = Annotated[bool, Strict()]
