"""Puts a profile into words, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from profiles.explaining import chinese, english
from profiles.explaining.limits import limits_said
from profiles.explaining.numbers import Lang, span
from profiles.model import Profile
from profiles.over_time import timeline
from profiles.plan import resolve
from profiles.stand_in import stand_in_capacity_Ah

_WORDS: dict[str, Any] = {"en": english, "zh": chinese}


@dataclass(frozen=True)
class Line:
    """``place`` is that of the step (``3.2`` is the second inside the third), '' for what is about all."""

    place: str
    depth: int
    text: str

    def __str__(self) -> str:
        return f"{'   ' * self.depth}{self.place + '. ' if self.place else ''}{self.text}"


def explain(profile: Profile, lang: Lang, *, nominal_capacity_Ah: float | None = None) -> list[Line]:
    """What the profile does. With a capacity also what it moves. Raises ProfileError."""
    words = _WORDS[lang]
    plan = resolve(profile, nominal_capacity_Ah=nominal_capacity_Ah or stand_in_capacity_Ah(profile))
    over = timeline(plan)
    facts = {
        "title": getattr(profile.title, lang),
        "count": len(profile.steps),
        "longest": span(over.duration_s, lang),
        "timing": words.TIMING[profile.timing],
        "sampling": profile.sampling_Hz,
    }
    lines = [Line("", 0, words.HEAD.format(**facts)), Line("", 0, getattr(profile.description, lang))]
    if nominal_capacity_Ah:
        moved = {
            "capacity": nominal_capacity_Ah,
            "charge": over.charge_Ah,
            "discharge": over.discharge_Ah,
            "largest": over.largest_A,
        }
        lines.append(Line("", 0, words.MOVES.format(**moved)))
    lines += [Line("", 0, said) for said in limits_said(profile.limits, lang)]
    return [*lines, *_steps(profile.steps, "", 1, words)]


def _steps(steps: Sequence[Any], above: str, depth: int, words: Any) -> Iterator[Line]:
    for number, step in enumerate(steps, 1):
        place = f"{above}{number}"
        say = words.SAY.get(step.step)
        text = say(step) if say is not None else _plain(step, words)
        yield Line(place, depth, text)
        yield from _steps(
            getattr(step, "steps", ()) or getattr(step, "then", ()), f"{place}.", depth + 1, words
        )
        otherwise = getattr(step, "otherwise", ())
        if otherwise:
            yield Line("", depth, words.ELSE)
            yield from _steps(otherwise, f"{place}.e", depth + 1, words)


def _plain(step: Any, words: Any) -> str:
    """A kind of step that has no sentence of its own."""
    data = step.model_dump(mode="json", exclude_defaults=True, exclude={"step", "steps"})
    fields = ", ".join(f"{name} {value}" for name, value in data.items())
    return str(words.UNKNOWN.format(kind=step.step, fields=fields))
