"""Result sheets: one JSON file per trainee in the records' folder, and the data for a printed page."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from hashlib import sha256
from pathlib import Path
from typing import Any

from station.training.mission import load_missions
from station.training.referee import Referee

FORMAT = "pulse-station/training/1"


def attempt(
    referee: Referee, *, started_utc: str, ended_utc: str, at_s: float, speed: float
) -> dict[str, Any]:
    """What a sheet keeps of one attempt."""
    return {
        "mission": referee.mission.name,
        "started_utc": started_utc,
        "ended_utc": ended_utc,
        "took_s": round(at_s - referee.began_s, 1),
        "speed": speed,
        "outcome": "passed" if referee.passed else "mistakes" if referee.over else "abandoned",
        "steps": [vars(step) for step in referee.done],
        "mistakes": [
            {"id": one.id, "at_s": one.at_s, "zh": one.text.zh, "en": one.text.en} for one in referee.mistakes
        ],
    }


class Sheets:
    """The folder ``training`` of the data folder."""

    def __init__(self, data: Path) -> None:
        self._folder = data / "training"

    def add(self, trainee: str, entry: dict[str, Any]) -> dict[str, Any]:
        """Append an attempt; the file is replaced whole. Returns the sheet. Raises OSError, ValueError."""
        sheet = self.read(trainee) or {"format": FORMAT, "trainee": trainee, "attempts": []}
        sheet["attempts"].append(entry)
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(trainee)
        part = path.with_suffix(f".{os.getpid()}.part")
        with part.open("w", encoding="utf-8") as stream:
            json.dump(sheet, stream, ensure_ascii=False, indent=2)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
        return sheet

    def read(self, trainee: str) -> dict[str, Any] | None:
        """The sheet of a trainee, or None. Raises ValueError for a file that is no sheet."""
        try:
            sheet: dict[str, Any] = json.loads(self._path(trainee).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        if sheet.get("format") != FORMAT:
            raise ValueError(f"{self._path(trainee)} is no result sheet")
        return sheet

    def trainees(self) -> list[str]:
        """Everybody who has a sheet, by name."""
        found = []
        for path in self._folder.glob("*.json"):
            sheet = json.loads(path.read_text(encoding="utf-8"))
            if sheet.get("format") == FORMAT:
                found.append(str(sheet["trainee"]))
        return sorted(found)

    def _path(self, trainee: str) -> Path:
        name = unicodedata.normalize("NFC", trainee)
        plain = re.sub(r"[^\w-]+", "-", name).strip("-")[:40]
        return self._folder / f"{plain}-{sha256(name.encode()).hexdigest()[:8]}.json"


def sheet_page(sheet: dict[str, Any], lang: str) -> dict[str, Any]:
    """What a printed result sheet says in ``lang``: the trainee and one row a mission of the course.

    A row: ``title``, ``outcome`` of the best attempt (``open`` when there is none), ``attempts``, ``date``,
    ``took_s``, ``mistakes`` of the newest attempt as sentences.
    """
    side = "zh" if lang == "zh" else "en"
    rank = {"passed": 0, "mistakes": 1, "abandoned": 2}
    rows = []
    for name, mission in load_missions().items():
        tries = [entry for entry in sheet["attempts"] if entry["mission"] == name]
        best = min(tries, key=lambda entry: rank[entry["outcome"]]) if tries else None
        newest = tries[-1] if tries else None
        rows.append(
            {
                "mission": name,
                "title": getattr(mission.title, side),
                "outcome": best["outcome"] if best else "open",
                "attempts": len(tries),
                "date": newest["started_utc"][:10] if newest else "",
                "took_s": best["took_s"] if best else None,
                "mistakes": [one[side] for one in newest["mistakes"]] if newest else [],
            }
        )
    return {
        "trainee": sheet["trainee"],
        "rows": rows,
        "passed": all(row["outcome"] == "passed" for row in rows),
    }
