"""Times and figures as the engineer pages write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from station.ui.texts import Texts

NONE = "–"


def local_time(utc: str | None, *, seconds: bool = False) -> str:
    """A recorded time (ISO 8601, UTC) on this computer's clock."""
    if not utc:
        return NONE
    moment = datetime.fromisoformat(utc.replace("Z", "+00:00")).astimezone()
    return moment.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def day_begins(text: str, *, days_later: int = 0) -> str | None:
    """The UTC moment at which a day typed as ``2026-11-28`` begins here; None for nothing.

    Raises ValueError when it is no day.
    """
    if not text.strip():
        return None
    day = datetime.strptime(text.strip(), "%Y-%m-%d") + timedelta(days=days_later)
    return day.astimezone().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def percent(fraction: float | None) -> str:
    """A fraction as per cent with one decimal."""
    return NONE if fraction is None else f"{fraction * 100:.1f} %"


def interval(soh: float | None, low: float | None, high: float | None) -> str:
    """SOH with its 90 % interval."""
    if soh is None or low is None or high is None:
        return NONE
    return f"{soh * 100:.1f} % ({low * 100:.1f}–{high * 100:.1f})"


def milliohm(ohm: float | None) -> str:
    """A resistance in mΩ."""
    return NONE if ohm is None else f"{ohm * 1000:.3f}"


def verdict_word(row: dict[str, Any], texts: Texts) -> str:
    """How a run ended, in one word, with a sign for what is not good."""
    verdict = row.get("verdict")
    if verdict:
        sign = {"fail": "✕ ", "quarantine": "! ", "no_verdict": "? "}.get(verdict, "")
        return sign + texts(f"verdict.{verdict}")
    if row.get("state") != "ended":
        return texts(f"page.run.{row.get('state')}")
    if row.get("outcome") == "stopped":
        return texts("page.run.stopped")
    return "✕ " + texts("state.fault")
