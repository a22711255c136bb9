"""A task is a value: what is learnt, and from which text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """An objective, and the corpus that it learns from where a recipe names none."""

    objective: str
    corpus: str
