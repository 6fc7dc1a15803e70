"""Models: what each was learned from, how good it is, a candidate beside the running one, adopt, return."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSplitter, QTabWidget, QTextBrowser, QVBoxLayout, QWidget

from station.service.client import Role, ServiceClient
from station.ui.engineer.learning_picture import LearningPicture
from station.ui.engineer.work_page import Answer, Table, WorkPage, caption, choice, field, row
from station.ui.texts import Texts

TYPE_COLUMNS = ("type", "measured", "cells", "rows", "trivial", "error", "p95", "coverage", "half_width")
TABLE_EXCESS_PX = 12
FIGURES = ("mape", "p95", "coverage", "half_width", "abstained")


class ModelsPage(WorkPage):
    """A candidate is a folder that ``station learn start-type`` has written."""

    key: ClassVar[str] = "models"
    needs: ClassVar[Role] = "engineer"

    def __init__(self, client: ServiceClient, texts: Texts) -> None:
        super().__init__(client, texts)
        self.known: Answer = {}
        self.found: Answer = {}
        self.head = QLabel()
        self.head.setWordWrap(True)
        self.models = Table(["use", "model", "kind", "types", "data", "adopted"], wide=5)
        self.types = Table(TYPE_COLUMNS, wide=1)
        self.type = choice()
        self.picture = LearningPicture(texts)
        self.card = QTextBrowser()
        self.card.setTabChangesFocus(True)
        self.cells, self.labels, self.reason = field("cells_table"), field("labels_table"), field("why")
        self.candidate = field("candidate")
        self.figures = Table(["figure", "candidate_short", "running"], wide=0)
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.tabs = QTabWidget()
        self._build()
        self.models.itemSelectionChanged.connect(self._chosen)
        self.type.activated.connect(lambda _: self._draw())
        self.set_texts()

    def _build(self) -> None:
        self.compare = self.button("compare_models", self._compare)
        self.adopt = self.button("adopt", self._adopt)
        self.back = self.button("back", self._back)
        figures, curve, beside = QWidget(), QWidget(), QWidget()
        down = QVBoxLayout(figures)
        down.addWidget(self.types)
        drawn = QVBoxLayout(curve)
        drawn.addLayout(row(caption("type", self.type), self.type, 1))
        drawn.addWidget(self.picture, 1)
        compared = QVBoxLayout(beside)
        compared.addLayout(row(self.cells, self.labels, self.compare))
        compared.addWidget(self.figures, 1)
        compared.addWidget(self.verdict)
        for part in (figures, curve, beside, self.card):
            self.tabs.addTab(part, "")
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.models)
        split.addWidget(self.tabs)
        split.setSizes([150, 380])
        split.setChildrenCollapsible(False)
        self.body.addWidget(self.head)
        self.body.addWidget(split, 1)
        self.body.addLayout(row(self.candidate, self.reason, self.back, self.adopt))

    def shown(self) -> None:
        """The page comes into view."""
        self.call(lambda: self.client.get("/api/models"), self._came)

    def retext(self) -> None:
        """Every word anew."""
        self.relabel()
        for number, name in enumerate(("figures", "learning", "beside", "card")):
            self.tabs.setTabText(number, self.word(name))
        for part, name in (
            (self.types, "figures"),
            (self.figures, "beside"), (self.card, "card"),
        ):  # fmt: skip
            part.setAccessibleName(self.word(name))
        self.models.setAccessibleName(self.texts("page.models"))
        self._show()
        self._show_found()
        model = self._model()
        if model is not None and self.isVisible():
            self._ask_card(model)

    def _came(self, answer: Answer) -> None:
        if not self.status.startswith("✓"):
            self.tell("")
        self.known = answer
        self._show()
        if self.models.currentRow() < 0:
            self.models.selectRow(next((i for i, m in enumerate(answer["models"]) if m["in_use"]), 0))
        elif (model := self._model()) is not None:
            self._ask_card(model)

    def _show(self) -> None:
        told = self.known
        if not told:
            return
        log = told["log"]
        lines = [self.word("models_in_use", name=self._name(told["in_use"]))]
        if log:
            lines.append(f"{log[-1]['t_utc'][:16].replace('T', ' ')} · {log[-1]['who']}: {log[-1]['why']}")
        self.head.setText("\n".join(lines))
        self.back.setEnabled(bool(log))
        rows = []
        for model in told["models"]:
            card = model["card"] or {"types": [], "training_table_sha256": "", "model_id": ""}
            adopted = [line for line in log if line["model_id"] == model["name"]]
            last = (
                f"{adopted[-1]['t_utc'][:10]} · {adopted[-1]['who']}: {adopted[-1]['why']}" if adopted else ""
            )
            problem = f"✕ {self.said(model['problem'])}" if model["problem"] else last
            use = f"✓ {self.word('used')}" if model["in_use"] else ""
            sha = (card["training_table_sha256"] or "")[:12]
            name = (
                self._name(model["name"])
                if model["name"] in ("shipped", card["model_id"])
                else f"{model['name']} ({card['model_id']})"
            )
            rows.append(
                (use, name, self.word(f"model_{model['kind']}"), str(len(card["types"])), sha, problem)
            )
        self.models.fill([self.word(name) for name in self.models.columns], rows)
        known = self.type.currentText()
        self.type.clear()
        self.type.addItems(list(told["learning"]))
        self.type.setCurrentIndex(max(self.type.findText(known), 0))
        self._show_types()
        self._draw()

    def _name(self, name: str) -> str:
        return self.word("shipped") if name == "shipped" else name

    def _model(self) -> Answer | None:
        place = self.models.currentRow()
        models = self.known.get("models", [])
        return models[place] if 0 <= place < len(models) else None

    def _chosen(self) -> None:
        model = self._model()
        if model is None:
            return
        self.candidate.setText("" if model["in_use"] else model["name"])
        self._show_types()
        self._ask_card(model)

    def _ask_card(self, model: Answer) -> None:
        if not model["card"]:
            self.card.clear()
            return
        path, lang = f"/api/models/{model['name']}/card", self.texts.lang
        self.call(lambda: self.client.get(path, lang=lang), self._card_came, key="card", quiet=True)

    def _card_came(self, answer: Answer) -> None:
        self.card.setMarkdown(answer["text"])
        # Qt makes a squeezed table some pixels wider than its room: with a margin nothing scrolls sideways.
        frame = self.card.document().rootFrame()
        form = frame.frameFormat()
        form.setRightMargin(TABLE_EXCESS_PX)
        frame.setFrameFormat(form)

    def _show_types(self) -> None:
        model = self._model() or {}
        card = model.get("card") or {"types": []}
        rows = []
        for one in card["types"]:
            sign = " *" if one["started_here"] else ""
            rows.append(
                (
                    one["type"] + sign, f"{self.word('subset_' + one['subset'])}, {one['width_s']:g} s",
                    str(one["cells"]), str(one["rows"]),
                    f"{one['trivial_mape']:.2f} %", f"{one['mape']:.2f} %",
                    f"{one['p95']:.1f}", f"{one['coverage']:.0f} %", f"± {one['half_width']:.1f}",
                )
            )  # fmt: skip
        self.types.fill([self.word(name) for name in self.types.columns], rows)

    def _draw(self) -> None:
        name = self.type.currentText()
        self.picture.show_points(name, self.known.get("learning", {}).get(name, []))

    # -- beside each other ---------------------------------------------------------------------

    def _compare(self) -> None:
        body = {"candidate": self.candidate.text().strip(), "cells": self.cells.text().strip()}
        if self.labels.text().strip():
            body["labels"] = self.labels.text().strip()
        self.call(lambda: self.client.post("/api/models/compare", body, timeout_s=660.0), self._compared)

    def _compared(self, answer: Answer) -> None:
        self.found = answer
        self.tell(self.word("compared", cells=len(answer["cells"]), seen=len(answer["seen"])), "good")
        self._show_found()

    def _show_found(self) -> None:
        found = self.found
        if not found:
            self.figures.fill([self.word(name) for name in self.figures.columns], [])
            self.verdict.setText(self.word("compare_first"))
            return
        rows: list[tuple[str, ...]] = [
            (self.word("model"), found["candidate"]["model_id"], found["running"]["model_id"])
        ]
        for name in FIGURES:
            pair = [found[side][name] for side in ("candidate", "running")]
            rows.append((self.word(f"figure_{name}"), *("–" if v is None else f"{v:.2f}" for v in pair)))
        self.figures.fill([self.word(name) for name in self.figures.columns], rows)
        if found["difference"] is None:
            self.verdict.setText(self.word("no_shared"))
            return
        low, high = (
            "–" if found[key] is None else f"{found[key]:+.2f}"
            for key in ("difference_low90", "difference_high90")
        )
        self.verdict.setText(
            self.word(
                "difference",
                value=f"{found['difference']:+.2f}",
                low=low,
                high=high,
                cells=found["shared_cells"],
            )
        )

    def _adopt(self) -> None:
        body = {"candidate": self.candidate.text().strip(), "why": self.reason.text()}
        self.call(lambda: self.client.post("/api/models/adopt", body), self._adopted)

    def _back(self) -> None:
        body = {"why": self.reason.text()}
        self.call(lambda: self.client.post("/api/models/back", body), self._adopted)

    def _adopted(self, answer: Answer) -> None:
        self.reason.clear()
        self.tell(self.word("adopted_now", name=answer["model_id"], former=answer["former"]), "good")
        self.call(lambda: self.client.get("/api/models"), self._came, quiet=True)
