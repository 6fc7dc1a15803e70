"""Copies the licence texts of everything that a bundle brings along."""

from __future__ import annotations

import re
import shutil
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

_TEXT = re.compile(r"(licen[cs]e|notice|copying|authors)", re.IGNORECASE)


def brought_along(name: str, extras: frozenset[str]) -> dict[str, Distribution]:
    """Every installed distribution that ``name`` with ``extras`` needs, itself left out, by name."""
    found: dict[str, Distribution] = {}
    waiting = [(name, extras)]
    while waiting:
        wanted, with_extras = waiting.pop()
        for needed, more in _needs(distribution(wanted), with_extras):
            key = re.sub(r"[-_.]+", "-", needed).lower()
            if key in found:
                continue
            try:
                found[key] = distribution(needed)
            except PackageNotFoundError:
                continue  # of another system or Python
            waiting.append((needed, more))
    return found


def _needs(package: Distribution, extras: frozenset[str]) -> list[tuple[str, frozenset[str]]]:
    needs = []
    for line in package.requires or []:
        head, _, marker = line.partition(";")
        asked = re.search(r"extra\s*==\s*['\"]([^'\"]+)", marker)
        if asked is not None and asked[1] not in extras:
            continue
        match = re.match(r"\s*([A-Za-z0-9._-]+)\s*(?:\[([^\]]*)\])?", head)
        if match is not None:
            more = frozenset(part.strip() for part in (match[2] or "").split(",") if part.strip())
            needs.append((match[1], more))
    return needs


def copy_licences(packages: dict[str, Distribution], target: Path) -> list[str]:
    """One folder a package below ``target``. Returns the names of packages that carry no text."""
    silent = []
    for name, package in sorted(packages.items()):
        folder = target / f"{name}-{package.version}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "METADATA").write_text(package.read_text("METADATA") or name, encoding="utf-8")
        texts = [item for item in package.files or [] if _TEXT.search(item.name) and item.suffix != ".py"]
        for item in texts:
            source = Path(str(package.locate_file(item)))
            if source.is_file():
                shutil.copy(source, folder / "-".join(item.parts[-2:]))
        if not texts:
            silent.append(name)
    return silent
