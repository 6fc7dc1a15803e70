"""The manufacturing execution system of a site: asked before a test starts, told when one has ended.

``DATA/mes.yaml``: ``url``, and what holds where the MES is silent. Asked: ``POST URL/ask`` with station,
bench, channel, profile and battery, answered by ``{"allow": true}`` or ``{"allow": false, "reason": "…"}``.
Told: ``POST URL/report`` with the run's document, ``Idempotency-Key`` the same for what is sent twice. The
MES can forbid a test; it can never allow what a check, a limit or the guard refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from station.errors import StationError, UsageError
from station.models.rulebook.yaml_file import read_part
from station.records import Records
from station.service.outgoing import Told

BATCH = 20


class MesSettings(BaseModel):
    """What ``DATA/mes.yaml`` holds."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(pattern=r"^https?://[^\s/]+(/\S*)?$")]
    token: str | None = None
    ask: bool = True
    report: bool = True
    when_silent: Literal["refuse", "allow"] = "refuse"
    timeout_s: Annotated[float, Field(gt=0, le=30)] = 3.0


class MesSilent(StationError):
    """It does not answer, or not as agreed."""

    code = "mes.silent"


def read_mes(data: Path) -> MesSettings | None:
    """None where there is no MES. Raises DataError (``mes.settings``)."""
    path = data / "mes.yaml"
    return read_part(MesSettings, path, code="mes.settings") if path.exists() else None


def ask_mes(data: Path, wanted: dict[str, Any]) -> str | None:
    """Ask whether a test may start. Returns why it was not asked well, None when it was allowed.

    Raises UsageError (``mes.forbidden``), MesSilent where silence refuses, DataError (``mes.settings``).
    """
    settings = read_mes(data)
    if settings is None or not settings.ask:
        return None
    from station.evidence import station_key

    station = station_key(data).key_id  # the name under which it is told of the end, too
    try:
        answer = _post(settings, "ask", {"station": station, **wanted}, key=None)
        body = answer.json()
        allowed, reason = body["allow"], str(body.get("reason", ""))[:200]
        if not isinstance(allowed, bool):
            raise TypeError("allow is neither true nor false")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if settings.when_silent == "allow":
            return str(error)
        raise MesSilent(
            f"the MES was asked for permission and does not answer: {error}",
            remedy="check the MES and the network; when_silent in mes.yaml decides what holds meanwhile",
            reason=str(error),
        ) from error
    if not allowed:
        raise UsageError(
            f"the MES forbids this test: {reason or 'no reason given'}",
            remedy="settle it with the MES, then start again",
            code="mes.forbidden",
            reason=reason,
        )
    return None


class MesLink:
    """Reports what has ended; at least once, and told apart by its key."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._silent = False

    def round(self, records: Records, stop: Callable[[], bool] = lambda: False) -> list[Told]:
        """Report what waits. Returns what is to be told."""
        told: list[Told] = []
        try:
            settings = read_mes(self._data)
            if settings is None or not settings.report:
                return []
            from station.evidence import station_key

            station = station_key(self._data).key_id
            while not stop() and (waiting := records.unreported(limit=BATCH)):
                for run_id, revision in waiting:
                    told += self._report(settings, records, station, run_id, revision)
            self._silent = False
        except (StationError, OSError) as error:
            if not self._silent:
                told.append(("mes.waiting", "warning", {"reason": str(error)}))
            self._silent = True
        return told

    @staticmethod
    def _report(
        settings: MesSettings, records: Records, station: str, run_id: str, revision: int
    ) -> list[Told]:
        from station.sites.document import run_document

        document = run_document(records, station, run_id, revision)
        answer = _post(settings, "report", document.text, key=f"{station}/{run_id}/{revision}")
        status = answer.status_code
        if status >= 500 or status in (408, 429):
            raise OSError(f"the MES answered {status}")
        records.mark_reported(run_id, revision)
        return [] if answer.is_success else [("mes.refused", "warning", {"run_id": run_id, "status": status})]


def _post(settings: MesSettings, what: str, body: dict[str, Any] | str, *, key: str | None) -> Any:
    """Raises OSError where nobody answers in time."""
    import httpx

    headers = {"Content-Type": "application/json"}
    if settings.token is not None:
        headers["Authorization"] = f"Bearer {settings.token}"
    if key is not None:
        headers["Idempotency-Key"] = key
    content = body if isinstance(body, str) else _json(body)
    url = f"{settings.url.rstrip('/')}/{what}"
    try:
        return httpx.post(url, content=content, headers=headers, timeout=settings.timeout_s)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OSError(str(error) or type(error).__name__) from error


def _json(body: dict[str, Any]) -> str:
    import json

    return json.dumps(body, ensure_ascii=False)
