"""What can be made of a run's record on paper. Each is one entry; the routes are the service's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QStandardPaths

from station.errors import StationError
from station.service.client import ServiceClient
from station.ui.texts import Texts


@dataclass(frozen=True)
class RunAction:
    """``do`` may block; it gives the sentence to show. The text ``page.do.<key>`` names it."""

    key: str
    do: Callable[[ServiceClient, str, Texts], str]


def _paper(kind: Literal["report", "certificate"]) -> RunAction:
    def do(client: ServiceClient, run_id: str, texts: Texts) -> str:
        content = client.content(f"/api/runs/{run_id}/{kind}.pdf", lang=texts.lang)
        place = Path(
            QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or "."
        )
        path = place / f"{run_id}-{kind}-{texts.lang}.pdf"
        try:
            place.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            raise StationError(f"{path}: {error.strerror or error}", code="ui.request_failed") from error
        return texts("page.do.saved", file=str(path))

    return RunAction(kind, do)


def _label(client: ServiceClient, run_id: str, texts: Texts) -> str:
    client.post("/api/papers/label", {"run_id": run_id})
    return texts("page.do.printed")


ACTIONS: Final[list[RunAction]] = [_paper("report"), _paper("certificate"), RunAction("label", _label)]
"""In the order of the buttons."""
