"""Telling the next token of running text."""

from tandem.tasks.base import Task

TASK = Task(objective="clm", corpus="sotu")
