"""Telling the class of a text: whether a review is good."""

from tandem.tasks.base import Task

TASK = Task(objective="classify", corpus="amazon-polarity")
