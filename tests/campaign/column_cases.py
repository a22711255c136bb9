"""Columns that are not there, or hold something else than they should."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from case import ROWS, Case
from tables import FORMATS, as_tsv, json_lines, separated

FILM = "A film that I have seen twice and liked, number"
BOOK = "A book that I could not put down for days, number"


def table(**columns: Any) -> list[dict[str, Any]]:
    """Ninety rows in which each column takes the values given in turn; texts are numbered."""
    return [
        {name: f"{v} {n}" if (v := values[n % len(values)]) in (FILM, BOOK) else v for name, values in columns.items()}
        for n in range(90)
    ]


def option_cases() -> Iterator[Case]:
    """Options that do not fit the table."""
    for form, made in FORMATS.items():
        files = {f"a.{form}": partial(made, ROWS)}
        for role in ("text", "second", "label", "score", "tags"):
            says = rf'corpus\.{role} = "reveiw": no such column; did you mean "review"\? \(legal: review, label, id\)'
            yield Case(f"{role} of {form} misspelt", files, says, 2, (f"--{role}", "reveiw"))
        yield Case(
            f"numbers for text in {form}",
            files,
            "column id holds|one class|different",
            3,
            ("--text", "id", "--label", "id"),
        )
        yield Case(f"id for label in {form}", files, "column id holds .* different values in", 3, ("--label", "id"))
        two = ("--label", "label", "--tags", "id")
        yield Case(f"label and tags of {form}", files, "corpus.label and corpus.tags: one thing is learnt", 2, two)
        yield Case(f"a score for one text of {form}", files, "name the other: corpus.second", 2, ("--score", "id"))
        yield Case(
            f"the label for tags in {form}", files, "words and 1 tags; every word needs one", 3, ("--tags", "label")
        )
    text = {"a.txt": lambda: b"Text.\n\n" * 40}
    yield Case("a label of plain text", text, "read as plain text, which has no columns", 2, ("--label", "label"))


def held_cases() -> Iterator[Case]:
    """What columns hold, in every format that can hold it."""
    for name, rows, says, code in held():
        for form in ("csv", "tsv", "jsonl", "json", "lists.json", "parquet"):
            try:
                content = FORMATS[form](as_cells(rows) if form in ("csv", "tsv") else rows)
            except (TypeError, ValueError):
                # Parquet holds one type in a column, and csv no lists.
                continue
            if form in ("csv", "tsv") and any(isinstance(cell, list) for row in rows for cell in row.values()):
                continue
            yield Case(f"{name} in a.{form}", {f"a.{form}": partial(bytes, content)}, says, code)


def as_cells(rows: list[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [{name: "" if cell is None else cell for name, cell in row.items()} for row in rows]


def held() -> Iterator[tuple[str, list[dict[str, Any]], str, int]]:
    labels = "column label holds"
    yield "labels of one class", table(text=[FILM], label=["pos"]), f'{labels} one value only \\("pos"\\)', 3
    yield "no label in any row", table(text=[FILM], label=[None]), f"{labels} nothing in any row|no column holds", 3
    yield "white space for labels", table(text=[FILM], label=[" "]), f"{labels} nothing in any row", 3
    yield "a label for each row", [{"text": f"{FILM} {n}", "label": f"class {n}"} for n in range(90)], "different", 3
    yield "a number for each row", [{"text": f"{FILM} {n}", "label": n / 7} for n in range(90)], "different values", 3
    yield "labels with gaps", table(text=[FILM], label=["pos", None, "neg"]), "", 0
    yield "labels from minus one", table(text=[FILM], label=[-1, 0, 1]), "", 0
    yield "whole numbers with decimals", table(text=[FILM], label=[1.0, 2.0]), "", 0
    yield "two columns that could be the text", table(a=[FILM], b=[BOOK]), "a or b could be|b or a could be", 2
    yield "numbers only", table(a=[1, 2], b=[3.5, 4]), "no column holds text", 3
    yield "dates only", table(a=["2020-01-01"], b=["12:30"]), "no column holds text", 3
    yield "no text in any row", table(text=[None], label=["pos", "neg"]), "no column holds text|no rows|no text", 3
    yield "white space for texts", table(text=[" ", "\t"], label=["pos", "neg"]), "no column holds text|no text", 3
    yield "the same text in every row", [{"text": "The same text.", "label": str(n % 2)} for n in range(90)], "equal", 3
    yield "two rows", table(text=[FILM], label=["pos", "neg"])[:2], "too little text|one value only", 3
    yield "one row", table(text=[FILM], label=["pos"])[:1], "too little text|one value only", 3
    pair = table(premise=[FILM], hypothesis=[BOOK], label=["yes", "no"])
    yield (
        "premise and hypothesis swapped",
        [{**r, "premise": r["hypothesis"], "hypothesis": r["premise"]} for r in pair],
        "",
        0,
    )
    yield "premise and hypothesis equal", [{**row, "hypothesis": row["premise"]} for row in pair], "", 0
    yield (
        "no hypothesis in some rows",
        [{**row, "hypothesis": None if n % 3 else "So."} for n, row in enumerate(pair)],
        "",
        0,
    )
    scored = table(sentence1=[FILM], sentence2=[BOOK], score=[0.5, 4])
    yield "a word for a score", [*scored, {**scored[0], "score": "much"}], "holds 'much', which is no finite number", 3
    yield "scores with gaps", [*scored, {**scored[0], "score": None}], "", 0
    yield "an endless score", [*scored, {**scored[0], "score": "inf"}], "holds 'inf', which is no finite number", 3
    tagged = [{"tokens": ["Dogs", "run", str(n)], "tags": ["N", "V", "N"]} for n in range(90)]
    yield "a tag too few", [*tagged, {"tokens": ["Dogs", "run"], "tags": ["N"]}], "2 words and 1 tags; every word", 3
    yield "a number for tags", [*tagged, {"tokens": ["Dogs"], "tags": 3}], "holds 3, which is no list of tags", 3
    yield "no tags", [*tagged, {"tokens": ["Dogs"], "tags": None}], "1 words and 0 tags", 3


def header_cases() -> Iterator[Case]:
    for form, made in (("csv", separated), ("tsv", as_tsv)):
        file = f"a.{form}"
        yield Case(f"{form} without a header", {file: partial(headless, form)}, "", 0)
        says = "corpus.text = .review.: no such column .legal: 1, 2, 3"
        yield Case(f"{form} without a header, by name", {file: partial(headless, form)}, says, 2, ("--text", "review"))
        yield Case(f"{form} of a header only", {file: partial(made, ROWS[:0] or [{}])}, "no rows", 3)
        first = made(ROWS).partition(b"\n")[0] + b"\n"
        yield Case(f"{form} of one line", {file: partial(bytes, first)}, r"a\.(csv|tsv): no rows", 3)
        twice = made(ROWS).replace(b"review", b"label", 1)
        yield Case(
            f"{form} with a name twice", {file: partial(bytes, twice)}, 'line 1: two columns are called "label"', 3
        )
        again = made(ROWS) + made(ROWS)
        yield Case(f"{form} with its header again", {file: partial(bytes, again)}, "", 0)
    objects = json_lines(ROWS) + json.dumps({"REVIEW": "x"}).encode()
    yield Case("other names in the last object", {"a.jsonl": partial(bytes, objects)}, 'line 91: no column "review"', 3)


def headless(form: str) -> bytes:
    return separated(ROWS, "," if form == "csv" else "\t", header=False)
