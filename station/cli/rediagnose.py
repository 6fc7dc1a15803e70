"""``station rediagnose``: an archive judged by other models or rules. Nothing on record changes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from station.cli.options import DataOption, JsonOption, data_folder, judge_with_adopted_models
from station.cli.output import print_json, progress, progress_done, say


def rediagnose(
    out: Annotated[Path, typer.Option("--out", help="Folder of the answers; what it has is not done again.")],
    cores: Annotated[
        int | None, typer.Option("--cores", min=1, help="Processes [default: all cores].")
    ] = None,
    dask: Annotated[str | None, typer.Option("--dask", help="Address of a Dask scheduler instead.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="ISO 8601, UTC.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="ISO 8601, UTC, not included.")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Judge all run files anew by the models and rules in use; tell whose verdict or grade would change."""
    from station.records import open_records
    from station.rediagnosis.archive import changes
    from station.rediagnosis.archive import rediagnose as judge_archive
    from station.rediagnosis.job import jobs, judges_here
    from station.rediagnosis.workers import Cores, DaskCluster

    judge_with_adopted_models()
    workers = DaskCluster(dask) if dask is not None else Cores(cores)
    with open_records(data_folder(data)) as records:
        wanted = list(jobs(records, since=since, until=until))
        answers = judge_archive(
            wanted,
            workers,
            out,
            judges=judges_here(),
            progress=lambda done: progress(f"{done} of at most {len(wanted)} judged"),
        )
        before = {job.run_id: records.find_run(job.run_id) for job in wanted}
    progress_done()
    asked = [answer for answer in answers if answer["run_id"] in before]
    other = changes(asked, before)
    if json:
        print_json({"judged": len(asked), "judges": judges_here(), "changes": other})
        return
    say(f"{len(asked)} runs judged by {judges_here()}; {len(other)} differ")
    for row in other:
        error = row["error"]
        was, now = (
            f"{row[k]['verdict'] or '-'} {row[k]['grade'] or ''}".strip() for k in ("before", "after")
        )
        say(f"{row['run_id']:32} {was} -> {now if error is None else error['code']}")
