"""Compare: curves of several runs over each other, their resistances, their SOH with intervals."""

from __future__ import annotations

from html import escape
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLabel, QTabWidget, QVBoxLayout

from station.errors import StationError
from station.service.client import ServiceClient
from station.ui.engineer.compare.bars import IntervalBars
from station.ui.engineer.fields import small_button
from station.ui.engineer.figures import interval, local_time, milliohm, verdict_word
from station.ui.engineer.history.content import TIMES
from station.ui.engineer.overlay import COLOURS, Overlay, Series
from station.ui.engineer.page import EngineerPage
from station.ui.engineer.table import STRETCH, Table
from station.ui.style import Sizes
from station.ui.texts import Texts

MOST = 8
LINES = ["━━━", "╌╌╌", "┅┅┅", "━╍━"]
"""The dashes of the curves as characters of the legend."""


class ComparePage(EngineerPage):
    """Gets its runs from the history; aligned at the start, or at the first pulse."""

    key = "compare"

    def __init__(self, client: ServiceClient, texts: Texts) -> None:
        super().__init__(client, texts)
        self.runs: list[dict[str, Any]] = []
        self.hint, self.legend = QLabel(), QLabel()
        self.hint.setWordWrap(True)
        self.legend.setWordWrap(True)
        self.at_start, self.at_pulse = small_button("at_start"), small_button("at_pulse")
        for button, pulse in ((self.at_start, False), (self.at_pulse, True)):
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, pulse=pulse: self.align(pulse))
        self.clear, self.history = small_button("clear"), small_button("history")
        self.clear.clicked.connect(lambda: self._took({"runs": []}))
        self.history.clicked.connect(lambda: self.wants_page.emit("history", None))
        self.overlay, self.bars = Overlay(), IntervalBars()
        self.overlay.wanted.connect(self._fetch)
        self.ohms = Table((STRETCH, 90, 110, 110, 110, 110, 110))
        self.facts = Table((STRETCH, 150, 110, 120, 60, 180))
        self.tabs = QTabWidget()
        for part in (self.overlay, self.ohms, self.facts, self.bars):
            self.tabs.addTab(part, "")
        head = QHBoxLayout()
        for button in (self.at_start, self.at_pulse, self.clear, self.history):
            head.addWidget(button)
        head.addWidget(self.hint, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(head)
        box.addWidget(self.legend)
        box.addWidget(self.tabs, 1)
        self._by_pulse = False
        self._without: set[str] = set()

    def given(self, what: object) -> None:
        """Run ids from the history: they are added to what is compared."""
        if not isinstance(what, list):
            return
        ids = list(dict.fromkeys([*(run["run_id"] for run in self.runs), *map(str, what)]))
        if len(ids) > MOST:
            self.told.emit("refusal", self.texts("page.compare.too_many", most=MOST))
            ids = ids[-MOST:]
        self.ask(lambda: self.client.get("/api/history/compare", run=ids), self._took)

    def _took(self, answer: dict[str, Any]) -> None:
        self.runs = answer["runs"]
        self._fill()
        self.align(self._by_pulse)

    def align(self, by_pulse: bool) -> None:
        """Zero of the time axis: where the recording began, or where its first pulse did."""
        self._by_pulse = by_pulse
        self.at_start.setChecked(not by_pulse)
        self.at_pulse.setChecked(by_pulse)
        series = []
        for run in self.runs:
            pulse = first_pulse_s(run["result"])
            zero = pulse if by_pulse and pulse is not None else 0.0
            series.append(Series(run["run_id"], run["battery"], zero, float(run["duration_s"] or 1.0)))
        self.overlay.show_series(series)

    def _fetch(self, begin_s: float, end_s: float, buckets: int) -> None:
        for one in self.overlay.series:
            run_id, zero = one.run_id, one.zero_s

            def fetch(run_id: str = run_id, zero: float = zero) -> dict[str, Any]:
                return self.client.run_curve(
                    run_id, begin_s=begin_s + zero, end_s=end_s + zero, buckets=buckets
                )

            def took(answer: dict[str, Any], run_id: str = run_id) -> None:
                self.overlay.took(run_id, answer["curves"])

            self.ask(fetch, took, lambda error, run_id=run_id: self._no_curve(run_id, error))  # type: ignore[misc]

    def _no_curve(self, run_id: str, error: StationError) -> None:
        if not error.code.startswith("data."):
            self.failed.emit(error)
            return
        self._without.add(run_id)
        self._show_legend()

    def _fill(self) -> None:
        texts = self.texts
        self.hint.setText("" if self.runs else texts("page.compare.hint"))
        self._show_legend()
        names = [f"{n + 1} {run['battery']}" for n, run in enumerate(self.runs)]
        self.ohms.fill(
            [
                [
                    name,
                    f"{pulse['current_A']:.1f} A",
                    *(milliohm(pulse["resistance_ohm"].get(t)) for t in TIMES),
                ]
                for name, run in zip(names, self.runs, strict=True)
                for block in (run["result"] or {}).get("blocks") or []
                for pulse in block["pulses"]
            ]
        )
        self.facts.fill(
            [
                [
                    name,
                    local_time(run["started_utc"]),
                    run["profile"],
                    verdict_word(run, texts),
                    run["grade"] or "–",
                    interval(run["soh"], run["soh_low90"], run["soh_high90"]),
                ]
                for name, run in zip(names, self.runs, strict=True)
            ]
        )
        self.bars.show_runs(
            [
                (name, (run["soh"], run["soh_low90"], run["soh_high90"]) if run["soh"] is not None else None)
                for name, run in zip(names, self.runs, strict=True)
            ]
        )

    def _show_legend(self) -> None:
        self.legend.setText(
            " &nbsp; ".join(
                f'<span style="color:{COLOURS[n % len(COLOURS)]}">{LINES[n % len(LINES)]}</span> '
                f"{n + 1} {escape(run['battery'])} · {local_time(run['started_utc'])}"
                + (f" ({self.texts('page.compare.no_curve')})" if run["run_id"] in self._without else "")
                for n, run in enumerate(self.runs)
            )
        )

    def set_texts(self) -> None:
        """Words."""
        texts = self.texts
        self.at_start.setText(texts("page.compare.at_start"))
        self.at_pulse.setText(texts("page.compare.at_pulse"))
        self.clear.setText(texts("page.clear"))
        self.history.setText(texts("page.compare.add"))
        for index, name in enumerate(("curves", "resistances", "summary", "soh")):
            self.tabs.setTabText(index, texts(f"page.compare.{name}"))
        self.overlay.set_names(texts("page.run.curves"), texts("page.volts"), texts("page.amperes"))
        heads = ("battery", "current", "r001", "r01", "r1", "r5", "r10")
        self.ohms.set_heads(texts("page.compare.resistances"), [texts(f"page.col.{head}") for head in heads])
        known = ("battery", "time", "profile", "verdict", "grade", "soh")
        self.facts.set_heads(texts("page.compare.summary"), [texts(f"page.history.{head}") for head in known])
        self.bars.set_name(texts("page.compare.soh"), texts("page.compare.no_soh"))
        self._fill()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        super().set_sizes(sizes)
        for part in (self.ohms, self.facts, self.overlay, self.bars):
            part.set_sizes(sizes)


def first_pulse_s(result: dict[str, Any] | None) -> float | None:
    """Where the first real pulse of a run began, in s of its recording.

    Pulses of less than half the strongest current (the contact check's) do not count.
    """
    pulses = [pulse for block in (result or {}).get("blocks") or [] for pulse in block["pulses"]]
    strongest = max((abs(pulse["current_A"]) for pulse in pulses), default=0.0)
    return next(
        (float(pulse["start_s"]) for pulse in pulses if abs(pulse["current_A"]) >= 0.5 * strongest), None
    )
