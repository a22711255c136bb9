"""Corpora by name, by path or by recipe: which there are, and which one a person means."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tandem.core import parts
from tandem.core.config import Recipe, checked_recipe, read_recipe
from tandem.core.errors import UsageError, unknown
from tandem.tasks.base import Task
from tandem.text.corpora.base import Corpus

CORPORA, TASKS = "tandem.text.corpora", "tandem.tasks"


@dataclass(frozen=True)
class Listed:
    """A corpus in one line: `rows` as published, all splits together, 0 where that is not stated.

    `place` says where its text would come from now.
    """

    name: str
    kind: str
    rows: int
    licence: str
    place: str


@dataclass(frozen=True)
class Opened:
    """A corpus with the name and the options that it was made with."""

    name: str
    options: dict[str, Any]
    corpus: Corpus


def listed() -> list[Listed]:
    """Every corpus there is; nothing is read and no library of data sets is loaded."""
    found = []
    for name in parts.names(CORPORA):
        part = _part(name)
        # What the user's own files hold is known when they are opened.
        kind = "any" if part.source == "file" else str(part.kind)
        found.append(Listed(name, kind, sum(part.rows.values()), part.licence, place_of(part)))
    return found


def place_of(corpus: Corpus | type[Corpus]) -> str:
    """Where the text of a corpus would come from now: its source, or for public data `mirror`, `cache` or `hub`."""
    return corpus.source if corpus.identifier is None else corpus.table.where() or "not in the mirror"


def recipe_for(text: str, *, overrides: list[str], columns: dict[str, str]) -> Recipe:
    """A recipe with the corpus that `text` means: a recipe file, the name of a corpus, or a path to the user's text.

    `columns` are options of the corpus.

    Raises:
        UsageError: `text` is none of the three, or an override does not fit.
    """
    if text.endswith(".toml"):
        recipe = read_recipe(Path(text), overrides)
        return recipe.model_copy(update={"corpus": {**recipe.corpus, **columns}})
    content = {"encoder": "lstm", "budget": {"steps": 1}, "corpus": {**corpus_table(text), **columns}}
    return checked_recipe(content, where=text, overrides=overrides)


def task_of(recipe: Recipe) -> Task:
    """The task that `recipe` names.

    Raises:
        UsageError: there is none of that name.
    """
    return parts.load_value(TASKS, recipe.task, Task, where="task")


def open_corpus(recipe: Recipe) -> Opened:
    """The corpus of `recipe`, or that of its task.

    Raises:
        UsageError: there is none of that name, or it refuses its options. DataError: its text is not there.
    """
    options = dict(recipe.corpus)
    if "path" in options and "name" not in options:
        raise UsageError('corpus.path is an option of your own text: set corpus.name = "file" too')
    name = str(options.pop("name", task_of(recipe).corpus))
    part = _part(name)
    checked = parts.checked_options(part, options, where=f"corpus {name}")
    return Opened(name, checked, part(**checked))


def corpus_table(text: str) -> dict[str, str]:
    """The `[corpus]` of a recipe for the name of a corpus, or for a path to the user's text.

    Raises:
        UsageError: `text` is neither.
    """
    names = parts.names(CORPORA)
    if text in names:
        return {"name": text}
    if os.sep in text or Path(text).suffix or Path(text).exists():
        return {"name": "file", "path": text}
    try:
        raise unknown("corpus", text, names)
    except UsageError as error:
        raise UsageError(f"{error}; nor is there a file or folder of that name") from None


def _part(name: str) -> type[Corpus]:
    return parts.load_class(CORPORA, name, Corpus, where="corpus.name")  # type: ignore[type-abstract]
