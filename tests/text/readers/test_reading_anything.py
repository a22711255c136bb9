"""Whatever is written comes back, and whatever stands in a file is read or refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import FORMATS, PACKINGS, reviews

from tandem.core.errors import DataError, UsageError
from tandem.text.corpora.file import File
from tandem.text.readers.formats import reader
from tandem.text.readers.txt import paragraphs
from tandem.text.splits import SPLITS

pytest.importorskip("pyarrow", reason="the extra tables is not installed")

MANY = settings(max_examples=60, deadline=None)
# What UTF-8 can hold and a text file may: anything but halves of characters and NUL.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
ROWS = st.lists(st.fixed_dictionaries({"text": st.text(CHARACTERS), "label": st.text(CHARACTERS)}), min_size=1)
ENDINGS = ["txt", *FORMATS]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, bytes], Path]:
    """Writes a file; the next of the same name takes its place."""
    folder = tmp_path_factory.mktemp("anything")

    def placed(name: str, content: bytes) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return placed


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("name", FORMATS)
@given(rows=ROWS)
@settings(max_examples=20, deadline=None)
def test_any_table_that_is_written_is_read_again(
    name: str, packing: str, rows: list[dict[str, str]], place: Any
) -> None:
    numbered = [{"id": str(n), "text": row["text"], "label": row["label"]} for n, row in enumerate(rows)]
    table = reader(
        place(f"a.{name}{packing}", PACKINGS[packing](FORMATS[name](numbered))),
        header=True,
        quotes=True,
        known=["text"],
    )
    assert table is not None
    assert [row.cells for row in table.rows()] == numbered
    assert [row.cells for row in table.rows(["label"])][-1]["label"] == rows[-1]["label"]


@given(text=st.text(CHARACTERS))
@MANY
def test_any_text_gives_its_words_in_their_order(text: str, place: Any) -> None:
    path = place("a.txt", text.encode())
    found = list(paragraphs(path))
    assert " ".join(found).split() == text.removeprefix("\ufeff").split()
    assert all(paragraph == paragraph.strip() != "" for paragraph in found)


def outcome(path: Path) -> str:
    """What reading all of a file comes to: `examples`, or the message of a user's mistake."""
    try:
        corpus = File(path=str(path))
        texts = [example.text for split in SPLITS for example in corpus.examples(split)]
        corpus.labels()
        corpus.notes()
    except (DataError, UsageError) as error:
        return str(error)
    return "examples" if all(text.encode() for text in texts) else "an example without text"


def is_fine(path: Path) -> bool:
    """Whether there are examples, or one line that names the file."""
    found = outcome(path)
    return found == "examples" or (path.name in found and "\n" not in found.strip())


@pytest.mark.parametrize("ending", ENDINGS)
@given(content=st.binary(max_size=300))
@MANY
def test_any_bytes_are_read_or_refused(ending: str, content: bytes, place: Any) -> None:
    assert is_fine(place(f"a.{ending}", content))


@pytest.mark.parametrize("ending", ENDINGS)
@given(content=st.text(st.sampled_from('{}[]"\\,:;\t\r\n ab1é.'), max_size=60))
@MANY
def test_any_text_of_the_signs_that_matter_is_read_or_refused(ending: str, content: str, place: Any) -> None:
    assert is_fine(place(f"a.{ending}", content.encode()))


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("name", FORMATS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_good_file_with_any_damage_is_read_or_refused(
    name: str, packing: str, data: st.DataObject, place: Any
) -> None:
    content = bytearray(PACKINGS[packing](FORMATS[name](reviews(40))))
    start = data.draw(st.integers(0, len(content) - 1))
    end = data.draw(st.integers(start, min(start + 40, len(content))))
    content[start:end] = data.draw(st.binary(max_size=40))
    assert is_fine(place(f"a.{name}{packing}", bytes(content)))


@pytest.mark.parametrize("name", FORMATS)
def test_a_good_file_gives_examples(name: str, place: Any) -> None:
    assert outcome(place(f"good.{name}", FORMATS[name](reviews(100)))) == "examples"
