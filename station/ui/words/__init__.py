"""The window's words by key, in English; ``station_zh_CN.ts`` has them in Chinese.

One module for each first word of the keys. A word is declared with ``QT_TRANSLATE_NOOP(context, text)``; its
context is the key's first word, or the whole key where the same English has two translations there
(``OWN_CONTEXT``). After a change run ``python -m station.ui.words``.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

from station.ui.words import (  # noqa: F401 - each is found by ``MODULES``
    action,
    alarm,
    bar,
    button,
    check,
    edit,
    edit_calibration,
    ident,
    label,
    language,
    lost,
    menu,
    missing,
    next,
    pad,
    page,
    page_check,
    page_col,
    page_compare,
    page_do,
    page_events,
    page_fact,
    page_file,
    page_gate,
    page_history,
    page_level,
    page_role,
    page_run,
    page_section,
    page_users,
    panel,
    pill,
    plot,
    profiles,
    prompt,
    question,
    refuse,
    result,
    sim,
    stat,
    state,
    tell,
    tile,
    time,
    top,
    trace,
    train,
    use,
    uses,
    verdict,
    window,
)

MODULES: Final = tuple(
    part
    for part in list(globals().values())
    if isinstance(part, ModuleType) and part.__name__.startswith(f"{__name__}.")
)
WORDS: Final[dict[str, str]] = {key: str(text) for module in MODULES for key, text in module.WORDS.items()}
OWN_CONTEXT: Final[frozenset[str]] = frozenset(
    {
        "action.go_on",
        "action.resume",
        "page.col.text",
        "page.col.value",
        "page.compare",
        "page.events.checking",
        "page.events.text",
        "page.gate.wait",
        "page.history.compare",
        "page.history.text",
        "page.section.value",
    }
)


def context_of(key: str) -> str:
    """Under which context the word called ``key`` is translated."""
    return key if key in OWN_CONTEXT else key.partition(".")[0]
