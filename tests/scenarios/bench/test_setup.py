"""Profiles, set-up, calibration, rules and models through a real service on a simulated bench."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import profiles
from station.errors import StationError
from station.models.rulebook import DEFAULT_RULES, EXAMPLE_PRICES
from station.records import open_records
from station.service.client import ServiceClient
from station.service.persons import add_person
from tests.scenarios.bench.setup_window import EngineerWindow
from tests.scenarios.bench.stand import Stand, ended, marking, start, wait_until

RAPID = profiles.locate("rapid").read_text(encoding="utf-8")
MINE = RAPID.replace("name: rapid", "name: mine")


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with marking(), Stand(tmp_path_factory.mktemp("setup"), speed=20.0) as made:
        with open_records(made.data) as records:
            add_person(records, "test", "Erika", "engineer", "471108", None)
            add_person(records, "test", "Otto", "operator", "471208", None)
        yield made
        made.stop()


@pytest.fixture(scope="module")
def client(stand: Stand) -> ServiceClient:
    made = stand.client()
    made.login(name="Erika", pin="471108")
    return made


def refused(call: Any, *arguments: Any) -> str:
    with pytest.raises(StationError) as caught:
        call(*arguments)
    return caught.value.code


def codes(stand: Stand) -> list[str]:
    with open_records(stand.data) as records:
        return [event["code"] for event in records.events()]


def test_a_check_tells_every_problem_and_who_can_run_it(client: ServiceClient) -> None:
    text = RAPID.replace("rest_s: 75", "rest_s: 0, speed: 3")
    answer = client.post("/api/profiles/check", {"text": text})
    told = [(one["code"], one["params"]["line"], one["params"]["field"]) for one in answer["problems"]]
    assert told == [
        ("profile.too_small", 13, "steps[2].rest_s"),
        ("profile.unknown_field", 13, "steps[2].speed"),
    ]
    body = {"text": RAPID, "nominal_capacity_Ah": 100.0, "chemistry": "LFP", "channels": True}
    answer = client.post("/api/profiles/check", body)
    assert answer["ok"]
    assert answer["timeline"]["duration_s"] == 175.0
    by_channel = {row["channel"]: row for row in answer["channels"]}
    assert by_channel["1"]["ok"]
    assert [one["code"] for one in by_channel["2"]["problems"]] == ["profile.beyond_limits"]


def test_own_profiles_are_kept_in_versions_and_tests_run_by_the_newest(
    stand: Stand, client: ServiceClient
) -> None:
    assert refused(client.post, "/api/profiles", {"text": RAPID, "why": "mine"}) == "profile.shipped"
    assert refused(client.post, "/api/profiles", {"text": MINE, "why": " "}) == "version.unsigned"
    assert client.post("/api/profiles", {"text": MINE, "why": "a start"})["number"] == 1
    shorter = MINE.replace("rest_s: 75", "rest_s: 20")
    assert client.post("/api/profiles", {"text": shorter, "why": "shorter"})["number"] == 2
    told = client.get("/api/profiles/mine")
    assert told["text"] == shorter
    assert [(one["number"], one["who"], one["why"]) for one in told["versions"]] == [
        (1, "Erika", "a start"),
        (2, "Erika", "shorter"),
    ]
    assert client.get("/api/profiles/mine?version=1")["text"] == MINE
    lines = client.post("/api/profiles/diff", {"text": shorter, "name": "mine", "version": 1})["lines"]
    assert any(line.startswith("-") and "75" in line for line in lines)
    listed = {row["name"]: row for row in client.bench()["profiles"]}
    assert (listed["mine"]["own"], listed["mine"]["duration_s"]) == (True, 65.0)
    stand.ask("speed", value=2.0)
    run_id = start(client, "mine", "1")
    # A test runs: what it uses is not touched, and says so.
    wait_until(lambda: "1" in client.get("/api/setup")["busy"], "the test begins")
    mine = {stand.bench.channel("1").power.address, *(s.address for s in stand.bench.channel("1").sensors)}
    assert mine <= set(client.get("/api/setup/in-use")["addresses"])
    rows = client.post("/api/setup/ask")["instruments"]
    states = {row["place"]: row["state"] for row in rows}
    assert (states["channel 1 power"], states["guard relay"]) == ("in_use", "in_use")
    assert states["channel 3 power"] == "answered"
    found = client.post("/api/setup/discover", {"lan": [stand.bench.channel("1").power.address], "kinds": []})
    assert [one["state"] for one in found["found"]] == ["in_use"]
    client.stop("1")
    assert ended(client, run_id)["profile"] == "mine"
    stand.ask("speed", value=20.0)
    client.acknowledge("1")
    assert {"profile.saved", "setup.asked", "setup.discovered"} <= set(codes(stand))


def test_nobody_below_an_engineer_changes_anything(stand: Stand) -> None:
    calls = {
        "/api/profiles": {"text": MINE, "why": "x"},
        "/api/setup/ask": None,
        "/api/setup/discover": {},
        "/api/setup/file": {"text": "", "why": "x"},
        "/api/calibration": {"address": "", "calibration": {}, "why": "x"},
        "/api/rules/rules": {"text": "", "why": "x"},
        "/api/rules/prices/use": {"version": 0, "why": "x"},
        "/api/models/compare": {"candidate": "x", "cells": "x"},
        "/api/models/adopt": {"candidate": "x", "why": "x"},
        "/api/models/back": {"why": "x"},
    }
    with stand.client() as nobody:
        assert {refused(nobody.post, path, body) for path, body in calls.items()} == {"person.session"}
        nobody.login(name="Otto", pin="471208")
        assert {refused(nobody.post, path, body) for path, body in calls.items()} == {"person.role"}


def test_discovery_names_the_driver_and_the_identity(stand: Stand, client: ServiceClient) -> None:
    address = stand.bench.channel("3").power.address
    answer = client.post("/api/setup/discover", {"lan": [address], "kinds": []})
    (found,) = answer["found"]
    assert (found["state"], found["driver"]) == ("answered", "delta-sm15k")
    assert found["identity"]["model"].startswith("SM")
    assert f"address: {address}" in answer["entries"]


def test_the_bench_file_is_checked_before_it_is_written_and_the_former_one_kept(
    stand: Stand, client: ServiceClient
) -> None:
    told = client.get("/api/setup")
    assert not told["file"]["pending"]
    text = told["file"]["text"]
    broken = text.replace("power_max_W: ", "power_max_kW: ", 1)
    check = client.post("/api/setup/check", {"text": broken})
    assert not check["ok"]
    assert all(one["params"]["line"] for one in check["problems"])
    assert refused(client.post, "/api/setup/file", {"text": broken, "why": "x"}) == "bench.missing_field"
    renamed = text.replace("name: demo", "name: other", 1)
    assert refused(client.post, "/api/setup/file", {"text": renamed, "why": "x"}) == "bench.renamed"
    assert stand.file.read_text(encoding="utf-8") == text
    lower = text.replace("discharge_current_max_A: 200", "discharge_current_max_A: 150")
    assert lower != text
    written = client.post("/api/setup/file", {"text": lower, "why": "weaker cables"})
    assert written["at_next_start"]
    told = client.get("/api/setup")["file"]
    assert told["pending"]
    assert [line["why"] for line in told["versions"]] == ["as it was before", "weaker cables"]
    assert stand.file.read_text(encoding="utf-8") == lower
    client.post("/api/setup/file", {"text": text, "why": "back"})
    assert not client.get("/api/setup")["file"]["pending"]


def test_a_certificate_is_entered_and_counts_from_the_next_start(stand: Stand, client: ServiceClient) -> None:
    address = stand.bench.channel("1").power.address
    point = {"quantity": "voltage", "unit": "V", "reading": 3.301, "reference": 3.3}
    wanted = {"due": "2001-01-01", "done": "2000-01-01", "certificate": "K-1", "by": "Lab", "points": [point]}
    client.post("/api/calibration", {"address": address, "calibration": wanted, "why": "new certificate"})
    told = client.get("/api/calibration")
    row = next(one for one in told["instruments"] if one["address"] == address)
    assert (row["state"], told["pending"]) == ("overdue", True)
    assert row["calibration"]["points"][0]["reading"] == 3.301
    warnings = client.post("/api/setup/check", {"text": client.get("/api/setup")["file"]["text"]})["report"]
    assert "bench.warn_overdue_refused" in [one["code"] for one in warnings["warnings"]]
    good = {**wanted, "due": "2099-12-31"}
    client.post("/api/calibration", {"address": address, "calibration": good, "why": "typing error"})
    assert "calibration.entered" in codes(stand)


def test_other_rules_are_tried_on_results_before_they_decide(stand: Stand, client: ServiceClient) -> None:
    stand.heal()
    row = ended(client, start(client, "rapid", "1"))
    assert row["outcome"] == "completed", row["error"]
    text = DEFAULT_RULES.read_text(encoding="utf-8")
    strict = text.replace('version: "1"', 'version: "strict"').replace(
        "soh_min: {value: 0.8", "soh_min: {value: 0.99"
    )
    assert strict.count("0.99") >= 1
    same = client.post("/api/rules/try", {"rules": text})
    assert same["runs"]
    assert same["changed"] == 0
    tried = client.post("/api/rules/try", {"rules": strict})["runs"][0]
    assert tried["before"] == same["runs"][0]["before"]
    wrong = client.post("/api/rules/rules/check", {"text": text.replace("soh_basis", "soh_base", 1)})
    assert not wrong["ok"]
    assert wrong["problems"][0]["params"]["line"]
    client.post("/api/rules/rules", {"text": strict, "why": "our customers"})
    assert client.get("/api/rules")["rules"]["in_use"] == 1
    grades = {grade["grade"]: grade["soh_min"] for grade in client.bench()["grades"]}
    assert 0.99 in grades.values()
    client.post("/api/rules/rules/use", {"version": 0, "why": "back to what ships"})
    assert client.get("/api/rules")["rules"]["in_use"] == 0
    assert client.get("/api/rules/rules")["text"] == text
    prices = EXAMPLE_PRICES.read_text(encoding="utf-8")
    priced = client.post("/api/rules/try", {"prices": prices})["runs"][0]
    assert priced["after"]["value"] is not None or "value" not in priced["changes"]
    assert codes(stand).count("rules.in_use") == 2


def test_models_tell_their_figures_and_refuse_what_is_none(client: ServiceClient, tmp_path: Path) -> None:
    told = client.get("/api/models")
    assert told["in_use"] == "shipped"
    (shipped,) = told["models"]
    assert len(shipped["card"]["types"]) == 6
    lfp = told["learning"]["LFP 20 Ah"]
    assert [size["cells"] for size in lfp] == [20, 40, 60, 80]
    assert all(0 < size["mape"] < size["trivial_mape"] for size in lfp)
    assert "# Model card" in client.get("/api/models/shipped/card")["text"]
    assert refused(client.post, "/api/models/adopt", {"candidate": "nothing", "why": "x"}) == "models.unknown"
    assert refused(client.post, "/api/models/back", {"why": "x"}) == "adopt.no_former"
    table = tmp_path / "table.parquet"
    table.write_text("no table", encoding="utf-8")
    body = {"candidate": "shipped", "cells": str(table)}
    with pytest.raises(StationError) as caught:
        client.post("/api/models/compare", body, timeout_s=50.0)
    assert caught.value.code.startswith(("compare.", "data."))


# -- the pages, on a display, with the same service ------------------------------------------------


@pytest.fixture(scope="module")
def window(stand: Stand, client: ServiceClient, qapp: Any) -> Iterator[EngineerWindow]:
    del client, qapp  # the service runs, and so does Qt
    made = EngineerWindow(stand)
    yield made
    made.close()


@pytest.mark.window
def test_the_editor_marks_what_is_wrong_and_keeps_what_is_good(window: EngineerWindow) -> None:
    page = window.page("profiles")
    page.text.put(RAPID.replace("rest_s: 75", "rest_s: 0, speed: 3"))
    window.settle(page)
    assert [(one.line, one.field) for one in page.text.edit.problems] == [
        (13, "steps[2].rest_s"),
        (13, "steps[2].speed"),
    ]
    assert not page.save.isEnabled()
    window.whole("profile-wrong")
    page.text.problems.setCurrentRow(1)
    page.text.problems.itemActivated.emit(page.text.problems.currentItem())
    cursor = page.text.edit.textCursor()
    assert page.text.edit.toPlainText()[cursor.position() :].startswith("speed")
    page.capacity.setValue(100.0)
    page.text.put(MINE.replace("name: mine", "name: mine_too"))
    window.settle(page)
    assert page.save.isEnabled()
    told = [page.channels.item(row, 1).text()[0] for row in range(page.channels.rowCount())]
    assert told[:2] == ["✓", "✕"]
    page.reason.setText("first form")
    window.press(page, "save")
    assert page.status.startswith("✓"), page.status
    assert page.names.currentData() == "mine_too"
    window.whole("profile")
    page.text.put(page.text.text().replace("rest_s: 75", "rest_s: 20"))
    window.settle(page)
    window.press(page, "compare")
    assert "-  - {step: pulse_pair" in page.diff.toPlainText()
    page.tabs.setCurrentIndex(1)
    window.whole("profile-channels")
    page.names.setCurrentIndex(page.names.findData("adaptive"))
    page.names.activated.emit(page.names.currentIndex())
    window.settle(page)
    page.tabs.setCurrentIndex(0)
    window.whole("profile-adaptive")


@pytest.mark.window
def test_the_bench_page_asks_looks_and_checks_the_file(window: EngineerWindow, stand: Stand) -> None:
    page = window.page("setup")
    assert page.instruments.rowCount() >= 9
    window.press(page, "ask")
    answers = [page.instruments.item(row, 4).text() for row in range(page.instruments.rowCount())]
    assert sum(text.startswith("✓") for text in answers) >= 7
    window.whole("setup")
    page.tabs.setCurrentIndex(1)
    page.addresses.setText(str(stand.bench.channel("3").power.address))
    window.press(page, "discover")
    assert "delta-sm15k" in page.entries.toPlainText()
    assert page.entries.toPlainText().startswith("# 仅询问 *IDN?"), "the comment is in the page's language"
    window.whole("discovery")
    page.tabs.setCurrentIndex(2)
    page.text.put(page.text.text().replace("power_max_W", "power_max_kW", 1))
    window.settle(page)
    assert page.text.edit.problems
    assert not page.write.isEnabled()
    window.whole("bench-file")


@pytest.mark.window
def test_the_calibration_page_enters_a_certificate(window: EngineerWindow, stand: Stand) -> None:
    page = window.page("calibration")
    address = str(stand.bench.channel("3").power.address)
    row = next(r for r in range(page.table.rowCount()) if page.table.item(r, 3).text() == address)
    page.table.selectRow(row)
    page.certificate.setText("K-2026")
    page.points.setPlainText("voltage V 3.3O1 3.3")
    window.press(page, "enter")
    assert page.status.startswith("✕")
    page.points.setPlainText("voltage V 3.301 3.300 0.001\ncurrent A 10.02 10.00")
    page.reason.setText("came back from the laboratory")
    window.press(page, "enter")
    assert page.status.startswith("✓"), page.status
    assert page.table.item(row, 5).text() == "K-2026"
    window.whole("calibration")


@pytest.mark.window
def test_the_rules_page_installs_only_what_was_tried(window: EngineerWindow) -> None:
    page = window.page("rules")
    page.text.put(page.text.text().replace("soh_min: {value: 0.8", "soh_min: {value: 0.99"))
    window.settle(page)
    assert not page.install.isEnabled()
    window.press(page, "try")
    assert page.results.rowCount() >= 1
    assert page.install.isEnabled()
    window.whole("rules")
    page.reason.setText("our customers")
    window.press(page, "install")
    assert page.status.startswith("✓"), page.status
    assert page.versions.currentData() > 0
    page.versions.setCurrentIndex(page.versions.findData(0))
    page.reason.setText("back")
    window.press(page, "use_again")
    assert page.versions.currentData() == 0


@pytest.mark.window
def test_the_models_page_shows_cards_and_compares(window: EngineerWindow) -> None:
    page = window.page("models")
    assert page.types.rowCount() == 6
    assert "模型卡" in page.card.toPlainText()
    page.tabs.setCurrentIndex(1)
    assert page.picture.accessibleName().startswith("LFP")
    window.whole("models")
    page.candidate.setText("nothing")
    page.reason.setText("x")
    window.press(page, "adopt")
    assert page.status.startswith("✕")
    page.tabs.setCurrentIndex(0)
    window.whole("models-figures")
