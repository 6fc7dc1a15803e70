"""The shipped rule set's sources are told in Chinese; a site's own stay as they are."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from station.messages.rule_sources import rule_source
from station.models.rulebook.shelf import DEFAULT_RULES


def _sources(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        source = part.get("source")
        yield from [source] if isinstance(source, str) else []
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _sources(inner)


def test_every_source_has_its_chinese() -> None:
    names_alone = {"Battery University BU-808a"}
    found = set(_sources(yaml.safe_load(DEFAULT_RULES.read_text(encoding="utf-8"))))
    assert len(found) > 20
    assert {text for text in found if rule_source(text, "zh") == text} == names_alone
    assert rule_source("our own measurement", "zh") == "our own measurement"
    assert rule_source("common practice", "en") == "common practice"
