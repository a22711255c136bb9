"""Files that are cut, damaged, called otherwise than what they are, missing, or do not belong together."""

import random
from collections.abc import Iterator
from functools import partial

from case import MANY, ROWS, Case, paragraphs
from tables import FORMATS, PACKINGS, json_lines, separated, zstd

COLUMNAR = {"parquet": "Parquet", "feather": "Arrow", "arrow": "Arrow"}


def noisy(content: bytes, start: int, size: int) -> bytes:
    return content[:start] + random.Random(start).randbytes(size) + content[start + size :]


def packed_cases() -> Iterator[Case]:
    """Every format, packed, and the packing cut or damaged."""
    for form in ("txt", *FORMATS):
        good = paragraphs(ROWS) if form == "txt" else FORMATS[form](ROWS)
        for packing in (".gz", ".zst"):
            content = PACKINGS[packing](good)
            damages = {
                "cut in the middle": content[: len(content) // 2], "cut at the end": content[:-3],
                "noise inside": noisy(content, 4, 40), "noise behind": content + b"noise behind it",
            }  # fmt: skip
            for name, damaged in damages.items():
                file = f"a.{form}{packing}"
                yield Case(f"packing of {file}, {name}", {file: partial(bytes, damaged)}, "cut|damaged")


def columnar_cases() -> Iterator[Case]:
    for form, called in COLUMNAR.items():
        good = FORMATS[form](MANY)
        damages = {
            "cut in the middle": good[: len(good) // 2], "cut at the end": good[:-9], "cut to a few bytes": good[:8],
            "noise at the beginning": noisy(good, 8, 3000), "no byte at all": b"", "csv inside": separated(ROWS),
            "zeros": bytes(5000),
        }  # fmt: skip
        for packing in PACKINGS:
            for name, damaged in damages.items():
                says = rf"a\.{form}{packing}: cut or damaged, or no {called} file \(.+\); copy or download it again"
                file = f"a.{form}{packing}"
                yield Case(f"{name} of {file}", {file: partial(packed, packing, damaged)}, says)
            for name, column, says in (
                ("numbers", [row["id"] for row in ROWS], "no column holds text"),
                ("bytes", [b"Fine film"] * 90, "no column holds text"),
                ("lists", [["Fine", "film"]] * 90, "no column holds text"),
            ):
                rows = [{"review": cell} for cell in column]
                file = f"a.{form}{packing}"
                files = {file: partial(packed, packing, FORMATS[form](rows))}
                yield Case(f"{name} for text in {file}", files, f"{says} .columns: review")


def packed(packing: str, content: bytes) -> bytes:
    return PACKINGS[packing](content)


def name_cases() -> Iterator[Case]:
    """The name says one thing and the content another."""
    for form in (*COLUMNAR, "jsonl", "json"):
        for ending in ("csv", "txt", "jsonl"):
            says = "plain text" if ending == "txt" and form in ("jsonl", "json") else ""
            if not says:
                yield Case(f"{form} called {ending}", {f"a.{ending}": partial(FORMATS[form], ROWS)}, "", 0)
    for packing in (".gz", ".zst"):
        for form in FORMATS:
            files = {f"a.{form}": partial(packed, packing, FORMATS[form](ROWS))}
            yield Case(f"{form}{packing} called {form}", files, "", 0)
    table = partial(separated, ROWS)
    yield Case("csv called jsonl", {"a.jsonl": table}, "line 1, character 1: no JSON: Expecting value")
    yield Case("csv called json", {"a.json": table}, r"a\.json, line 1: a \.json file holds a list of objects")
    yield Case("csv called gz", {"a.csv.gz": table}, "", 0)
    others = {
        b"PK\x03\x04": "a zip archive or an Office document; unpack it, or save it as plain text or as csv",
        b"\xd0\xcf\x11\xe0\xa1": "an old Office document", b"BZh91AY": "packed with bzip2",
        b"\xfd7zXZ\0": "packed with xz", b"%PDF-1.7": "a PDF; take its text out",
        b"SQLite format 3\0": "an SQLite database; export the table as csv",
        b"version https://git-lfs.github.com/spec/v1\n": "a Git LFS pointer, not the data; fetch the data",
    }  # fmt: skip
    for magic, what in others.items():
        for ending in ("txt", "csv", "jsonl", "json"):
            says = rf"a\.{ending}: no text but {what}"
            yield Case(f"{what} called {ending}", {f"a.{ending}": partial(bytes, magic + b" and more")}, says)
    for magic in (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff\xe0\0\x10JFIF", b"\x7fELF\2\1\1\0\0\xb0"):
        for ending in ("txt", "csv", "jsonl", "json"):
            yield Case(
                f"{magic!r} called {ending}", {f"a.{ending}": partial(bytes, magic * 20)}, "binary file|NUL byte"
            )


def place_cases() -> Iterator[Case]:
    """Files that are missing, empty, or do not belong together."""
    table, lines, text = partial(separated, ROWS), partial(json_lines, ROWS), partial(paragraphs, ROWS)
    yield Case("no file", {"b.csv": table}, r"a\.csv does not exist", path="a.csv")
    yield Case("no folder", {"b.csv": table}, "texts does not exist", path="texts")
    yield Case("an empty folder", {"texts/.keep": bytes}, "no .txt file under .*texts, and no table", path="texts")
    yield Case("a folder of pictures", {"texts/a.png": bytes}, "no .txt file under", path="texts")
    both = {"texts/a.csv": table, "texts/b.txt": text}
    yield Case("a folder of several formats", both, "several formats .1 csv, 1 txt.; name a file", 2, path="texts")
    bad = {"texts/a.txt": text, "texts/b.txt": lambda: b"Caf\xe9"}
    yield Case("one bad text among good ones", bad, r"b\.txt: not UTF-8: line 1, byte 3", path="texts")
    bad = {"texts/a.csv": table, "texts/b.csv": lambda: b"review,label,id\n1,2\n"}
    yield Case("one bad table among good ones", bad, r"b\.csv, line 2: 2 cells where", path="texts")
    bad = {"texts/a.csv": table, "texts/b.csv": lambda: b"words,label,id\nFine,pos,1\n"}
    yield Case(
        "other columns in one of two tables", bad, r'b\.csv, line 2: no column "review".*legal: words', path="texts"
    )
    split = {"texts/train.csv": table, "texts/test.csv": lambda: b"review,label,id\nFine,odd,1\n"}
    says = r'test\.csv, line 2: class "odd" is in the test split and in no row that trains'
    yield Case("a class of the test file only", split, says, path="texts")
    split = {"texts/train.csv": table, "texts/test.csv": lambda: b"review,label,id\n"}
    yield Case("a test file without rows", split, r"test\.csv: no text to read", path="texts")
    split = {"texts/train.csv": table, "texts/dev.jsonl": lines}
    yield Case("splits in two formats", split, "several formats", 2, path="texts")
    for option in ("validation", "test"):
        for content, says in (
            (None, rf"{option}\.csv does not exist"),
            (bytes, rf"{option}\.csv: no text to read"),
            (lambda: b"review\nFine film\n", rf'{option}\.csv, line 2: no column "label"'),
            (lambda: b"review,label\nFine,p\xf6s\n", rf"{option}\.csv: not UTF-8: line 2"),
            (lambda: b"review,label\nFine,new\n", rf'{option}\.csv, line 2: class "new" is in the {option} split'),
        ):
            files = {"a.csv": table, **({f"{option}.csv": content} if content else {})}
            yield Case(f"{option}: {says}", files, says, options=(f"--{option}", f"FOLDER/{option}.csv"))
    files = {"a.csv": table, "b.txt": text}
    yield Case("a text to test a table", files, "give files of one kind", 2, options=("--test", "FOLDER/b.txt"))


def parallel_cases() -> Iterator[Case]:
    text = partial(paragraphs, ROWS)
    for name, target, says in (
        ("a line too few", lambda: text()[:-1].rpartition(b"\n")[0][:-3], "line n of one is the translation of line n"),
        ("lines too many", lambda: text() + b"more\n" * 3, "a.en has 270 lines and .*a.de 273"),
        ("no line", bytes, "a.en has 270 lines and .*a.de 0"),
        ("Latin-1", lambda: b"Gr\xfc\xdfe\n" * 270, r"a\.de: not UTF-8: line 1, byte 2"),
        ("a picture", lambda: b"\x89PNG\r\n\x1a\n" * 270, r"a\.de: a binary file"),
        ("NUL", lambda: b"fine\n" * 200 + b"\0\n" * 70, r"a\.de, line 201: holds a NUL byte"),
        ("cut zstd", lambda: zstd(text())[:-9], r"a\.de: damaged or cut"),
    ):
        options = ("--set", "corpus.target=FOLDER/a.de")
        yield Case(f"{name} in the translation", {"a.en": text, "a.de": target}, says, options=options)
    options = ("--set", "corpus.target=FOLDER/none.de")
    yield Case("no translation", {"a.en": text}, r"none\.de: No such file", options=options)
