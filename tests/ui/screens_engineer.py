"""The engineer's side in every situation, with what a real service answered to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from station.errors import StationError
from station.ui.engineer.pages import PAGES
from station.ui.engineer.shell import EngineerShell
from station.ui.mirror import Mirror
from station.ui.texts import Texts
from station.ui.views import BenchInfo
from tests.station.archive.planted import CELLS as CELLS_ON_RECORD
from tests.station.archive.planted import NEW_CODE, VIN
from tests.ui.engineer.answering import AnsweringClient
from tests.ui.screens import LongerTexts, Situation
from tests.ui.scripted import SILENT, bench, fault, idle, running, verdict

REFUSAL = True
"""A long sentence stands below every page, as it does when something is refused."""
TRIP = {"value": 4.312, "limit": 4.25, "unit": "V", "source": "chemistry", "rule": "voltage_max"}
ALARMS = [
    {"number": number, "raised_s": 1764300000.0 + number, "channel": channel, "code": code, "params": params,
     "state": state, "priority": priority, "root": root, "latched": state == "unacknowledged",
     "shelved_until_s": 1764303600.0 if state == "shelved" else None,
     "shelved_by": "Ada Admin" if state == "shelved" else None,
     "shelved_reason": "spare sensor is on its way" if state == "shelved" else None}
    for number, channel, code, params, state, priority, root in (
        (1, "3", "safety.voltage_max", TRIP, "unacknowledged", 1, None),
        (2, "3", "run.ended", {"verdict": "no_verdict", "grade": None}, "unacknowledged", 2, 1),
        (3, "1", "engine.sensor_stale", {"problem": [SILENT]}, "shelved", 3, None),
    )
]  # fmt: skip
STATES = {"1": running("1", 47.0), "2": verdict("2", "no_verdict", None), "3": fault("3"), "4": idle()}


CELLS_TAB: Final = 4
CELLS: Final = json.loads((Path(__file__).parent / "engineer" / "cells.json").read_text(encoding="utf-8"))


class Desk:
    """The shell by itself, logged in; every call is answered before it returns."""

    def __init__(self, texts: Texts) -> None:
        self.mirror = mirror = Mirror(lambda: 0.0, lambda: 0.0)
        described = bench(4)
        mirror.bench_seen(BenchInfo.read(described))
        mirror.apply({"type": "state", "channels": STATES, "guard": None})
        self.client = AnsweringClient()
        self.shell = EngineerShell(lambda: self.client, texts, mirror, lambda: 0.0)
        self.shell.work.ask = self.at_once  # type: ignore[method-assign]
        self._longer = isinstance(texts, LongerTexts)

    @staticmethod
    def at_once(
        _owner: QObject,
        work: Callable[[], Any],
        then: Callable[[Any], None],
        failed: Callable[[StationError], None],
    ) -> None:
        """In place of the threads."""
        try:
            value = work()
        except StationError as error:
            failed(error)
        else:
            then(value)

    def door(self) -> None:
        """Locked, with a sentence on why."""
        self.shell.enter()
        self.shell.lock()
        self.shell.gate.say(self.shell.texts("page.gate.idle"))

    def page(self, key: str, tab: int | None = None) -> Any:
        """The page of this key in front, with a long sentence below."""
        shell = self.shell
        if shell.person is None:
            shell.enter()
            shell._login(name="Ada Admin", pin="135790")
        shell.scanner.remove()
        shell._timer.stop()
        assert shell.show_page(key), key
        page: Any = shell.pages[key]
        if tab is not None:
            page.tabs.setCurrentIndex(tab)
        if REFUSAL:
            shell._tell("refusal", shell._words(StationError("", code="safety.voltage_max", **TRIP)))
        return page

    def close(self) -> None:
        self.shell._timer.stop()
        self.shell.scanner.remove()
        self.shell.work.close()
        self.client.close()
        self.shell.close()
        self.shell.deleteLater()


@contextmanager
def engineer_side(texts: Texts) -> Iterator[tuple[QWidget, list[Situation]]]:
    """Every page, every tab."""
    desk = Desk(texts)

    def history() -> None:
        desk.page("history").close_run()

    def run(tab: int) -> None:
        page = desk.page("history")
        page.open_row(3)
        if tab == CELLS_TAB:  # as a pack's run has it: the result of the pack demo
            shown = page.run_view.run
            page.run_view.show_run({**shown, "result": {**(shown["result"] or {}), "cells": CELLS}})
        page.run_view.tabs.setCurrentIndex(tab)
        drawn(page.run_view.overlay)

    def compare(tab: int) -> None:
        page = desk.page("compare", tab)
        if not page.runs:
            page.given([run["run_id"] for run in desk.client.get("/api/history")["runs"]])
        drawn(page.overlay)

    def drawn(overlay: Any) -> None:
        overlay._timer.stop()
        if overlay.isVisible():
            overlay._ask()

    def profiles(tab: int, variant: str = "") -> None:
        desk.client.variant = variant
        page = desk.page("profiles", tab)
        page.check_now()
        desk.client.variant = ""
        if tab == 2:
            page._compare()
            page.tabs.setCurrentIndex(tab)

    def setup(tab: int) -> None:
        page = desk.page("setup", tab)
        (page._ask, page._discover, page.check_now)[tab]()
        page.tabs.setCurrentIndex(tab)

    def calibration() -> None:
        desk.page("calibration").table.selectRow(2)

    def rules(tab: int) -> None:
        page = desk.page("rules")
        page.check_now()
        page._try()
        page.tabs.setCurrentIndex(tab)

    def training() -> None:
        page = desk.page("training")
        page.name.setText("李雷")
        page._read_sheet()

    def alarms() -> None:
        if not len(desk.mirror.alarms):
            desk.mirror.apply({"type": "state", "channels": STATES, "guard": None, "alarms": ALARMS})
        desk.page("alarms").look()

    def statistics(tab: int, variant: str = "") -> None:
        desk.client.variant = variant
        page = desk.page("statistics", tab)
        page.search()
        page.tabs.setCurrentIndex(tab)
        desk.client.variant = ""

    def asking() -> None:
        page = desk.page("statistics")
        page.asking = True
        page._show()
        page.asking = False

    def identity(tab: int, code: str = NEW_CODE) -> None:
        desk.page("identity", tab).open_code(code)

    def unknown_identity() -> None:
        page = desk.page("identity", 0)
        page.told_of = None
        page.shown()

    def adding() -> None:
        page = desk.page("trace", 1)
        page.adding.template.setCurrentIndex(page.adding.template.findData("second_life_product"))
        page.adding._fill()

    situations: list[Situation] = [("engineer door", desk.door), ("engineer history", history)]
    situations += [(f"engineer run, tab {tab}", lambda t=tab: run(t)) for tab in range(7)]  # type: ignore[misc]
    situations += [(f"engineer compare, tab {tab}", lambda t=tab: compare(t)) for tab in range(4)]  # type: ignore[misc]
    situations += [(f"engineer profiles, tab {tab}", lambda t=tab: profiles(t)) for tab in range(3)]  # type: ignore[misc]
    situations += [("engineer profiles, wrong", lambda: profiles(0, "#wrong"))]
    situations += [(f"engineer setup, tab {tab}", lambda t=tab: setup(t)) for tab in range(3)]  # type: ignore[misc]
    situations += [("engineer calibration", calibration)]
    situations += [(f"engineer rules, tab {tab}", lambda t=tab: rules(t)) for tab in range(2)]  # type: ignore[misc]
    situations += [
        (f"engineer models, tab {tab}", lambda t=tab: desk.page("models", t))  # type: ignore[misc]
        for tab in range(4)
    ]
    situations += [(f"engineer statistics, tab {tab}", lambda t=tab: statistics(t)) for tab in range(4)]  # type: ignore[misc]
    situations += [
        ("engineer statistics, none", lambda: statistics(0, "#empty")),
        ("engineer statistics, failed", lambda: statistics(0, "#failed")),
        ("engineer statistics, asking", asking),
        ("engineer identity, none", unknown_identity),
        ("engineer identity, vehicle", lambda: identity(0, VIN)),
    ]
    situations += [("engineer identity, tab 0", lambda: identity(0, CELLS_ON_RECORD[0]))]
    situations += [(f"engineer identity, tab {tab}", lambda t=tab: identity(t)) for tab in range(1, 6)]  # type: ignore[misc]
    situations += [
        ("engineer trace, tab 0", lambda: desk.page("trace", 0)),
        ("engineer trace, tab 1", adding),
        ("engineer trace, tab 2", lambda: desk.page("trace", 2)),
    ]
    situations += [("engineer training", training)]
    situations += [("engineer alarms", alarms)]
    known = {"alarms", "calibration", "compare", "history", "models", "profiles", "rules", "setup"}
    known |= {"training", "statistics", "identity", "trace"}
    situations += [
        (f"engineer {info.key}", lambda k=info.key: desk.page(k))  # type: ignore[misc]
        for info in PAGES
        if info.key not in known
    ]
    try:
        yield desk.shell, situations
    finally:
        desk.close()
