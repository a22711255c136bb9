"""Telling from both sentences read at once whether the second follows from the first."""

from tandem.tasks.base import Task

TASK = Task(objective="cross", corpus="snli")
