"""What can be made of a run's record on paper. Each is one entry; the routes are the service's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from station.service.client import ServiceClient
from station.ui.engineer.saving import save_document
from station.ui.texts import Texts


@dataclass(frozen=True)
class RunAction:
    """``do`` may block; it gives the sentence to show. The text ``page.do.<key>`` names it."""

    key: str
    do: Callable[[ServiceClient, str, Texts], str]


def _paper(kind: Literal["report", "certificate"]) -> RunAction:
    def do(client: ServiceClient, run_id: str, texts: Texts) -> str:
        content = client.content(f"/api/runs/{run_id}/{kind}.pdf", lang=texts.lang)
        path = save_document(f"{run_id}-{kind}-{texts.lang}.pdf", content)
        return texts("page.do.saved", file=str(path))

    return RunAction(kind, do)


def _label(client: ServiceClient, run_id: str, texts: Texts) -> str:
    client.post("/api/papers/label", {"run_id": run_id})
    return texts("page.do.printed")


ACTIONS: Final[list[RunAction]] = [_paper("report"), _paper("certificate"), RunAction("label", _label)]
"""In the order of the buttons."""
