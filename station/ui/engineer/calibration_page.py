"""Calibration: which certificate, until when, what is due; and entering the next one."""

from __future__ import annotations

from typing import ClassVar, Final

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QDateEdit, QLabel

from station.errors import UsageError
from station.service.client import Role, ServiceClient
from station.ui.engineer.work_page import Answer, Table, WorkPage, caption, field, row
from station.ui.engineer.yaml_text import YamlEdit
from station.ui.texts import Texts

STATES: Final = {"ok": "✓", "soon": "△", "overdue": "✕", "unknown": "?"}
POINT: Final = ("quantity", "unit", "reading", "reference", "uncertainty")
QUANTITIES: Final = ("voltage", "current", "temperature", "resistance", "power")


class CalibrationPage(WorkPage):
    """The check before energy reads the same dates from the bench file that the service was started with."""

    key: ClassVar[str] = "calibration"
    needs: ClassVar[Role] = "engineer"

    def __init__(self, client: ServiceClient, texts: Texts) -> None:
        super().__init__(client, texts)
        self.known: Answer = {}
        self.head = QLabel()
        self.head.setWordWrap(True)
        self.table = Table(
            ["state", "due", "left", "address", "driver", "certificate", "done", "by", "places"], 8
        )
        self.certificate, self.by, self.reason = field("certificate"), field("by"), field("why")
        self.done, self.due = _date(), _date()
        self.due.setDate(QDate.currentDate().addYears(1))
        self.points = YamlEdit()
        self.points.setMaximumHeight(110)
        self.enter = self.button("enter", self._enter)
        self.body.addWidget(self.head)
        self.body.addWidget(self.table, 1)
        self.body.addLayout(
            row(
                caption("certificate", self.certificate), self.certificate, caption("by", self.by), self.by,
                caption("done", self.done), self.done, caption("due", self.due), self.due,
            )
        )  # fmt: skip
        self.body.addWidget(caption("points", self.points))
        self.body.addWidget(self.points)
        self.body.addLayout(row(self.reason, self.enter))
        self.table.itemSelectionChanged.connect(self._chosen)
        self.set_texts()

    def shown(self) -> None:
        """The page comes into view."""
        self.call(lambda: self.client.get("/api/calibration"), self._came)

    def retext(self) -> None:
        """Every word anew."""
        self.relabel()
        self.table.setAccessibleName(self.texts("page.calibration"))
        self.points.setPlaceholderText("voltage V 3.301 3.300 0.001\ncurrent A 10.02 10.00 0.01")
        self._show()

    def _came(self, answer: Answer) -> None:
        if not self.busy and not self.status.startswith("✓"):
            self.tell("")
        self.known = answer
        self._show()

    def _show(self) -> None:
        if not self.known:
            return
        counts = {state: sum(one["state"] == state for one in self.known["instruments"]) for state in STATES}
        lines = [self.word("calibration.counts", **counts), self.word(f"policy_{self.known['policy']}")]
        if self.known["pending"]:
            lines.append(f"△ {self.word('pending')}")
        self.head.setText("\n".join(lines))
        rows = []
        for one in self.known["instruments"]:
            known = one["calibration"] or {}
            left = "" if one["days_left"] is None else self.word("days", count=one["days_left"])
            state = f"{STATES[one['state']]} {self.word('due_' + one['state'])}"
            rows.append(
                (
                    state, known.get("due", ""), left, one["address"], one["driver"],
                    known.get("certificate", ""), known.get("done") or "", known.get("by", ""),
                    "\n".join(one["places"]),
                )
            )  # fmt: skip
        self.table.fill([self.word(name) for name in self.table.columns], rows)
        self.enter.setEnabled(self.table.currentRow() >= 0)

    def _chosen(self) -> None:
        place = self.table.currentRow()
        self.enter.setEnabled(place >= 0)
        if place < 0 or place >= len(self.known.get("instruments", [])):
            return
        known = self.known["instruments"][place]["calibration"] or {}
        self.certificate.setText(known.get("certificate", ""))
        self.by.setText(known.get("by", ""))
        self.points.setPlainText(
            "\n".join(
                " ".join(str(point[key]) for key in POINT if point.get(key) is not None)
                for point in known.get("points", [])
            )
        )

    def _enter(self) -> None:
        place = self.table.currentRow()
        if place < 0:
            return
        try:
            points = read_points(self.points.toPlainText())
        except UsageError as error:
            self.fail(error)
            return
        body = {
            "address": self.known["instruments"][place]["address"],
            "why": self.reason.text(),
            "calibration": {
                "certificate": self.certificate.text().strip(),
                "by": self.by.text().strip(),
                "done": self.done.date().toString("yyyy-MM-dd"),
                "due": self.due.date().toString("yyyy-MM-dd"),
                "points": points,
            },
        }
        self.call(lambda: self.client.post("/api/calibration", body), self._entered)

    def _entered(self, answer: Answer) -> None:
        self.reason.clear()
        self.tell(self.word("written", path=answer["path"]), "good")
        self.call(lambda: self.client.get("/api/calibration"), self._came, quiet=True)


def read_points(text: str) -> list[Answer]:
    """Lines of ``quantity unit reading reference [uncertainty]``. Raises UsageError naming the line."""
    points = []
    for number, line in enumerate(text.splitlines(), start=1):
        parts = line.split()
        if not parts:
            continue
        try:
            quantity, unit, *values = parts
            reading, reference, *more = (float(value) for value in values)
            if quantity not in QUANTITIES or len(more) > 1:
                raise ValueError(line)
        except ValueError as error:
            raise UsageError(
                f"line {number}: {line!r} is no point",
                remedy="write: voltage V 3.301 3.300 0.001",
                code="calibration.point",
                line=number,
                known=", ".join(QUANTITIES),
            ) from error
        point: Answer = {"quantity": quantity, "unit": unit, "reading": reading, "reference": reference}
        points.append({**point, "uncertainty": more[0]} if more else point)
    return points


def _date() -> QDateEdit:
    made = QDateEdit(QDate.currentDate())
    made.setDisplayFormat("yyyy-MM-dd")
    made.setCalendarPopup(True)
    return made
