"""The course, as the window and the command line ask for it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from station.service.client import ServiceClient


class TrainingClient:
    """Calls below ``/api/training``; each raises the station's own errors."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    def missions(self) -> list[dict[str, Any]]:
        """The course, in its order."""
        rows: list[dict[str, Any]] = self._client.get("/api/training/missions")["missions"]
        return rows

    def status(self) -> dict[str, Any]:
        """The present mission, or the newest."""
        return self._client.get("/api/training")

    def start(self, trainee: str, mission: str) -> dict[str, Any]:
        """Begin a mission; the one before is left."""
        return self._client.post("/api/training", {"trainee": trainee, "mission": mission})

    def say(self, kind: str, value: str = "") -> dict[str, Any]:
        """``answer`` with its choice, ``mended``, or ``estop``."""
        return self._client.post("/api/training/say", {"kind": kind, "value": value})

    def end(self) -> dict[str, Any]:
        """Leave the mission."""
        return self._client.post("/api/training/end")

    def trainees(self) -> list[str]:
        """Who has a result sheet."""
        names: list[str] = self._client.get("/api/training/sheets")["trainees"]
        return names

    def sheet(self, trainee: str, lang: str) -> dict[str, Any]:
        """``sheet``: everything that is kept; ``page``: what a printed sheet says in ``lang``."""
        return self._client.get(f"/api/training/sheets/{quote(trainee, safe='')}?lang={lang}")
