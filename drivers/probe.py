"""Tries a third-party driver in a process of its own, so that a broken one harms nobody.

Importing foreign code may raise, exit, hang, or take its process along; all of these become a sentence here.
A package may bring a static manifest, ``pulse_station_drivers.toml`` in its top folder, from which title,
category and API version are read without importing anything::

    [drivers.acme-el9000]
    title = "Acme EL9000 electronic load"
    category = "load"
    api_version = 1
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from drivers.spec import API_VERSION, Category, DriverSpec

MANIFEST = "pulse_station_drivers.toml"
PROBE_S = 30.0
"""Longer than any sound import takes on a slow computer."""
_MARK = "pulse-station-probe:"
_CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from drivers.probe import child; child(sys.argv[2], sys.argv[3], sys.argv[4])"
)


class BadDriver(Exception):
    """What is wrong with a driver, as a sentence without a subject."""


def examine(point: EntryPoint) -> DriverSpec:
    """Import a driver here and now. Raises BadDriver."""
    try:
        spec = point.load()
    except (Exception, SystemExit) as error:  # a plug-in may fail in any way while importing
        raise BadDriver(f"cannot be imported: {type(error).__name__}: {error}") from error
    if not isinstance(spec, DriverSpec):
        raise BadDriver(f"{point.value} is not a DriverSpec")
    if spec.name != point.name:
        raise BadDriver(f"it calls itself {spec.name!r}")
    if spec.api_version != API_VERSION:
        raise BadDriver(_wrong_api(spec.api_version))
    return spec


def described(spec: DriverSpec) -> dict[str, Any]:
    """What the catalogue tells of a driver, as plain data."""
    return {"title": spec.title, "category": spec.category.value, "datasheet": spec.datasheet.as_dict()}


def manifest(point: EntryPoint) -> dict[str, Any]:
    """The static entry of a driver; empty where its package has none. Raises BadDriver where it is no good.

    Title and category come as ``described`` gives them, beside them ``api_version``.
    """
    try:
        package = find_spec(point.module.partition(".")[0])
    except (ImportError, ValueError):
        return {}
    for folder in (package and package.submodule_search_locations) or ():
        file = Path(folder) / MANIFEST
        if not file.is_file():
            continue
        try:
            entry = tomllib.loads(file.read_text(encoding="utf-8"))["drivers"][point.name]
            title, version = str(entry["title"]), int(entry["api_version"])
            category = Category(entry["category"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadDriver(f"its {MANIFEST} is no good: {type(error).__name__}: {error}") from error
        return {"title": title, "category": category.value, "api_version": version}
    return {}


def probe(point: EntryPoint) -> Mapping[str, Any]:
    """Import a third-party driver in a child process and return what it says of itself. Raises BadDriver.

    A manifest of another API version ends it before. Only where this program is a bundle without an
    interpreter the import happens in this process.
    """
    version = manifest(point).get("api_version", API_VERSION)
    if version != API_VERSION:
        raise BadDriver(_wrong_api(version))
    if getattr(sys, "frozen", False):
        return described(examine(point))
    told: Mapping[str, Any] = _probed(point.name, point.value, point.group, json.dumps(sys.path))
    if problem := told.get("problem"):
        raise BadDriver(str(problem))
    return told


@lru_cache(maxsize=256)
def _probed(name: str, value: str, group: str, path: str) -> Mapping[str, Any]:
    try:
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, path, name, value, group],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROBE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"problem": f"cannot be imported: not done after {PROBE_S:g} s"}
    except OSError as error:
        return {"problem": f"cannot be tried: {error}"}
    for line in reversed(done.stdout.decode("utf-8", "replace").splitlines()):
        if line.startswith(_MARK):
            told: dict[str, Any] = json.loads(line.removeprefix(_MARK))
            return told
    return {"problem": f"cannot be imported: it ended its process (code {done.returncode})"}


def child(name: str, value: str, group: str) -> None:
    """The child's part: examine, and say the result on a line of its own."""
    try:
        told = described(examine(EntryPoint(name, value, group)))
    except BadDriver as error:
        told = {"problem": str(error)}
    sys.stdout.write(f"\n{_MARK}{json.dumps(told)}\n")
    sys.stdout.flush()


def _wrong_api(version: object) -> str:
    return f"it was written for driver API {version}, this is {API_VERSION}"
