"""The whole window over a real service with people and tests on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from station.service.client import ServiceClient
from station.ui.app import OperatorWindow, application
from station.ui.client import ServiceBackend
from station.ui.engineer.shell import EngineerShell
from station.ui.texts import Texts
from tests.station.service import fakes
from tests.station.service.recorded import filled
from tests.station.service.running import running_service
from tests.ui.scripted import ScriptedBackend, running


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceClient]:
    data = tmp_path_factory.mktemp("engineer")
    filled(data)
    with running_service(fakes.config(data)) as client:
        yield client


Opener = Callable[..., OperatorWindow]


@pytest.fixture
def open_sides(qtbot: Any, service: ServiceClient, unhurried: None) -> Iterator[Opener]:  # noqa: ARG001
    """``open_sides(lang=, size=)``: the operator's page with a test on channel 1, the door behind it.

    ``real``: the page follows the real service as well, else a scripted one.
    """
    opened: list[OperatorWindow] = []
    application([])

    def make(lang: str = "zh", size: tuple[int, int] = (1366, 768), *, real: bool = False) -> OperatorWindow:
        backend = ScriptedBackend()
        folder = Path(service._data or ".")

        def client() -> ServiceClient:
            return ServiceClient(service.address, data=folder, bench=service._bench_name)

        window = OperatorWindow(
            (lambda: ServiceBackend(client())) if real else (lambda: backend), Texts(lang), client
        )
        opened.append(window)
        window.backend = backend  # type: ignore[attr-defined]
        window.resize(*size)
        window.show()
        window.activateWindow()
        qtbot.waitActive(window)
        window.page.open()
        backend.greet({"1": running("1", 47.0)})
        slots = 3 if real else 4
        qtbot.waitUntil(lambda: window.page.mirror.connected and len(window.page.mirror.slots) == slots)
        return window

    yield make
    for window in opened:
        window.close()
        window.deleteLater()
    QApplication.processEvents()


def shell_of(window: OperatorWindow) -> EngineerShell:
    """The engineer's side, once it has been asked for."""
    assert window.sides.shell is not None
    return window.sides.shell
