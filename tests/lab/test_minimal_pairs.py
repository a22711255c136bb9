"""Good and bad sentences: what is read, how ties count, and what a guess by frequency would reach."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from running import tiny, trained
from toys import LETTERS, bigrams, objective, told_from_one

from tandem.core.errors import ArtifactError, DataError, UsageError
from tandem.lab.folder import open_run
from tandem.lab.scoring.minimal_pairs import Paradigm, judge, points
from tandem.lab.scoring.pairs import Pair, read_pairs
from tandem.lab.scoring.scorer import Scorer

CLM = objective("clm", LETTERS)
A, B, C = (LETTERS.encode(letter)[0] for letter in "abc")


def judged(pairs: list[tuple[str, str]], table: torch.Tensor, counts: dict[int, int] | None = None) -> Paradigm:
    frequencies = None
    if counts is not None:
        frequencies = np.zeros(LETTERS.size, dtype=np.int64)
        for token, count in counts.items():
            frequencies[token] = count
    given = {"order": [Pair(good, bad, "order") for good, bad in pairs]}
    (paradigm,) = judge(given, Scorer(told_from_one(table), CLM), counts=frequencies)
    return paradigm


def test_the_likelier_sentence_wins_and_a_tie_counts_one_half() -> None:
    frequencies = torch.full((LETTERS.size,), 0.01, dtype=torch.float64)
    frequencies[[A, B, C]] = torch.tensor([0.6, 0.3, 0.1 - 0.01 * (LETTERS.size - 3)], dtype=torch.float64)
    table = frequencies.expand(LETTERS.size, -1)
    found = judged([("a a", "a b"), ("c", "b"), ("a b c", "c b a"), ("a", "b")], table)
    assert [points(*one.model) for one in found.judged] == [1, 0, 0.5, 1]
    assert (found.accuracy, found.ties) == (2.5 / 4, 1 / 4)
    assert found.unigram is None
    assert found.judged[0].model == pytest.approx((2 * math.log(0.6), math.log(0.6 * 0.3)), abs=1e-12)


def test_frequency_alone_is_judged_beside_the_model() -> None:
    found = judged([("a c", "c a"), ("c", "b"), ("a", "b")], bigrams(), {A: 7, B: 3, C: 0})
    # The order of words makes no difference to frequencies: a tie, a miss, a hit.
    assert found.unigram == 0.5
    assert found.judged[0].model[0] != found.judged[0].model[1]
    total = 10 + LETTERS.size
    assert found.judged[1].unigram == pytest.approx((math.log(1 / total), math.log(4 / total)))


def test_words_that_nobody_knows_count_for_nothing_and_are_counted() -> None:
    found = judged([("a zebra", "a"), ("a", "okapi a gnu")], told_nothing(), {A: 1, LETTERS.unknown_id or 0: 9})
    assert [one.untold for one in found.judged] == [1, 2]
    assert [points(*(one.unigram or (0, 1))) for one in found.judged] == [0.5, 0.5]
    assert (found.accuracy, found.unigram, found.ties) == (0.5, 0.5, 1)


def told_nothing() -> torch.Tensor:
    return torch.full((LETTERS.size, LETTERS.size), 1 / LETTERS.size, dtype=torch.float64)


def test_pairs_are_read_from_tables_by_the_names_of_columns(tmp_path: Path) -> None:
    rows = [
        {"UID": "agreement", "sentence_good": "Cats sleep.", "sentence_bad": "Cats sleeps."},
        {"UID": "island", "sentence_good": "Who came?", "sentence_bad": "Came who?"},
        {"UID": "agreement", "sentence_good": "He sleeps.", "sentence_bad": "He sleep."},
    ]
    lines = tmp_path / "pairs.jsonl"
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = read_pairs(str(lines))
    assert list(found) == ["agreement", "island"]
    assert found["agreement"][1] == Pair("He sleeps.", "He sleep.", "agreement")
    assert [len(pairs) for pairs in read_pairs(str(lines), at_most=1).values()] == [1, 1]
    table = tmp_path / "mine.csv"
    table.write_text('bad,good\n"Cats, sleeps","Cats, sleep"\n')
    assert read_pairs(str(table)) == {"mine": [Pair("Cats, sleep", "Cats, sleeps", "mine")]}


@pytest.mark.parametrize(
    ("name", "content", "error", "complaint"),
    [
        ("a.csv", "yes,no\na,b\n", UsageError, "a.csv: has the columns yes, no; two columns good and bad"),
        ("a.csv", "good,bad\na,\n", DataError, "a.csv, line 2: a pair with an empty sentence"),
        ("a.csv", "good,bad\n", DataError, "a.csv: holds no pairs"),
        ("a.txt", "good bad\n", UsageError, "a.txt: plain text; minimal pairs stand in a csv or jsonl"),
    ],
)
def test_a_table_without_pairs_is_refused(
    tmp_path: Path, name: str, content: str, error: type[Exception], complaint: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(error) as refused:
        read_pairs(str(tmp_path / name))
    assert complaint in str(refused.value)


def test_a_corpus_of_pairs_is_read_by_its_name_and_another_one_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "nyu-mll" / "blimp" / "transitive"
    folder.mkdir(parents=True)
    (folder / "train.csv").write_text("sentence_good,sentence_bad\nShe hugs Bo.,She hugs rain.\n")
    monkeypatch.setenv("TANDEM_MIRROR", str(tmp_path))
    assert read_pairs("blimp") == {"transitive": [Pair("She hugs Bo.", "She hugs rain.", "transitive")]}
    with pytest.raises(UsageError, match="corpus sotu holds no minimal pairs"):
        read_pairs("sotu")
    with pytest.raises(UsageError, match="no-such: no such file, nor a corpus of minimal pairs"):
        read_pairs("no-such")


def test_frequencies_are_those_of_the_text_that_the_run_was_trained_on(book: Path, tmp_path: Path) -> None:
    own = tmp_path / "book.txt"
    own.write_bytes(book.read_bytes())
    run = open_run(trained(tiny(own, budget__steps=1), tmp_path / "run"))
    counts = run.store().counts
    tokenizer = run.objective.tokenizer
    wind, spring, unknown = (counts[tokenizer.encode(word)[0]] for word in ("wind", "spring", "zebra"))
    assert wind > spring > unknown == 0
    own.write_text(own.read_text().replace("wind", "rain"))
    with pytest.raises(ArtifactError, match="the text has changed"):
        run.store()
