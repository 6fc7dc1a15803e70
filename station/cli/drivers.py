"""``station drivers``: what can be driven, how well it is known, and what each model can do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from station.cli.options import JsonOption
from station.cli.output import print_json, say, show_table

app = typer.Typer(help="Instrument drivers.", no_args_is_help=True)


@app.command("list")
def list_drivers(
    category: Annotated[str | None, typer.Option(help="Only these: power, load, scanner, relay …")] = None,
    json: JsonOption = False,
) -> None:
    """Every driver with its models, evidence, proofs; a third-party one that is broken is shown as broken."""
    from drivers.catalogue import catalogue

    entries = [_as_dict(entry) for entry in catalogue()]
    if category is not None:
        entries = [entry for entry in entries if entry["category"] == category]
    if json:
        print_json({"drivers": entries})
        return
    rows = []
    for entry in entries:
        sheet = entry["datasheet"]
        proofs = dict.fromkeys(proof["by"].split(" (")[0] for proof in sheet.get("proofs", ()))
        rows.append(
            (
                entry["name"],
                entry["category"] or "?",
                entry["title"] if not entry["problem"] else f"BROKEN: {entry['problem']}",
                ", ".join(variant["model"] for variant in sheet.get("variants", ())),
                sheet.get("evidence", ""),
                ", ".join(proofs),
                sheet.get("run_on_hardware", ""),
            )
        )
    show_table(("driver", "category", "instrument", "models", "evidence", "proved by", "hardware"), rows)


@app.command("show")
def show(name: Annotated[str, typer.Argument(help="Name of the driver.")], json: JsonOption = False) -> None:
    """One driver: capabilities of each model, options for the bench file, sources, proofs, what is open."""
    from drivers.catalogue import catalogue_entry, load_driver
    from drivers.matrix import capability_rows

    entry = _as_dict(catalogue_entry(name))
    entry["options"] = [] if entry["problem"] else _options(load_driver(name).options_model)
    if json:
        print_json(entry)
        return
    sheet = entry["datasheet"]
    say(f"{entry['name']}: {entry['title']} ({entry['category'] or '?'})")
    if entry["package"]:
        say(f"  brought by {entry['package']}")
    if entry["problem"]:
        say(f"  BROKEN: {entry['problem']}")
        return
    say(f"  evidence {sheet['evidence']}: {'; '.join(sheet['sources']) or 'no source stated'}")
    say(f"  links: {', '.join(sheet['links']) or 'not stated'}; run on hardware: {sheet['run_on_hardware']}")
    say(f"  simulated by: {', '.join(sheet['simulators']) or 'nothing'}")
    for proof in sheet["proofs"]:
        say(f"  proved by {proof['by']} against the {proof['against']}: {proof['what']}")
    for open_point in sheet["unverified"]:
        say(f"  not verified: {open_point}")
    if sheet["variants"]:
        models = [variant["model"] for variant in sheet["variants"]]
        show_table(("", *models), capability_rows(sheet["variants"]))
    if entry["options"]:
        show_table(
            ("option", "type", "default"), [(o["name"], o["type"], o["default"]) for o in entry["options"]]
        )


def _as_dict(entry: Any) -> dict[str, Any]:
    return {
        "name": entry.name,
        "category": entry.category.value if entry.category else None,
        "title": entry.title,
        "source": entry.source,
        "package": entry.package,
        "problem": entry.problem,
        "datasheet": dict(entry.datasheet),
    }


def _options(model: Any) -> list[dict[str, str]]:
    rows = []
    for name, field in model.model_fields.items():
        kind = getattr(field.annotation, "__name__", "") if isinstance(field.annotation, type) else ""
        default = "required" if field.is_required() else str(field.get_default(call_default_factory=True))
        rows.append(
            {"name": name, "type": kind or str(field.annotation).replace("typing.", ""), "default": default}
        )
    return rows


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Vendor and model, as in rigol-dl3021.")],
    category: Annotated[str, typer.Option(help="power, load, scanner, relay, bms or printer.")],
    folder: Annotated[Path, typer.Option(help="The project's folder.")] = Path(),
    json: JsonOption = False,
) -> None:
    """Write the files a new driver begins with: driver, simulator, test (see CONTRIBUTING.md)."""
    from drivers.skeleton import BadSkeleton, entries, write_skeleton
    from drivers.spec import Category

    try:
        wanted = Category(category)
    except ValueError as error:
        raise BadSkeleton(
            f"there is no category {category!r}",
            remedy=f"There are: {', '.join(known.value for known in Category)}.",
            category=category,
        ) from error
    written = write_skeleton(folder, name, wanted)
    if json:
        print_json({"files": [str(path) for path in written], "to_register": entries(name, wanted)})
        return
    for path in written:
        say(f"written: {path}")
    say("to be registered by hand:")
    say(entries(name, wanted))
