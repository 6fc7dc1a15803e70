"""One way to refuse a setting: name it, the value, and the range. Nothing is sent."""

from __future__ import annotations

from drivers.capabilities import Span
from drivers.errors import OutOfRange

# Settings arrive as sums and products of floats; a thousandth of a millionth is no excess.
_ROUNDING = 1e-9


def require_in(value: float, span: Span, what: str, unit: str, address: str, limit_of: str) -> None:
    """Raise OutOfRange unless ``span.low <= value <= span.high`` (NaN never is)."""
    slack = _ROUNDING * max(1.0, abs(span.low), abs(span.high))
    if not span.low - slack <= value <= span.high + slack:
        raise OutOfRange(
            f"{address}: {what} {value:g} {unit} is outside "
            f"{span.low:g} to {span.high:g} {unit} ({limit_of})",
            remedy="Ask for less, or use an instrument with a wider range.",
            address=address,
            quantity=what,
            value=value,
            low=span.low,
            high=span.high,
        )
