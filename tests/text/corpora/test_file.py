from collections import deque
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest

from tandem.core.errors import DataError, UsageError
from tandem.text.corpora.file import File
from tandem.text.readers.txt import LONGEST_EXAMPLE
from tandem.text.splits import SPLITS

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes one file below `tmp_path` / texts."""

    def written(name: str, content: str | bytes) -> Path:
        path = tmp_path / "texts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


def texts(path: Path, *splits: str) -> list[str]:
    corpus = File(path=str(path))
    return [example.text for split in splits or ("train",) for example in corpus.examples(split)]


def test_a_paragraph_is_the_lines_up_to_an_empty_one(write: Write) -> None:
    path = write("a.txt", "\n\nOne\n  goes on. \n\n \t \nTwo.\r\n\r\nThree.")
    assert texts(path) == ["One goes on.", "Two.", "Three."]


def test_a_byte_order_mark_is_no_text(write: Write) -> None:
    assert texts(write("a.txt", b"\xef\xbb\xbfOne.")) == ["One."]


def test_one_file_is_split_by_paragraph_into_three_that_share_none(book: Path) -> None:
    found = {split: texts(book, split) for split in SPLITS}
    days = {split: [int(text.split(".")[0].removeprefix("Day ")) for text in found[split]] for split in SPLITS}
    assert days["validation"] == list(range(9, 240, 20))
    assert days["test"] == list(range(19, 240, 20))
    assert sorted(chain(*days.values())) == list(range(240))


def test_a_few_files_are_counted_through(write: Write) -> None:
    for number in range(19):
        write(f"{number:02}.txt", f"A{number}.\n\nB{number}.\n")
    found = {split: texts(write("19.md", "no").parent, split) for split in SPLITS}
    assert (found["validation"], found["test"]) == (["B4.", "B14."], ["B9."])
    assert len(found["train"]) == 35


def test_twenty_files_are_split_by_file(write: Write) -> None:
    for number in range(20):
        folder = write(f"{number:02}.txt", f"A{number}.\n\nB{number}.\n").parent
    assert texts(folder, "validation") == ["A9.", "B9."]
    assert texts(folder, "test") == ["A19.", "B19."]


def test_files_of_one_name_in_different_folders_are_different_documents(write: Write) -> None:
    for number in range(40):
        write(f"{number:02}/text.txt", f"A{number}.")
    corpus = File(path=str(write("00/text.txt", "A0.").parent.parent))
    assert len({example.document for split in SPLITS for example in corpus.examples(split)}) == 40


def test_a_folder_whose_name_ends_like_a_text_is_not_read_as_one(write: Write) -> None:
    folder = write("old.txt/a.txt", "One.").parent.parent
    assert texts(folder) == ["One."]
    assert File(path=str(folder)).fingerprint()


def test_a_paragraph_without_end_is_cut(write: Write) -> None:
    line = "word " * 40_000
    found = texts(write("a.txt", line + "\n" + line))
    assert max(map(len, found)) <= LONGEST_EXAMPLE
    assert "".join(found).replace(" ", "") == "word" * 80_000


def test_the_fingerprint_changes_with_the_content_and_only_then(write: Write, tmp_path: Path) -> None:
    folder = write("a.txt", "One.").parent
    write("b.txt", "Two.")
    before = File(path=str(folder)).fingerprint()
    write("c.md", "not read")
    (folder / "a.txt").touch()
    moved = folder.rename(tmp_path / "elsewhere")
    assert File(path=str(moved)).fingerprint() == before
    (moved / "a.txt").write_text("Onf.")
    changed = File(path=str(moved)).fingerprint()
    (moved / "a.txt").write_text("One.Two.")
    (moved / "b.txt").write_text("")
    shifted = File(path=str(moved)).fingerprint()
    assert len({before, changed, shifted}) == 3


def test_without_a_path_the_option_is_shown() -> None:
    with pytest.raises(UsageError, match=r'corpus\.path = "book\.txt"'):
        File()


def test_a_path_to_nothing_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing does not exist"):
        File(path=str(tmp_path / "missing"))


def test_a_folder_without_text_is_a_data_error(write: Write) -> None:
    with pytest.raises(DataError, match=r"no \.txt file under"):
        File(path=str(write("a.md", "no").parent))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"One.\n\nCaf\xe9.\n", r"a\.txt: not UTF-8: line 3, byte 9 of the file is 0xe9; .*iconv -f LATIN1 -t UTF-8"),
        (b"One.\n\nTwo\0.\n", r"a\.txt, line 3: holds a NUL byte; so it is no text"),
        ("One.".encode("utf-16-le"), r"a\.txt, line 1: holds a NUL byte; if it is UTF-16, convert it: iconv"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", r"a\.txt: a binary file, no text; it begins with the bytes 89 50 4e 47"),
        (b"PK\x03\x04 and more", r"a\.txt: no text but a zip archive or an Office document"),
        (b"version https://git-lfs.github.com/spec/v1\n", r"a\.txt: no text but a Git LFS pointer"),
    ],
)
def test_what_is_no_text_is_refused_at_once_and_also_when_it_comes_later(
    write: Write, content: bytes, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        File(path=str(write("a.txt", content)))
    write("a.txt", "Text.\n")
    folder = File(path=str(write("b.txt", "Text.\n").parent))
    write("b.txt", content)
    with pytest.raises(DataError, match=message.replace("a\\.txt", "b\\.txt")):
        deque(folder.examples("train"), maxlen=0)


def test_utf_16_with_its_mark_is_read_and_said(write: Write) -> None:
    path = write("a.txt", "Café.\n\nTwo.\n".encode("utf-16"))
    assert texts(path) == ["Café.", "Two."]
    assert "a.txt: read as UTF-16" in File(path=str(path)).notes()


@pytest.mark.parametrize(("content", "complaint"), [("", "no text to train on"), (" \n\n", "no text to train on")])
def test_a_split_is_never_empty(write: Write, content: str, complaint: str) -> None:
    with pytest.raises(DataError, match=rf"a\.txt: {complaint}"):
        texts(write("a.txt", content))
    path = write("a.txt", "One.\n\n" * 19)
    assert len(texts(path, "validation")) == 1
    with pytest.raises(
        DataError, match=r"a\.txt: too little text: 19 paragraphs, and none .* test; .*corpus\.test = FILE"
    ):
        texts(path, "test")


def test_a_file_that_goes_away_is_a_data_error(write: Write) -> None:
    path = write("a.txt", "One.")
    corpus = File(path=str(path))
    path.unlink()
    with pytest.raises(DataError, match=r"a\.txt: No such file"):
        corpus.fingerprint()
    with pytest.raises(DataError, match=r"a\.txt: No such file"):
        list(corpus.examples("train"))
