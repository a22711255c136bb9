"""Telling the part of speech of every word."""

from tandem.tasks.base import Task

TASK = Task(objective="tag", corpus="ud-english-ewt")
