"""The MES is asked before a start and told after an end; its silence loses nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from station.errors import DataError, StationError, UsageError
from station.evidence import station_key
from station.records import open_records
from station.service.mes import MesLink, ask_mes
from tests.station.service import fakes
from tests.station.service.running import request, running_service
from tests.station.sites.runs import ended_run


class Mes:
    """Answers what a test sets, and keeps what it was sent."""

    def __init__(self) -> None:
        self.status = 200
        self.answer: bytes = b'{"allow": true}'
        self.asked: list[tuple[str, str | None, dict[str, Any]]] = []
        mes = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                mes.asked.append((self.path, self.headers.get("Idempotency-Key"), json.loads(body)))
                self.send_response(mes.status)
                self.end_headers()
                self.wfile.write(mes.answer)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/mes"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def mes() -> Iterator[Mes]:
    there = Mes()
    yield there
    there.close()


def settings(data: Path, url: str, **more: Any) -> None:
    (data / "mes.yaml").write_text(json.dumps({"url": url, "timeout_s": 2, **more}))


def test_the_service_asks_and_starts_only_what_is_allowed(tmp_path: Path, mes: Mes) -> None:
    settings(tmp_path, mes.url)
    with running_service(fakes.config(tmp_path)) as client:
        mes.answer = b'{"allow": false, "reason": "lot 7 is on hold"}'
        with pytest.raises(UsageError) as forbidden:
            client.start_run(request("GOOD-1"))
        assert (forbidden.value.code, forbidden.value.params["reason"]) == (
            "mes.forbidden",
            "lot 7 is on hold",
        )
        assert client.runs() == []
        mes.answer = b'{"allow": true}'
        client.start_run(request("GOOD-1"))
    path, _, body = mes.asked[0]
    assert path == "/mes/ask"
    assert (body["channel"], body["battery"], body["profile"]) == ("1", "GOOD-1", "screen")
    assert (body["station"], body["bench"]) == (station_key(tmp_path).key_id, "testbench")


@pytest.mark.parametrize("answer", [b"", b"[]", b'{"allow": "yes"}', b"{}"])
def test_an_answer_that_is_none_refuses_or_allows_as_set(tmp_path: Path, mes: Mes, answer: bytes) -> None:
    mes.answer = answer
    settings(tmp_path, mes.url)
    with pytest.raises(StationError) as silent:
        ask_mes(tmp_path, {})
    assert silent.value.code == "mes.silent"
    settings(tmp_path, mes.url, when_silent="allow")
    assert ask_mes(tmp_path, {}) is not None


def test_nobody_there_and_wrong_settings(tmp_path: Path) -> None:
    assert ask_mes(tmp_path, {}) is None
    settings(tmp_path, "http://127.0.0.1:1")
    with pytest.raises(StationError):
        ask_mes(tmp_path, {})
    settings(tmp_path, "nonsense")
    with pytest.raises(DataError) as wrong:
        ask_mes(tmp_path, {})
    assert wrong.value.code == "mes.settings"


def test_ends_are_reported_once_each_and_again_after_trouble(tmp_path: Path, mes: Mes) -> None:
    settings(tmp_path, mes.url)
    link = MesLink(tmp_path)
    with open_records(tmp_path) as records:
        ended_run(records, "r1")
        mes.status = 503
        assert [code for code, _, _ in link.round(records)] == ["mes.waiting"]
        assert link.round(records) == []
        mes.status, mes.asked = 200, []
        assert link.round(records) == []
        assert link.round(records) == []
        [(path, key, body)] = mes.asked
        assert path == "/mes/report"
        assert key is not None
        assert key.endswith("/r1/1")
        assert body["run"]["verdict"] == "pass"
        records.update_run("r1", verdict="fail")
        mes.status = 422
        assert [code for code, _, _ in link.round(records)] == ["mes.refused"]
        assert records.unreported(limit=5) == []
