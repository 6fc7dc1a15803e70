"""The whole archive: what was done before is not done again, and what came out is told against what was."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from station.errors import DataError, RecordError
from station.records.chain import canonical_json
from station.rediagnosis.job import Job
from station.rediagnosis.workers import Workers

ANSWERS = "answers.jsonl"
FORMAT = "pulse-station/rediagnosis/1"


def rediagnose(
    jobs: Iterable[Job],
    workers: Workers,
    folder: Path,
    *,
    judges: str,
    progress: Callable[[int], None] = lambda _done: None,
) -> list[dict[str, Any]]:
    """Judge every run that ``folder`` has no answer of yet, and return all answers by run id.

    ``judges`` names models and rules: answers of others are never mixed in (DataError, ``rediagnose.other``).
    Each answer is on disk before the next is asked for; a line torn by a crash is done again. Raises
    RecordError where the folder cannot be written.
    """
    path = folder / ANSWERS
    known = _known(path, judges)
    todo = _open_ones(jobs, known)
    done = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _mend(path, judges)
        with path.open("a", encoding="utf-8") as stream:
            for answer in workers.answers(todo):
                if answer["judges"] not in (None, judges):
                    raise _other(f"a worker judges by {answer['judges']}, not by {judges}", path)
                stream.write(canonical_json(answer) + "\n")
                stream.flush()
                known[answer["run_id"]] = answer
                done += 1
                progress(done)
    except OSError as error:
        raise RecordError(
            f"{path}: cannot be written: {error.strerror or error}",
            remedy="give another folder with --out, or make room; what is done is kept",
            code="record.unavailable",
            file=str(path),
            reason=str(error.strerror or error),
        ) from error
    return [known[run_id] for run_id in sorted(known)]


def changes(answers: Iterable[dict[str, Any]], before: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Runs whose verdict or grade is another now, or that could not be judged; ``before`` by run id."""
    found = []
    for answer in answers:
        was, now = before.get(answer["run_id"], {}), answer["result"] or {}
        other = [name for name in ("verdict", "grade") if was.get(name) != now.get(name)]
        if other or answer["error"]:
            found.append(
                {
                    "run_id": answer["run_id"],
                    "before": {name: was.get(name) for name in ("verdict", "grade", "soh")},
                    "after": {name: now.get(name) for name in ("verdict", "grade", "soh")},
                    "changes": other,
                    "error": answer["error"],
                }
            )
    return found


def _open_ones(jobs: Iterable[Job], known: dict[str, dict[str, Any]]) -> Iterator[Job]:
    """What goes in may have changed since (an earlier test, intake data): then it is done again."""
    for job in jobs:
        if known.get(job.run_id, {}).get("key") != job.key:
            yield job


def _known(path: Path, judges: str) -> dict[str, dict[str, Any]]:
    if not path.is_file():
        return {}
    found = {}
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines):
            try:
                content = json.loads(line)
            except ValueError:
                continue
            if number == 0:
                if content.get("format") != FORMAT or content.get("judges") != judges:
                    raise _other("holds answers of other models or rules", path)
            elif isinstance(content, dict) and "run_id" in content:
                found[content["run_id"]] = content
    return found


def _other(what: str, path: Path) -> DataError:
    return DataError(
        f"{path}: {what}",
        remedy="give an empty folder with --out, and the same models and rules to all workers",
        code="rediagnose.other",
        file=str(path),
    )


def _mend(path: Path, judges: str) -> None:
    """A head where there is none, and an end of line after a torn one."""
    if not path.is_file() or path.stat().st_size == 0:
        path.write_text(canonical_json({"format": FORMAT, "judges": judges}) + "\n", encoding="utf-8")
        return
    with path.open("rb+") as stream:
        stream.seek(-1, 2)
        if stream.read(1) != b"\n":
            stream.write(b"\n")
