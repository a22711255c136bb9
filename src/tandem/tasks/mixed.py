"""Telling hidden tokens and next tokens of running text with one set of weights."""

from tandem.tasks.base import Task

TASK = Task(objective="mixed", corpus="sotu")
