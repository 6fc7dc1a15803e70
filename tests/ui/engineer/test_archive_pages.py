"""Statistics, identity and traceability in the window, over a real service and an archive that is known."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from station.records import open_records
from station.service.client import ServiceClient
from station.ui.engineer import saving
from station.ui.engineer.shell import EngineerShell
from tests.station.archive.planted import CELLS, DRIFTING, HIGH, MODULE, NEW_CODE, PACK, VIN, planted
from tests.station.service import fakes
from tests.station.service.recorded import ENGINEER, people
from tests.station.service.running import running_service
from tests.ui.engineer.conftest import Opener
from tests.ui.engineer.test_pages import log_in

pytestmark = pytest.mark.window


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceClient]:
    data = tmp_path_factory.mktemp("archive")
    with open_records(data) as records:
        people(records)
        planted(records)
    with running_service(fakes.config(data)) as client:
        yield client


@pytest.fixture
def shell(open_sides: Opener, qtbot: Any) -> EngineerShell:
    """The engineer is logged in."""
    return log_in(open_sides("en"), qtbot, ENGINEER)


def said(shell: EngineerShell, qtbot: Any, part: str) -> None:
    """Wait for a sentence in the line at the bottom."""
    qtbot.waitUntil(lambda: part in shell.said.text())


def test_statistics_name_the_channels_and_tell_what_fails(
    shell: EngineerShell, service: ServiceClient, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Documents:
        StandardLocation = saving.QStandardPaths.StandardLocation

        @staticmethod
        def writableLocation(_place: Any) -> str:
            return str(tmp_path)

    monkeypatch.setattr(saving, "QStandardPaths", Documents)
    shell.show_page("statistics")
    page: Any = shell.pages["statistics"]
    assert page.asking
    shell.show_page("events")  # the window is free while the archive is asked
    shell.show_page("statistics")
    qtbot.waitUntil(lambda: page.answer is not None, timeout=50_000)

    channels = page.channels
    named = {row[0] for row in channels.table.texts() if row[-1].startswith("✕")}
    assert named == {f"testbench/{HIGH}", f"testbench/{DRIFTING}"}
    assert f"✕ testbench/{HIGH} · Resistance, 0.1 s: reads too high" in channels.said.text()
    drifting = next(i for i, row in enumerate(channels.table.texts()) if "drifts upwards" in row[-1])
    channels.table.setCurrentCell(drifting, 0)
    assert channels.course.points[-1][1] - channels.course.points[0][1] > 2
    assert [row.bad for row in channels.offsets.rows] == [
        row.name == f"testbench/{DRIFTING}" for row in channels.offsets.rows
    ]

    yields = page.grouped["yield"]
    assert {row[0] for row in yields.table.texts()} >= {"Yard 7", "报废车厂"}
    yields.by.setCurrentIndex(yields.by.findData("channel"))
    yields.by.activated.emit(yields.by.currentIndex())
    page.save_table()
    said(shell, qtbot, "Saved:")
    with next(tmp_path.glob("yield-channel-*.csv")).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["group"], f"{int(row['tests']):,}") for row in rows] == [
        (row[0], row[1]) for row in yields.table.texts()
    ]

    page.until.setText("2001-01-01")
    page.search()
    qtbot.waitUntil(lambda: "No judged test" in page.title.text(), timeout=50_000)
    assert not page.save.isEnabled()
    assert service._data is not None
    with open_records(service._data) as records:
        records.save_result("r-000-1", {"soh": "damaged"}, version="test")
    page.until.clear()
    QTest.keyClick(page.until, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.error is not None, timeout=50_000)
    assert page.title.text() == "✕ The archive gave no answer"
    assert "ask again" in page.more.text()


def test_identity_from_the_vehicle_to_a_second_life(shell: EngineerShell, qtbot: Any) -> None:
    shell.show_page("identity")
    page: Any = shell.pages["identity"]

    def come() -> bool:
        """Codes, conflicts and corrections are asked for side by side: any may be the last."""
        return bool(page.finder.codes) and all(page.tables[one].texts() for one in ("conflicts", "changes"))

    qtbot.waitUntil(come)
    assert "OLD-CELL-17, OLD-CELL-I7" in page.tables["conflicts"].texts()[0][0]
    assert page.tables["changes"].texts()[0][3:7] == ["68", "65", "Ada Admin", "label misread"]
    page.finder.code.setText(NEW_CODE.lower())
    QTest.keyClick(page.finder.code, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.told_of is not None)
    item, above = page.tree.currentItem(), []
    while item is not None:
        above.append(item.data(0, Qt.ItemDataRole.UserRole))
        item = item.parent()
    assert above == [CELLS[0], MODULE, PACK, VIN]
    assert [row[2:4] for row in page.tables["links"].texts()][-1] == [CELLS[0], NEW_CODE]
    page.tree.setFocus()
    QTest.keyClick(page.tree, Qt.Key.Key_Down)
    QTest.keyClick(page.tree, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.told_of["code"] == CELLS[1])
    shown = dict(page.tables["code"].texts())
    assert (shown["Made on"], shown["Maker's code"], shown["Type letter"]) == ("2026-01-02", "04Q", "B")

    page.new_code.setText("PS-261128-7KQM4XS")
    page.deeds["links"].buttons["recode"].click()
    said(shell, qtbot, "Give the value and the reason")
    page.deeds["links"].why.setText("second life")
    page.deeds["links"].buttons["recode"].click()
    said(shell, qtbot, "it stands on record")
    qtbot.waitUntil(lambda: page.told_of["codes"] == [CELLS[1], "PS-261128-7KQM4XS"])
    page.deeds["parts"].why.setText("taken apart")
    page.deeds["parts"].buttons["unlink"].click()
    qtbot.waitUntil(lambda: not page.told_of["holders"])
    shell.scan(CELLS[0])
    qtbot.waitUntil(lambda: page.told_of["code"] == CELLS[0])
    page.field.setCurrentIndex(page.field.findData("nominal_capacity_Ah"))
    page.value.setText("many")
    page.deeds["changes"].why.setText("nameplate")
    page.deeds["changes"].buttons["correct"].click()
    said(shell, qtbot, "nominal_capacity_Ah: many")
    page.value.setText("64.5")
    page.deeds["changes"].buttons["correct"].click()
    qtbot.waitUntil(lambda: len(page.tables["changes"].texts()) == 2)
    assert page.tables["changes"].texts()[-1][3:7] == ["65", "64.5", ENGINEER[0], "nameplate"]


def test_the_queue_is_written_resumed_answered_and_added_to(shell: EngineerShell, qtbot: Any) -> None:
    shell.show_page("trace")
    page: Any = shell.pages["trace"]
    qtbot.waitUntil(lambda: len(page.items) == 4)
    assert page.counts.text().endswith("1 cut off while written")
    assert page.table.texts()[0][0] == "✕ overdue"

    def choose(state: str, template: str) -> None:
        qtbot.waitUntil(
            lambda: any(one["state"] == state and one["template"] == template for one in page.rows())
        )
        rows = page.rows()
        at = next(i for i, one in enumerate(rows) if one["state"] == state and one["template"] == template)
        page.table.setCurrentCell(at, 0)

    choose("exporting", "departure")
    assert page.buttons["write"].text() == "Write again"
    assert not page.buttons["taken"].isEnabled()
    page.buttons["write"].click()
    said(shell, qtbot, "1 messages in")
    choose("exported", "departure")
    page.buttons["not_taken"].click()
    said(shell, qtbot, "Give the platform's answer")
    page.receipt.setText("unit code unknown")
    page.buttons["not_taken"].click()
    qtbot.waitUntil(lambda: any("refused" in row[6] for row in page.table.texts()))
    choose("exported", "intake")
    page.receipt.setText("SY-0008")
    page.buttons["taken"].click()
    qtbot.waitUntil(lambda: all(one["template"] != "intake" for one in page.items))

    shell.scan(PACK)
    assert page.tabs.currentIndex() == 1
    adding = page.adding
    adding.template.setCurrentIndex(adding.template.findData("departure"))
    adding.template.activated.emit(adding.template.currentIndex())
    adding.add.click()
    said(shell, qtbot, "destination_name")
    names = [row[0] for row in adding.fields.texts()]
    wanted = names.index("Receiver's name · destination_name (must be given)")
    adding.fields.item(wanted, 1).setText("Depot 9")
    adding.add.click()
    said(shell, qtbot, "Queued")
    qtbot.waitUntil(lambda: any(one["subject"].startswith(PACK) for one in page.items))
