"""Brings in the profile that another one calls."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from profiles.brought_in import read_by
from profiles.errors import ProfileError
from profiles.library import builtin_names, locate
from profiles.yaml_file import parse_profile, read_text

DEPTH_MAX = 5


@read_by
def called(name: str, parameters: Mapping[str, float], context: Mapping[str, Any]) -> dict[str, Any]:
    """``steps`` and ``limits`` of the profile ``name``. Raises ValueError.

    ``context``: ``folder`` beside which files lie, ``find`` from a name to the text of a station's own
    profile (None for none), ``callers`` by whom this was called.
    """
    callers = tuple(context.get("callers", ()))
    if name in callers or len(callers) >= DEPTH_MAX:
        raise ValueError(f"profiles call each other in a circle or too deep: {' → '.join([*callers, name])}")
    folder = context.get("folder")
    find = context.get("find")
    try:
        text = find(name) if find is not None else None
        if text is None and name in builtin_names():
            text, folder = read_text(locate(name)), None
        if text is None:
            path = _beside(name, folder)
            text, folder = read_text(path), path.parent
        profile = parse_profile(
            text, name, parameters=parameters, folder=folder, find=find, callers=(*callers, name)
        )
    except ProfileError as error:
        raise ValueError(f"the profile {name} cannot be called: {error}") from error
    return {"steps": profile.steps, "limits": profile.limits}


def _beside(name: str, folder: Any) -> Path:
    if folder is None:
        raise ValueError(
            f"there is no profile {name!r}: call one that ships, one that is saved, or a file beside"
        )
    path = (Path(folder) / name).resolve()
    if path.suffix not in (".yaml", ".yml"):
        path = path.with_name(f"{path.name}.yaml")
    if not path.is_relative_to(Path(folder).resolve()):
        raise ValueError(f"{name}: a called file must lie beside the profile")
    return path
