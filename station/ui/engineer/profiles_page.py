"""The profile editor: text with a live check, the plan as a picture, who can run it, versions."""

from __future__ import annotations

from typing import ClassVar, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QSplitter, QTabWidget, QVBoxLayout, QWidget

from station.service.client import Role, ServiceClient
from station.ui.engineer.checked_text import CheckedText
from station.ui.engineer.timeline_picture import TimelinePicture
from station.ui.engineer.work_page import Answer, Table, WorkPage, caption, choice, field, row
from station.ui.engineer.yaml_text import DiffView
from station.ui.texts import Texts

CHEMISTRIES: Final = ("", "LFP", "NMC", "NCA", "LMO", "LCO", "LTO")


class ProfilesPage(WorkPage):
    """Own profiles are written here; those that ship are a start and never written over."""

    key: ClassVar[str] = "profiles"
    needs: ClassVar[Role] = "engineer"

    def __init__(self, client: ServiceClient, texts: Texts) -> None:
        super().__init__(client, texts)
        self.rows: list[Answer] = []
        self.checked: Answer = {}
        self.names, self.versions = choice(), choice()
        self.capacity = QDoubleSpinBox(minimum=0.1, maximum=10_000, value=35.0, decimals=1, suffix=" Ah")
        self.chemistry = choice()
        self.chemistry.addItems(list(CHEMISTRIES))
        self.text = CheckedText()
        self.picture, self.totals = TimelinePicture(texts), caption("no_plan")
        self.totals.setProperty("word", None)
        self.totals.setWordWrap(True)
        self.channels = Table(["channel", "answer"], wide=1)
        self.diff = DiffView()
        self.reason = field("why")
        self._build()
        self._join()
        self.set_texts()

    def _build(self) -> None:
        self.body.addLayout(
            row(
                caption("profile", self.names),
                self.names,
                caption("version", self.versions),
                self.versions,
                caption("capacity", self.capacity),
                self.capacity,
                caption("chemistry", self.chemistry),
                self.chemistry,
                1,
            )
        )
        plan = QWidget()
        drawn = QVBoxLayout(plan)
        drawn.addWidget(self.picture, 1)
        drawn.addWidget(self.totals)
        self.tabs = QTabWidget()
        for part in (plan, self.channels, self.diff):
            self.tabs.addTab(part, "")
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.text)
        split.addWidget(self.tabs)
        split.setSizes([560, 480])
        split.setChildrenCollapsible(False)
        self.body.addWidget(split, 1)
        self.save = self.button("save", self._save)
        self.compare = self.button("compare", self._compare)
        self.body.addLayout(row(self.reason, self.compare, self.save))

    def _join(self) -> None:
        self.text.wants_check.connect(self.check_now)
        self.capacity.valueChanged.connect(self.text.pause.start)
        self.chemistry.currentIndexChanged.connect(self.text.pause.start)
        self.names.activated.connect(lambda _: self._open())
        self.versions.activated.connect(lambda _: self._open_version())

    def shown(self) -> None:
        """The page comes into view."""
        self.call(lambda: self.client.get("/api/profiles"), self._listed)

    def retext(self) -> None:
        """Every word anew."""
        self.relabel()
        for number, word in enumerate(("timeline", "channels", "differences")):
            self.tabs.setTabText(number, self.word(word))
        self.text.name(self.word("text"), self.word("problems"))
        self.diff.setAccessibleName(self.word("differences"))
        self.channels.setAccessibleName(self.word("channels"))
        self.chemistry.setItemText(0, self.word("unknown_chemistry"))
        self._name_rows()
        self._show()

    # -- lists ---------------------------------------------------------------------------------

    def _listed(self, answer: Answer) -> None:
        self.tell("")
        chosen = self.names.currentData()
        self.rows = answer["profiles"]
        self._name_rows()
        place = max(self.names.findData(chosen), 0)
        self.names.setCurrentIndex(place)
        if not self.text.text():
            self._open()

    def _name_rows(self) -> None:
        chosen = self.names.currentData()
        self.names.clear()
        for told in self.rows:
            kind = self.word("own", version=told["version"]) if told["own"] else self.word("shipped")
            self.names.addItem(f"{told['name']} · {kind}", told["name"])
        self.names.setCurrentIndex(self.names.findData(chosen))

    def _open(self) -> None:
        name = self.names.currentData()
        if name:
            self.call(lambda: self.client.get(f"/api/profiles/{name}"), self._opened)

    def _opened(self, answer: Answer) -> None:
        self.tell("")
        self.versions.clear()
        for told in reversed(answer["versions"]):
            self.versions.addItem(f"v{told['number']} · {told['t_utc'][:10]} · {told['who']}", told["number"])
        self.versions.setEnabled(bool(answer["versions"]))
        self.text.put(answer["text"])

    def _open_version(self) -> None:
        name, number = self.names.currentData(), self.versions.currentData()
        if name and number:
            path = f"/api/profiles/{name}?version={number}"
            self.call(lambda: self.client.get(path), lambda answer: self._version(answer))

    def _version(self, answer: Answer) -> None:
        self.tell("")
        self.text.put(answer["text"])

    # -- checking ------------------------------------------------------------------------------

    def check_now(self) -> None:
        """Ask for a check of what stands there now."""
        body = {
            "text": self.text.text(),
            "nominal_capacity_Ah": self.capacity.value(),
            "chemistry": self.chemistry.currentText() if self.chemistry.currentIndex() > 0 else None,
            "channels": True,
        }
        self.call(
            lambda: self.client.post("/api/profiles/check", body), self._checked, key="check", quiet=True
        )

    def _checked(self, answer: Answer) -> None:
        self.checked = answer
        self._show()

    def _show(self) -> None:
        found = self.checked
        if not found:
            return
        self.show_checked(self.text, found)
        self.save.setEnabled(found["ok"])
        limits = [(self.word("limit_profile"), value) for value in self._profile_limit()]
        limits += [(self.word("limit_channel", channel=c), value) for c, value in self._channel_limits()]
        self.picture.show_plan(found["timeline"], limits)
        self.totals.setText(self.picture.words())
        self._show_channels(found.get("channels", []))

    def _profile_limit(self) -> list[float]:
        limits = self.checked.get("limits") or {}
        most_C = limits.get("current_max_C")
        return [] if most_C is None else [most_C * self.capacity.value()]

    def _channel_limits(self) -> list[tuple[str, float]]:
        """The channel with the smallest limit: lines of all of them would hide the picture."""
        known = [c for c in self.checked.get("channels", []) if "limits" in c]
        if not known:
            return []
        least = min(known, key=lambda c: min(c["limits"].values()))
        return [(least["channel"], min(least["limits"].values()))]

    def _show_channels(self, channels: list[Answer]) -> None:
        rows = []
        for told in channels:
            good = self.word("can_run") if told["ok"] else ""
            why = "\n".join(self.said(problem) for problem in told["problems"])
            rows.append(
                (
                    f"{told['channel']} · {self.local(told['name'])}",
                    f"{'✓' if told['ok'] else '✕'} {good}{why}",
                )
            )
        self.channels.fill([self.word("channel"), self.word("answer")], rows)

    # -- versions ------------------------------------------------------------------------------

    def _compare(self) -> None:
        body: Answer = {"text": self.text.text(), "name": self.names.currentData() or ""}
        if self.versions.currentData():
            body["version"] = self.versions.currentData()
        self.call(lambda: self.client.post("/api/profiles/diff", body), self._compared)

    def _compared(self, answer: Answer) -> None:
        self.diff.setPlainText(self.difference(answer["lines"]))
        self.tabs.setCurrentIndex(2)
        self.tell("")

    def _save(self) -> None:
        body = {"text": self.text.text(), "why": self.reason.text()}
        self.call(lambda: self.client.post("/api/profiles", body), self._saved)

    def _saved(self, answer: Answer) -> None:
        self.reason.clear()
        self.tell(self.word("saved", name=answer["name"], version=answer["number"]), "good")

        def listed(found: Answer) -> None:
            self.rows = found["profiles"]
            self._name_rows()
            self.names.setCurrentIndex(self.names.findData(answer["name"]))

        self.call(lambda: self.client.get("/api/profiles"), listed, quiet=True)
        self.call(
            lambda: self.client.get(f"/api/profiles/{answer['name']}"), self._opened_quietly, quiet=True
        )

    def _opened_quietly(self, answer: Answer) -> None:
        told = self.status
        self._opened(answer)
        self.tell(told)
