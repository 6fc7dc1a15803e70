"""What the whole page must know: that everything is simulated, and that the service does not answer."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from station.ui.mirror import Mirror
from station.ui.texts import Texts, say_code


class SimulationBanner(QLabel):
    """Shown on a simulated bench and only there."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("simulation")

    def refresh(self, mirror: Mirror, texts: Texts) -> None:
        """Say it, with the speed."""
        bench = mirror.bench
        self.setVisible(bench is not None and bench.simulated)
        if bench is not None and bench.simulated:
            speed = texts("sim.speed", speed="?" if bench.speed is None else f"{bench.speed:g}")
            self.setText(f"{texts('sim.banner')} · {speed}")


class LostBanner(QFrame):
    """Shown while the service is lost, silent, or not there yet."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lost")
        self._title, self._text = QLabel(), QLabel()
        self._title.setObjectName("lost_title")
        self._text.setWordWrap(True)
        box = QVBoxLayout(self)
        box.addWidget(self._title)
        box.addWidget(self._text)

    def refresh(self, mirror: Mirror, texts: Texts) -> None:
        """Say how it stands with the service."""
        key = ""
        if not mirror.connected:
            key = "lost" if mirror.ever_connected else "lost.connecting"
        elif mirror.silent:
            key = "lost.silent"
        self.setVisible(bool(key))
        if not key:
            return
        title, text = ("lost.title", "lost.text") if key == "lost" else (key, f"{key}_text")
        self._title.setText(texts(title))
        words = texts(text)
        if key == "lost.connecting":
            words = _why(mirror, texts) or words
        self._text.setText(words)
        tone = "plain" if key == "lost.connecting" else "alarm"
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)


def _why(mirror: Mirror, texts: Texts) -> str:
    """Why there is no service yet, in the reader's language where the station has words for it."""
    error = mirror.lost_error
    if error is None:
        return mirror.lost_reason
    said = say_code(error.code, error.params, texts.lang, message=error.message, remedy=error.remedy)
    return f"{said.text} – {said.remedy}" if said.remedy else said.text
