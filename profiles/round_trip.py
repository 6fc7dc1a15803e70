"""YAML that keeps its comments, for programs that change a file in place."""

from __future__ import annotations

from io import StringIO
from typing import Any


def read_round_trip(text: str) -> Any:
    """The profile as data that remembers its comments, for programs that change a file in place."""
    from ruamel.yaml import YAML  # heavy, and rarely needed

    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    return yaml.load(text)


def write_round_trip(data: Any) -> str:
    """The text of what ``read_round_trip`` gave, comments and order as they were."""
    from ruamel.yaml import YAML  # heavy, and rarely needed

    yaml = YAML(typ="rt", pure=True)
    yaml.width = 4_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.preserve_quotes = True
    into = StringIO()
    yaml.dump(data, into)
    return into.getvalue()
