"""Bytes become characters, or an error that says where and what to do."""

import gzip
import random

import pytest
from tables import Write

from tandem.core.errors import DataError
from tandem.text.readers.decoding import lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-sig", "utf-16-be-sig"])
def test_a_mark_says_the_encoding_and_is_no_text(encoding: str, write: Write) -> None:
    text = "Grüße\nπ ≈ 3\n"
    mark = "\ufeff" if encoding.startswith("utf-16-") else ""
    path = write("a.txt", (mark + text).encode(encoding.removesuffix("-sig") if mark else encoding))
    assert list(lines(path)) == ["Grüße\n", "π ≈ 3\n"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_ends_a_line(end: str, write: Write) -> None:
    path = write("a.txt", f"one{end}two{end}three")
    assert list(lines(path)) == ["one\n", "two\n", "three"]
    assert list(lines(path, newline="")) == [f"one{end}", f"two{end}", "three"]


def test_a_long_line_comes_in_pieces(write: Write) -> None:
    path = write("a.txt", "ab" * 500 + "\nnext\n")
    assert list(map(len, lines(path, limit=300))) == [300, 300, 300, 101, 5]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("before", [0, 3, 70_000, 300_000])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_the_first_byte_that_is_not_utf_8_is_found(pack: type, before: int, end: str, write: Write) -> None:
    good = f"Grüße{end}" * before
    path = write("a.txt", pack(f"{good}Caf".encode() + b"\xe9 au lait" + end.encode() + b"\xe9"))
    message = (
        rf"a\.txt: not UTF-8: line {before + 1}, byte {len(good.encode()) + 3} of the file is 0xe9; if it is Latin-1"
    )
    with pytest.raises(DataError, match=message):
        list(lines(path))


def test_a_character_that_is_cut_at_the_end_is_found(write: Write) -> None:
    with pytest.raises(DataError, match="line 2, byte 4 of the file is 0xe2"):
        list(lines(write("a.txt", b"One\n\xe2\x89")))


def test_utf_16_that_is_cut_is_told(write: Write) -> None:
    with pytest.raises(DataError, match="not UTF-16, as it begins: line 1, byte 8"):
        list(lines(write("a.txt", "One".encode("utf-16") + b"x")))


@pytest.mark.parametrize(
    "start", ["<!DOCTYPE html>", "\ufeff\n <html lang='en'>", '<?xml version="1.0"?>\n<!doctype HTML PUBLIC']
)
@pytest.mark.parametrize("name", ["page.html", "downloaded.csv"])
def test_a_page_is_no_text(name: str, start: str, write: Write) -> None:
    with pytest.raises(DataError, match=rf"{name}: no text but an HTML page; take its text out first"):
        list(lines(write(name, f"{start}\n<p>One</p>\n")))


def test_a_text_about_pages_is_text(write: Write) -> None:
    assert list(lines(write("a.txt", "The tag <html> begins a page.\n"))) == ["The tag <html> begins a page.\n"]


def test_a_file_of_another_kind_is_told_from_one_in_another_encoding(write: Write) -> None:
    noise = bytes(random.Random(1).choices(range(1, 256), k=5000))
    with pytest.raises(DataError, match=r"a\.txt: a binary file, no text; it begins with the bytes"):
        list(lines(write("a.txt", noise)))
    with pytest.raises(DataError, match="if it is Latin-1"):
        list(lines(write("b.txt", ("Ça va, à bientôt. " * 300).encode("latin-1"))))
    # A quotation mark that Latin-1 does not have.
    with pytest.raises(DataError, match=r"if it is Windows-1252, convert it: iconv -f CP1252 -t UTF-8 c\.txt"):
        list(lines(write("c.txt", "„Ja“, sagt er.".encode("cp1252"))))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04...", "a zip archive or an Office document; unpack it, or save it as plain text or as csv"),
        (b"\xfd7zXZ\x00", "packed with xz; unpack it"),
        (b"BZh91AY", "packed with bzip2; unpack it"),
        (rb"{\rtf1\ansi", "an RTF document; save it as plain text"),
        (b"%PDF-1.7\n", "a PDF; take its text out"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "a Git LFS pointer, not the data; fetch"),
    ],
)
def test_what_is_often_taken_for_text_is_called_by_its_name(content: bytes, what: str, write: Write) -> None:
    with pytest.raises(DataError, match=rf"a\.csv: no text but {what}"):
        list(lines(write("a.csv", content)))


def test_a_nul_byte_is_found_behind_a_line_that_comes_in_pieces(write: Write) -> None:
    path = write("a.txt", b"long " * 100 + b"\nshort\nN\0L\n")
    with pytest.raises(DataError, match=r"a\.txt, line 3: holds a NUL byte; so it is no text file"):
        list(lines(path, limit=64))
