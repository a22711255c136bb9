"""A task is a value: what is learnt, from which text, and by which number it is judged."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """An objective on a corpus with its primary metric; smaller values of the metric are better."""

    objective: str
    corpus: str
    metric: str
