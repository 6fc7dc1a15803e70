"""Is the computer's clock believable? Compared with what this station has already written down."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SET_BACK_S = 2.0
"""Now may be so much earlier than the newest event: programs that write at once, and rounding."""
FAR_DAYS = 400.0
"""A station that was silent for longer is asked whether its clock is right."""
Finding = tuple[str, dict[str, Any]]


def check_clock(
    now: datetime, newest_event_utc: str | None, newest_file_unix_s: float | None = None
) -> list[Finding]:
    """Event codes with params; empty when the clock is believable.

    ``newest_event_utc`` is the newest time in the event log (ISO 8601), ``newest_file_unix_s`` that of the
    newest
    file among the runs. A clock that was set back is told, never corrected: order in the records does not
    depend on it (events and runs are numbered).
    """
    found: list[Finding] = []
    if newest_event_utc is not None:
        ahead_s = (datetime.fromisoformat(newest_event_utc) - now).total_seconds()
        if ahead_s > SET_BACK_S:
            found.append(("clock.set_back", {"by_s": round(ahead_s, 1), "newest_utc": newest_event_utc}))
        elif -ahead_s > FAR_DAYS * 86400:
            found.append(("clock.far", {"days": round(-ahead_s / 86400), "newest_utc": newest_event_utc}))
    if newest_file_unix_s is not None:
        ahead_s = newest_file_unix_s - now.timestamp()
        if ahead_s > SET_BACK_S:
            newest = datetime.fromtimestamp(newest_file_unix_s, UTC).isoformat(timespec="seconds")
            found.append(("clock.behind_files", {"by_s": round(ahead_s, 1), "newest_utc": newest}))
    return found


def newest_run_file_unix_s(data: Path) -> float | None:
    """When the folder of the newest run was last written to."""
    try:
        newest = max((path for path in (data / "runs").iterdir() if path.is_dir()), default=None)
        return None if newest is None else max((p.stat().st_mtime for p in newest.iterdir()), default=None)
    except OSError:
        return None
