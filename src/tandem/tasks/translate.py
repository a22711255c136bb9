"""Telling the translation of a text: what a photograph shows, in German."""

from tandem.tasks.base import Task

TASK = Task(objective="translate", corpus="multi30k")
