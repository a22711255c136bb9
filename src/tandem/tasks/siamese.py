"""Telling from one vector for each of two sentences whether the second follows from the first."""

from tandem.tasks.base import Task

TASK = Task(objective="siamese", corpus="snli")
