"""A real client over a wire that gives recorded answers: every engineer page with data, at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx

from station.service.client import ServiceClient
from station.service.paths import ServiceAddress

ANSWERS: Final = Path(__file__).with_name("answers.json")
"""Written by ``python -m tests.ui.engineer.record``."""
ARCHIVE_ANSWERS: Final = Path(__file__).with_name("archive_answers.json")
"""Written by ``python -m tests.ui.engineer.record_archive``."""
MEANT: Final = ("lang", "version")
"""Parts of a query that make another question; limits and spans of time do not."""


def key_of(method: str, path: str, query: Mapping[str, Any]) -> str:
    """Under which name an answer is kept."""
    meant = "&".join(f"{name}={query[name]}" for name in MEANT if query.get(name))
    return f"{method} {path}" + (f"?{meant}" if meant else "")


@cache
def answers() -> dict[str, Any]:
    """Everything that is recorded, by its key."""
    known: dict[str, Any] = {}
    for file in (ANSWERS, ARCHIVE_ANSWERS):
        known |= json.loads(file.read_text(encoding="utf-8"))
    return known


class AnsweringClient(ServiceClient):
    """``variant``: of what was recorded twice, the answers with this mark."""

    def __init__(self) -> None:
        super().__init__(ServiceAddress(host="127.0.0.1", port=1, token="none", pid=0))
        self._http.close()
        self.variant = ""
        self._http = httpx.Client(base_url="http://recorded", transport=httpx.MockTransport(self._answer))

    def _answer(self, asked: httpx.Request) -> httpx.Response:
        key = key_of(asked.method, asked.url.path, dict(asked.url.params.multi_items()))
        known = answers()
        if asked.url.path == "/api/history/compare":
            wanted = asked.url.params.get_list("run")
            found = {"runs": [known[f"GET /api/runs/{run_id}"] for run_id in wanted]}
            return httpx.Response(200, json=found)
        found = known.get(key + self.variant, known.get(key))
        if found is None:
            raise AssertionError(f"nothing is recorded for {key}")
        if found.keys() == {"error"}:
            return httpx.Response(404, json=found)
        return httpx.Response(200, json=found)
