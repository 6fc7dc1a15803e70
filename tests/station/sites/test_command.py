"""A station joins a site, tells it, and anybody finds and checks the runs there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from station.cli.main import app
from station.records import open_records
from station.service.site_link import SiteLink
from station.sites.settings import settings_path
from tests.station.sites.runs import ended_run


def said(*words: str, code: int = 0) -> dict[str, object]:
    answer = CliRunner().invoke(app, ["site", *words])
    assert answer.exit_code == code, (answer.output, answer.exception)
    found: dict[str, object] = json.loads(answer.stdout) if "--json" in words else {"text": answer.stdout}
    return found


def test_join_forward_search_verify_leave(site_url: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with open_records(data) as records:
        ended_run(records, "r1", verdict="fail")
    where = ["--data", str(data), "--json"]
    joined = said("join", site_url, *where)
    assert settings_path(data).stat().st_mode & 0o077 == 0
    assert said("status", *where)["waiting"] == 1
    assert said("forward", *where)["new"] == 1
    assert said("status", *where)["waiting"] == 0
    rows = said("search", "--verdict", "fail", *where)["runs"]
    assert isinstance(rows, list)
    assert [(row["station"], row["run_id"]) for row in rows] == [(joined["station"], "r1")]
    assert said("verify", "--url", site_url, "--json")["checked"] == 1
    said("leave", "--data", str(data))
    assert said("status", *where)["site"] is None


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/site"])
def test_what_is_no_site_is_refused(url: str, tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["site", "join", url, "--data", str(tmp_path)])
    assert answer.exit_code != 0
    assert not settings_path(tmp_path).exists()


def test_a_running_service_tells_trouble_once_and_goes_on(tmp_path: Path) -> None:
    settings_path(tmp_path).write_text('{"url": "postgresql+psycopg://pulse@127.0.0.1:1/site"}')
    with open_records(tmp_path) as records:
        ended_run(records, "r1")
        link = SiteLink(tmp_path)
        assert [code for code, _, _ in link.round(records)] == ["site.waiting"]
        assert link.round(records) == []
        site = f"sqlite:///{(tmp_path / 'site.sqlite').as_posix()}"
        settings_path(tmp_path).write_text(json.dumps({"url": site}))
        assert [(code, params["count"]) for code, _, params in link.round(records)] == [("site.forwarded", 1)]
        assert link.round(records) == []
