"""The words of the line at the top."""

from __future__ import annotations

from station.ui.asking import Prompt
from station.ui.desk import Desk
from station.ui.labelwords import label_words, wrong_level
from station.ui.texts import Texts, say_code


def prompt_words(prompt: Prompt, desk: Desk, texts: Texts, dropped: int = 0) -> tuple[str, str]:
    """What to do, and a smaller line below: the code with what it says and what the records know."""
    if prompt.error is not None:
        error = prompt.error
        said = say_code(error.code, error.params, texts.lang, message=error.message, remedy=error.remedy)
        return said.text, said.remedy
    params = dict(prompt.params)
    if prompt.key == "prompt.tested":
        params["verdict"] = texts(f"verdict.{params['verdict']}")
    more = str(params.get("raw", ""))
    if prompt.level != "refusal":
        if desk.part is not None:
            more = desk.part.text + "·" * desk.part.left
        elif desk.at_hand is not None:
            more = _at_hand(desk, texts)
        elif prompt.key == "prompt.scan" and dropped:
            more = texts("top.dropped", count=dropped)
    return texts(prompt.key, **params), more


def _at_hand(desk: Desk, texts: Texts) -> str:
    at_hand = desk.at_hand
    assert at_hand is not None
    slot = desk.mirror.slots.get(desk.selected or "")
    differs = wrong_level(at_hand.code, slot.info.level, texts) if slot else ""
    facts, known = "", at_hand.known
    if known and known.get("nominal_capacity_Ah"):
        facts = f"{known['nominal_capacity_Ah']:g} Ah {known.get('chemistry') or ''}".strip()
        facts = texts("top.known", facts=facts)
    own = texts("top.own_printed" if at_hand.printed else "top.own") if at_hand.own else ""
    joined = texts("top.joined") if at_hand.joined else ""
    parts = (at_hand.code, own, joined, differs or facts or label_words(at_hand.code, texts))
    return " · ".join(part for part in parts if part)
