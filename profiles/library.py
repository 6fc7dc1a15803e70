"""The built-in profiles, and loading by name or path."""

from __future__ import annotations

from pathlib import Path

from profiles.errors import ProfileError
from profiles.model import Profile
from profiles.yaml_file import read_profile

_FOLDER = Path(__file__).parent / "builtin"
_METHODS = _FOLDER / "methods"
_FORMER = {"pack_pulse": "pack"}
"""Names that a profile had before: they still start it, and are listed nowhere."""


def everyday_names() -> list[str]:
    """Names of the built-in profiles that are offered at the bench, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def builtin_names() -> list[str]:
    """Names of all built-in profiles, those of methods of the field among them, sorted."""
    return sorted([*everyday_names(), *(path.stem for path in _METHODS.glob("*.yaml"))])


def locate(name_or_path: str) -> Path:
    """The file behind a built-in name or a path. Raises ProfileError."""
    name_or_path = _FORMER.get(name_or_path, name_or_path)
    if name_or_path in builtin_names():
        own = _FOLDER / f"{name_or_path}.yaml"
        return own if own.exists() else _METHODS / f"{name_or_path}.yaml"
    path = Path(name_or_path)
    if path.suffix in {".yaml", ".yml"} or path.exists():
        return path
    raise ProfileError(
        f"there is no profile {name_or_path!r}",
        field="profile",
        remedy=f"use one of {', '.join(builtin_names())}, or the path of a .yaml file",
        code="profile.unknown",
    )


def load(name_or_path: str, **parameters: float) -> Profile:
    """Load a built-in profile by name or any profile by path, its parameters set. Raises ProfileError."""
    return read_profile(locate(name_or_path), parameters=parameters)
