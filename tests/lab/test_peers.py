"""What words alone reach stands beside runs that tell classes, on the same rows, and is measured once."""

import sys
from pathlib import Path

import pytest
from running import tiny

from tandem.core.config import Recipe
from tandem.lab.peers import Peers, peers_of

pytest.importorskip("sklearn")


def table(path: Path, *, header: str = "text,label") -> Path:
    """A hundred rows whose last word tells their class; a premise tells nothing."""
    rows = [
        {"text": text, "hypothesis": text, "premise": f"line {n}", "label": str(n % 2)}
        for n, text in enumerate(f"number {n} was {('bad', 'good')[n % 2]}" for n in range(100))
    ]
    lines = [",".join(row[name] for name in header.split(",")) for row in rows]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def recipe(book: Path, path: Path, **changes: object) -> Recipe:
    return tiny(book, corpus={"name": "file", "path": str(path)}, **{"task": "classify", **changes})


def test_words_are_measured_once_for_a_corpus_whatever_reads_it(book: Path, tmp_path: Path) -> None:
    path = table(tmp_path / "films.csv")
    said: list[str] = []
    (found,) = peers_of([recipe(book, path), recipe(book, path, encoder="cnn")], say=said.append).found
    assert (found.name, found.accuracy, found.split) == ("words", 1, "test")
    assert found.seconds > 0
    assert len(said) == 1
    assert peers_of([recipe(book, path, tokenizer__size=99)], say=said.append).found == (found,)
    assert len(said) == 1
    path.write_text(path.read_text(encoding="utf-8").replace("good", "fine"), encoding="utf-8")
    peers_of([recipe(book, path)], say=said.append)
    assert len(said) == 2


@pytest.mark.parametrize("task", ["siamese", "cross"])
def test_pairs_have_the_hypothesis_alone_beside_them_and_the_words_of_both(
    task: str, book: Path, tmp_path: Path
) -> None:
    given_away = recipe(book, table(tmp_path / "a.csv", header="label,premise,hypothesis"), task=task)
    hypothesis, both = peers_of([given_away]).found
    assert [hypothesis.full_name, both.full_name] == ["TF-IDF, hypothesis only", "TF-IDF, words of both"]
    assert (hypothesis.accuracy, both.accuracy) == (1, 1)
    # What the first text gives away is none of its business.
    path = table(tmp_path / "b.csv", header="label,premise,hypothesis")
    turned = recipe(book, path, task=task, corpus__text="hypothesis", corpus__second="premise")
    hypothesis, _ = peers_of([turned]).found
    assert hypothesis.accuracy < 0.8


def test_the_rows_are_those_that_the_runs_read(book: Path) -> None:
    few, more = (
        tiny(book, task="classify", corpus={"name": "parity", "rows": rows, "longest": 8}) for rows in (100, 200)
    )
    assert [peers_of([one]).found[0].count for one in (few, more)] == [10, 20]
    assert peers_of([few, more]) == Peers(note="no line of what words alone reach: the runs differ in corpus.rows")


def test_who_does_not_tell_classes_has_no_such_peer(book: Path, tmp_path: Path) -> None:
    path = table(tmp_path / "films.csv")
    assert peers_of([recipe(book, path, task="mlm")]) == Peers()
    assert peers_of([recipe(book, path), recipe(book, path, task="clm")]) == Peers()


def test_taggers_have_the_most_frequent_tag_of_each_word_beside_them(book: Path) -> None:
    corpus = {"name": "parts-of-speech", "rows": 200}
    said: list[str] = []
    (found,) = peers_of([tiny(book, task="tag", corpus=corpus)], say=said.append).found
    assert (found.full_name, found.split) == ("frequent tag", "test")
    assert 0.7 < found.accuracy < 1
    assert said == ["counting the tags of each word, once for this corpus"]
    assert peers_of([tiny(book, task="tag", corpus=corpus, encoder="cnn")], say=said.append).found == (found,)
    assert len(said) == 1


def test_a_damaged_cache_is_measured_anew(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_CACHE", str(tmp_path / "cache"))
    one = recipe(book, table(tmp_path / "films.csv"))
    before = peers_of([one]).found[0]
    (kept,) = (tmp_path / "cache/baselines").iterdir()
    for damage in ("[{", '[{"nme": "words"}]'):
        kept.write_text(damage)
        assert peers_of([one]).found[0].accuracy == before.accuracy


def test_without_scikit_learn_or_the_corpus_a_note_says_why(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = table(tmp_path / "films.csv")
    one = recipe(book, path)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "sklearn.feature_extraction.text", None)
        assert "need the extra eval" in peers_of([one]).note
    path.unlink()
    assert "films.csv" in peers_of([one]).note
