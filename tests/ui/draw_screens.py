"""``python -m tests.ui.draw_screens``: docs/screens, every screen in both languages from one program.

The pictures with a number in front of 18 are drawn by ``test_flow``, which goes through them by scans.
"""

from __future__ import annotations

import sys
from datetime import date
from typing import Final

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from station.papers.facts import facts_of
from station.papers.label import draw_label, own_id_label, png, run_label
from station.training import load_missions
from tests.ui import screens_engineer, screens_operator
from tests.ui.engineer.answering import answers
from tests.ui.flowing import SCREENS, save_small
from tests.ui.screens import SIZES, every_screen

NAMES: Final = {
    "operator form, first question": "18-form",
    "operator form, a no": "19-form-no",
    "operator form, done": "20-form-done",
    "operator alarms": "21-alarms",
    "operator shelf": "22-shelf-an-alarm",
    "operator, eight, 1 chosen": "23-eight-channels",
    "operator stopped by hand": "24-emergency-stop",
    "operator question": "27-question",
    "operator held": "25-paused-and-interrupted",
    "operator without service": "26-service-lost",
    "training choice": "training-choice",
    "training step": "training-step",
    "training deed": "training-deed",
    "training end": "training-end",
    **{f"training question, {name}": f"training-mission-{name}" for name in load_missions()},
    "engineer door": "engineer-door",
    "engineer history": "engineer-history",
    "engineer alarms": "engineer-alarms",
    "engineer run, tab 0": "engineer-run",
    "engineer run, tab 1": "engineer-decision",
    "engineer run, tab 2": "engineer-curves",
    "engineer run, tab 3": "engineer-resistances",
    "engineer run, tab 4": "engineer-cells",
    "engineer run, tab 5": "engineer-run-events",
    "engineer run, tab 6": "engineer-files",
    "engineer compare, tab 0": "engineer-compare",
    "engineer compare, tab 1": "engineer-compare-resistances",
    "engineer compare, tab 2": "engineer-compare-overview",
    "engineer compare, tab 3": "engineer-compare-soh",
    "engineer profiles, tab 0": "engineer-profile",
    "engineer profiles, tab 1": "engineer-profile-channels",
    "engineer profiles, tab 2": "engineer-profile-differences",
    "engineer profiles, wrong": "engineer-profile-wrong",
    "engineer setup, tab 0": "engineer-setup",
    "engineer setup, tab 1": "engineer-discovery",
    "engineer setup, tab 2": "engineer-bench-file",
    "engineer calibration": "engineer-calibration",
    "engineer rules, tab 0": "engineer-rules",
    "engineer rules, tab 1": "engineer-rules-differences",
    "engineer models, tab 0": "engineer-models-figures",
    "engineer models, tab 1": "engineer-models",
    "engineer models, tab 2": "engineer-models-beside",
    "engineer models, tab 3": "engineer-models-card",
    "engineer statistics, tab 0": "engineer-statistics-yield",
    "engineer statistics, tab 1": "engineer-statistics-spread",
    "engineer statistics, tab 2": "engineer-statistics-channels",
    "engineer statistics, tab 3": "engineer-statistics-repeat",
    "engineer statistics, failed": "engineer-statistics-failed",
    "engineer statistics, none": "engineer-statistics-none",
    "engineer identity, tab 0": "engineer-identity",
    "engineer identity, vehicle": "engineer-identity-vehicle",
    "engineer identity, tab 1": "engineer-identity-parts",
    "engineer identity, tab 2": "engineer-identity-second-life",
    "engineer identity, tab 3": "engineer-identity-corrections",
    "engineer identity, tab 4": "engineer-identity-tests",
    "engineer identity, tab 5": "engineer-identity-conflicts",
    "engineer trace, tab 0": "engineer-trace",
    "engineer trace, tab 1": "engineer-trace-add",
    "engineer trace, tab 2": "engineer-trace-templates",
    "engineer training": "engineer-training",
    "engineer events": "engineer-events",
    "engineer users": "engineer-users",
}
"""What is drawn, and its file's name."""


def draw(window: QWidget, name: str) -> None:
    """Save the window as it stands."""
    picture = QImage(window.size(), QImage.Format.Format_RGB32)
    window.render(picture)
    save_small(picture, name)


def labels() -> None:
    """A tested battery's label and an own code's, as the printer gets them; one is for the papers' page."""
    run = answers()["GET /api/runs/20261121T080000-1-000001"]
    tested = png(draw_label(run_label(facts_of(run))))
    (SCREENS / "label.png").write_bytes(tested)
    (SCREENS.parent / "pictures" / "papers-label.png").write_bytes(tested)
    own = own_id_label("PS-261128-7KQM4XR", date(2026, 11, 28), simulated=True)
    (SCREENS / "label-own-code.png").write_bytes(png(draw_label(own)))


def index() -> str:
    """The page that shows them: each screen in English and in Chinese."""
    lines = [
        "# Every screen", "",
        "Drawn by the window itself at 1366 × 768: `python -m tests.ui.draw_screens`; those of the flow by",
        "scans come from `pytest tests/ui/test_flow.py`.", "",
        "| screen | English | 中文 |", "|---|---|---|",
    ]  # fmt: skip
    found = [path.stem for path in SCREENS.glob("*.png") if not path.stem.startswith("label")]
    stems = sorted({stem.removesuffix("-en").removesuffix("-zh") for stem in found})
    for stem in stems:
        told = stem.lstrip("0123456789").lstrip("-").replace("-", " ")
        shown = (f"{stem}-{lang}.png" for lang in ("en", "zh"))
        cells = (f"![{told}]({name})" if (SCREENS / name).exists() else "" for name in shown)
        lines.append(f"| {told} | {' | '.join(cells)} |")
    lines += ["", "The labels, as the printer gets them:", ""]
    lines += ["![label](label.png) ![own code](label-own-code.png)"]
    return "\n".join([*lines, ""])


def main() -> None:
    """Draw all of them, or those whose names begin with an argument."""
    wanted = tuple(sys.argv[1:]) or ("",)
    screens_engineer.REFUSAL = False
    screens_operator.QUESTIONS = tuple(load_missions())
    first = dict.fromkeys(("zh", "en"), SIZES[:1])
    for screen in every_screen(("zh", "en"), first, lambda at: NAMES.get(at, "-").startswith(wanted)):
        name = NAMES.get(screen.situation)
        if name is not None:
            draw(screen.window, f"{name}-{screen.language}")
            sys.stdout.write(f"{SCREENS / name}-{screen.language}.png\n")
    QApplication.processEvents()
    labels()
    (SCREENS / "README.md").write_text(index(), encoding="utf-8")


if __name__ == "__main__":
    main()
