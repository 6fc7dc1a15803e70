"""8 plots × 2 curves that grow while they are shown, at three lengths, beside pyqtgraph in the same run.

``python -m tests.benchmarks.plots`` prints all figures as a Markdown table. Each case has its own process and
paints by the processor into memory (Qt's ``offscreen``), in a window of 1920 × 1000.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from tests.benchmarks.table import Row

LENGTHS = (10_000, 100_000, 1_000_000)
PLOTS, NEW = 8, 4
"""A live line brings up to six points in 0.05 s: four in a thirtieth of a second."""
STEP_S = 0.05
SIZE = (1920, 1000)
WARM_UP = 3
FREE_S, PACED_S, FPS = 4.0, 8.0, 30
METHODS = {
    "station": "station",
    "strips": "station, strips painted even where no pixel changes",
    "anew": "station, each frame drawn anew",
    "best": "pyqtgraph, best settings",
    "raw": "pyqtgraph, setData of the history",
}


@dataclass(frozen=True)
class Figures:
    """As fast as it goes: frames a second, processor time of one. With 30 asked for: frames, core used."""

    fps: float
    frame_cpu_ms: float
    paced_fps: float
    share_percent: float


def measure(method: str, length: int) -> Figures:
    """One case in this process."""
    from station.ui.app import application

    app = application([])
    frame = (_pyqtgraph if method in ("best", "raw") else _station)(method, length)

    def shown() -> None:
        frame()
        app.processEvents()

    for _ in range(WARM_UP):
        shown()
    count, began, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < FREE_S:
        shown()
        count += 1
    fps = count / (time.perf_counter() - began)
    frame_cpu_ms = (time.process_time() - cpu) / count * 1e3
    count, began, cpu = 0, time.perf_counter(), time.process_time()
    due = began
    while (now := time.perf_counter()) - began < PACED_S:
        if now < due:
            time.sleep(due - now)
        shown()
        count += 1
        due = max(due + 1 / FPS, time.perf_counter() - 1 / FPS)
    took = time.perf_counter() - began
    return Figures(fps, frame_cpu_ms, count / took, (time.process_time() - cpu) / took * 100)


def _curves(length: int) -> tuple[list[object], list[object]]:
    """Times and one curve for each of the 16, long enough for all frames to come."""
    import numpy as np

    longest = length + NEW * (2_000 + WARM_UP + int(PACED_S * FPS) * 2 + 5_000)
    t = np.arange(longest) * STEP_S
    rng = np.random.default_rng(1)
    pulse = np.where(t % 100 < 10, -1.0, 0.0) + np.where((t % 100 > 50) & (t % 100 < 60), 1.0, 0.0)
    return [t], [pulse + 0.02 * rng.standard_normal(longest) for _ in range(2 * PLOTS)]


def _station(method: str, length: int) -> Callable[[], None]:
    from PySide6.QtWidgets import QGridLayout, QWidget

    from station.curves import Pyramid
    from station.ui.plot import CurvePlot
    from station.ui.style import Sizes

    (t,), curves = _curves(length)
    window = QWidget()
    grid = QGridLayout(window)
    plots = [CurvePlot() for _ in range(PLOTS)]
    for index, plot in enumerate(plots):
        plot.set_sizes(Sizes.of(*SIZE, 96.0))
        plot.set_names("", "V", "A")
        grid.addWidget(plot, index // 4, index % 4)
    window.resize(*SIZE)
    window.show()
    pyramids = [Pyramid() for _ in curves]
    for pyramid, v in zip(pyramids, curves, strict=True):
        pyramid.add(t[:length], v[:length])
    until_s = length * STEP_S * 1.05
    at = length

    def frame() -> None:
        nonlocal at
        part = slice(at, at + NEW)
        at += NEW
        for pyramid, v in zip(pyramids, curves, strict=True):
            pyramid.add(t[part], v[part])
        for index, plot in enumerate(plots):
            if method == "anew":
                plot._forget()
            elif method == "strips":
                for curve in plot._curves:
                    curve.taken_in = -1
            plot.show_curves(pyramids[2 * index], pyramids[2 * index + 1], until_s, 2.0)

    frame.window = window  # type: ignore[attr-defined]
    return frame


def _pyqtgraph(method: str, length: int) -> Callable[[], None]:
    import pyqtgraph as pg

    (t,), curves = _curves(length)
    pg.setConfigOptions(antialias=False, useOpenGL=False)
    window = pg.GraphicsLayoutWidget()
    window.resize(*SIZE)
    items = []
    until_s = length * STEP_S * 1.05
    for index in range(PLOTS):
        plot = window.addPlot(row=index // 4, col=index % 4)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(False, False)
        plot.setXRange(0, until_s, padding=0)
        plot.setYRange(-1.2, 1.2, padding=0)
        if method == "best":
            plot.setClipToView(True)
            plot.setDownsampling(auto=True, mode="peak")
        options = {"skipFiniteCheck": True} if method == "best" else {}
        items += [plot.plot(pen=pg.mkPen(colour, width=1), **options) for colour in ("#7fb2e5", "#c3a6e0")]
    window.show()
    at = length

    def frame() -> None:
        nonlocal at
        at += NEW
        for item, v in zip(items, curves, strict=True):
            item.setData(t[:at], v[:at])

    frame.window = window  # type: ignore[attr-defined]
    return frame


def case(method: str, length: int) -> Figures:
    """One case in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.plots", method, str(length)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


def rows() -> list[Row]:
    """Three lengths; the baseline is pyqtgraph at its best, and raw where all is drawn anew."""
    made = []
    for length in LENGTHS:
        figures = {method: case(method, length) for method in METHODS}
        name, best = f"8 × 2 curves of {length:,} points", METHODS["best"]
        station = figures["station"]
        made += [
            Row(f"{name}: a frame", 1e3 / station.fps, "ms", 33.3, 1e3 / figures["best"].fps, best),
            Row(f"{name}: a frame drawn anew", 1e3 / figures["anew"].fps, "ms", 33.3,
                1e3 / figures["raw"].fps, METHODS["raw"]),
            Row(f"{name}: share of a core at {station.paced_fps:.1f} frames/s", station.share_percent, "%",
                20.0, figures["best"].share_percent, f"{best}, {figures['best'].paced_fps:.1f} frames/s"),
            Row("… strips painted even where no pixel changes", figures["strips"].share_percent, "%", 20.0),
        ]  # fmt: skip
    return made


def table() -> str:
    """All figures of all cases."""
    lines = ["| points | drawn by | frames/s at most | processor, ms a frame | 30 asked for: frames/s | "
             "share of a core |",
             "|---:|---|---:|---:|---:|---:|"]  # fmt: skip
    for length in LENGTHS:
        for method, name in METHODS.items():
            f = case(method, length)
            lines.append(
                f"| {length:,} | {name} | {f.fps:.1f} | {f.frame_cpu_ms:.2f} | {f.paced_fps:.1f} | "
                f"{f.share_percent:.1f} % |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(asdict(measure(sys.argv[1], int(sys.argv[2])))), flush=True)
        os._exit(0)  # nothing to tidy up, and no time to lose in giving back windows
    else:
        print(table())
