"""Which site a station belongs to: ``DATA/site.json``, for its owner only: the URL may hold a password."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from station.errors import DataError, UsageError
from station.private_file import write_private
from station.records.files import unwritable


@dataclass(frozen=True)
class SiteSettings:
    """``url`` of the site's database; ``files`` is where raw files go (an fsspec URL), None: they stay.

    ``options`` are what the store of raw files needs beside its URL (``endpoint_url``, ``key``, ``secret``).
    """

    url: str
    files: str | None = None
    options: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def told(self) -> str:
        """The URL as people may read it."""
        return make_url(self.url).render_as_string(hide_password=True)


def settings_path(data: Path) -> Path:
    """Where data folder ``data`` keeps them."""
    return data / "site.json"


def read_settings(data: Path) -> SiteSettings | None:
    """None where the station belongs to no site. Raises DataError (``site.settings``)."""
    path = settings_path(data)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        options = dict(content.get("options") or {})
        return _checked(SiteSettings(url=content["url"], files=content.get("files"), options=options))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, UsageError) as error:
        raise DataError(
            f"{path}: cannot be read: {error}",
            remedy="join the site again: station site join URL",
            code="site.settings",
            file=str(path),
            reason=str(error),
        ) from error


def read_options(path: Path) -> dict[str, Any]:
    """What a store of raw files needs, from a YAML or JSON file. Raises DataError (``site.settings``)."""
    try:
        content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
            raise ValueError("names with values are wanted")
    except (OSError, ValueError, YAMLError) as error:
        raise DataError(
            f"{path}: cannot be read: {error}",
            remedy="write for example endpoint_url: https://s3.site, key: …, secret: …, each on a line",
            code="site.settings",
            file=str(path),
            reason=str(error),
        ) from error
    return content


def write_settings(data: Path, settings: SiteSettings | None) -> None:
    """Keep them whole or not at all; None leaves the site. Raises UsageError (``site.url``), RecordError."""
    path = settings_path(data)
    try:
        if settings is None:
            path.unlink(missing_ok=True)
        else:
            write_private(path, json.dumps(asdict(_checked(settings))))
    except OSError as error:
        raise unwritable(path, error) from error


def _checked(settings: SiteSettings) -> SiteSettings:
    try:
        backend = make_url(settings.url).get_backend_name()
    except ArgumentError as error:
        raise UsageError(
            f"{settings.url!r} is no database URL",
            remedy="give one such as postgresql+psycopg://user:password@host/site",
            code="site.url",
        ) from error
    if backend not in ("postgresql", "sqlite"):
        raise UsageError(
            f"a site's database is PostgreSQL or SQLite, not {backend}",
            remedy="give a URL such as postgresql+psycopg://user:password@host/site",
            code="site.url",
        )
    return settings
