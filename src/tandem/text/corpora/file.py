"""The user's own files: plain text, tables, and parallel text."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from tandem.core.errors import UsageError
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.files.detection import NONE, ROLES
from tandem.text.files.folders import chosen
from tandem.text.files.plain_text import PlainText
from tandem.text.files.table import Table
from tandem.text.readers.base import Reader
from tandem.text.readers.formats import reader, said
from tandem.text.readers.opening import digest
from tandem.text.readers.parallel import Parallel

HELP = 'corpus file: say where the text is: corpus.path = "book.txt", a table such as "reviews.csv", or a folder'
SHOWN = 3


class File(Corpus):
    """Reads the file or folder `path`; docs/your-own-data.md is its description for users.

    `validation` and `test` are files or folders of those splits. `text`, `second`, `label`, `score` and `tags` name
    columns of a table; what is not named is found out and told by `notes`. `target` is the file with the translation
    of `path`, line by line, `validation_target` and `test_target` are those of the other splits. `header` says whether
    the first line of a csv names the columns, `quotes` whether quotation marks enclose its cells.

    The constructor reads the beginning of a file of each split, so that what cannot be read is refused at once.
    """

    title = "Your own text"
    licence = "yours"
    citation = "none"
    source = "file"

    def __init__(
        self, *, path: str = "", validation: str = "", test: str = "", text: str = "", second: str = "",
        label: str = "", score: str = "", tags: str = "", target: str = "", validation_target: str = "",
        test_target: str = "", header: bool | None = None, quotes: bool = True,
    ) -> None:  # fmt: skip
        if not path:
            raise UsageError(HELP)
        self.path = Path(path).expanduser()
        self.files, self.left_out = chosen(self.path, _paths({"validation": validation, "test": test}))
        self.targets = _paths({"train": target, "validation": validation_target, "test": test_target})
        self.names = {file: self._name(file) for files in self.files.values() for file in files}
        wanted = {role: name for role, name in zip(ROLES, (text, second, label, score, tags), strict=True) if name}
        if self.targets:
            self.content: PlainText | Table = self._parallel(wanted)
        else:
            self.content = self._content(wanted, header=header, quotes=quotes)
        self.kind = self.content.kind

    def fingerprint(self) -> str:
        columns = self.content.columns if isinstance(self.content, Table) else None
        content = hashlib.sha256(repr(columns).encode())
        for split, files in self.files.items():
            for file in [*files, *([self.targets[split]] if split in self.targets else [])]:
                content.update(f"{split}\0".encode() + os.fsencode(self._name(file)) + b"\0" + digest(file))
        return content.hexdigest()

    def examples(self, split: str) -> Iterator[Example]:
        return self.content.examples(split)

    def labels(self) -> tuple[str, ...]:
        return self.content.labels()

    def without_text(self, split: str) -> Iterator[str]:
        return self.content.without_text(split) if isinstance(self.content, Table) else iter(())

    def notes(self) -> list[str]:
        split = {split: files for split, files in self.files.items() if files}
        own = ", ".join(f"{name} = {_listed([self.names[file] for file in files])}" for name, files in split.items())
        left_out = f"not read: {_listed([self._name(file) for file in self.left_out])}"
        firsts = [] if self.targets else chain.from_iterable(said(files[0]) for files in split.values())
        return [
            *self.content.notes(), *([own] if len(split) > 1 else []), *([left_out] if self.left_out else []), *firsts
        ]  # fmt: skip

    def _name(self, file: Path) -> str:
        """What tells `file` from the others: inside the folder `path` its path there, beside it its name."""
        folder = self.path if self.path.is_dir() else self.path.parent
        return str(file.relative_to(folder) if file.is_relative_to(folder) else file)

    def _content(self, wanted: Mapping[str, str], *, header: bool | None, quotes: bool) -> PlainText | Table:
        readers: dict[str, list[Reader]] = {split: [] for split in self.files}
        plain: list[Path] = []
        for split, files in self.files.items():
            for file in files:
                known = {*wanted.values()} - {NONE}
                found = reader(file, known=known, header=header, quotes=quotes, settable=True)
                if found is None:
                    plain.append(file)
                else:
                    readers[split].append(found)
        if not plain:
            return Table(readers, self.names, wanted)
        if table := next(chain.from_iterable(readers.values()), None):
            raise UsageError(f"{plain[0]} is plain text and {table.path} a table; give files of one kind")
        if wanted:
            role, name = next(iter(wanted.items()))
            raise UsageError(
                f'corpus.{role} = "{name}": {plain[0]} is read as plain text, which has no columns; the name of a '
                "table ends in .csv, .tsv, .jsonl, .json, .parquet or .arrow"
            )
        return PlainText(self.files, self.names)

    def _parallel(self, wanted: Mapping[str, str]) -> Table:
        if wanted:
            raise UsageError(f"corpus.{next(iter(wanted))}: parallel text has no columns; leave out corpus.target")
        readers: dict[str, list[Reader]] = {}
        for split, files in self.files.items():
            target = self.targets.get(split)
            if bool(files) != bool(target) or len(files) > 1:
                option = "target" if split == "train" else f"{split}_target"
                raise UsageError(f"parallel text: corpus.{option} is the file with the translation of one file")
            readers[split] = [Parallel(files[0], target)] if target else []
        return Table(readers, self.names, {"text": "source", "second": "target", "label": NONE, "score": NONE})


def _paths(names: Mapping[str, str]) -> dict[str, Path]:
    return {split: Path(name).expanduser() for split, name in names.items() if name}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= SHOWN else f"{len(names)} files ({names[0]} to {names[-1]})"
