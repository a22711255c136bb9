"""Filling in masked words of two texts, and telling whether the second follows the first."""

from tandem.tasks.base import Task

TASK = Task(objective="mlm-nsp", corpus="sotu")
