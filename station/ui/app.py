"""The operator window as a program: ``station-window --bench demo --lang zh``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtGui import QCloseEvent, QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QMainWindow, QStyleFactory

from station.own_fonts import own_fonts
from station.ui.backend import Backend
from station.ui.link import Link
from station.ui.page import OperatorPage
from station.ui.style import BASE_HEIGHT, BASE_WIDTH, FONTS
from station.ui.texts import LANGUAGES, Texts
from station.ui.views import local


class OperatorWindow(QMainWindow):
    """A frame for the page."""

    def __init__(self, connect: Callable[[], Backend], texts: Texts) -> None:
        super().__init__()
        self.page = OperatorPage(Link(connect), texts)
        self.setCentralWidget(self.page)
        self.setMinimumSize(1024, 640)
        self.resize(BASE_WIDTH, BASE_HEIGHT)
        self.page.bench_known.connect(self._name)
        self._name()

    def _name(self) -> None:
        bench = self.page.mirror.bench
        lang = self.page.texts.lang
        title = (local(bench.title, lang) or bench.name) if bench else "…"
        self.setWindowTitle(self.page.texts("window.title", bench=title))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing the window ends no test: the service and its workers go on."""
        self.page.shut()
        super().closeEvent(event)


def application(arguments: Sequence[str]) -> QApplication:
    """The one Qt application, in the Fusion style with a font that has Chinese."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication([sys.argv[0], *arguments])
    app.setApplicationName("Pulse Station")
    app.setStyle(QStyleFactory.create("Fusion"))
    for file in own_fonts():
        QFontDatabase.addApplicationFont(str(file))
    font = QFont()
    font.setFamilies(list(FONTS))
    app.setFont(font)
    return app


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window; returns the program's exit code."""
    parser = argparse.ArgumentParser(
        prog="station-window", description="The operator window of a test bench."
    )
    parser.add_argument("--bench", default="demo", help="bench file, or the name of one that ships")
    parser.add_argument("--data", type=Path, default=None, help="folder for records and runs")
    parser.add_argument("--lang", choices=LANGUAGES, default=None, help="language of the page")
    parser.add_argument("--fullscreen", action="store_true", help="cover the whole screen")
    options = parser.parse_args(argv)
    from station.ui.client import connector

    app = application([])
    lang = options.lang or ("zh" if QLocale.system().language() == QLocale.Language.Chinese else "en")
    translator = QTranslator(app)
    if lang == "zh" and translator.load(
        "qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    ):
        app.installTranslator(translator)
    window = OperatorWindow(connector(options.bench, options.data), Texts(lang))
    if options.fullscreen:
        window.showFullScreen()
    else:
        window.showMaximized()
    window.page.open()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
