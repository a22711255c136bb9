"""Pairs of texts: read from files, and what a finished model says about them."""

from pathlib import Path

import numpy as np
import pytest
from running import tiny, trained

from tandem.core.errors import DataError, UsageError
from tandem.lab.erasure import pair_influences, pair_interactions
from tandem.lab.folder import OpenRun, open_run
from tandem.lab.nli import infer
from tandem.lab.pair_answers import pair_answers
from tandem.lab.similarity import compare
from tandem.lab.text_pairs import TextPair, pairs_of
from tandem.lab.text_vectors import text_vectors

PAIR = TextPair("the pair", "All dogs swim.", "No dog swims.")


def texts(path: Path, columns: tuple[str, str] | None = None) -> list[tuple[str, str]]:
    return [pair[1:] for pair in pairs_of(path, columns=columns)]


@pytest.mark.parametrize(
    ("name", "content", "columns"),
    [
        ("a.txt", "one dog\ttwo dogs\na cat\tno cat\n", None),
        ("a.tsv", "one dog\ttwo dogs\na cat\tno cat\n", None),
        ("a.csv", "id,sentence1,sentence2\n1,one dog,two dogs\n2,a cat,no cat\n", None),
        ("a.csv", "one dog,two dogs\na cat,no cat\n", None),
        ("a.csv", "id,this,that\n1,one dog,two dogs\n2,a cat,no cat\n", ("this", "that")),
        ("a.jsonl", '{"premise":"one dog","hypothesis":"two dogs"}\n{"premise":"a cat","hypothesis":"no cat"}\n', None),
    ],
)
def test_pairs_stand_in_lines_or_in_columns(
    name: str, content: str, columns: tuple[str, str] | None, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert texts(path, columns) == [("one dog", "two dogs"), ("a cat", "no cat")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "", r"a\.txt: holds no pair; write two texts a line"),
        ("a.csv", "premise,hypothesis\n", r"a\.csv: no rows"),
        ("a.csv", "\n\n", r"a\.csv: "),
        ("a.txt", "one\ttwo\nthree\n", "line 2: 1 texts; a line holds two with a tab between them"),
    ],
)
def test_a_pair_without_two_texts_is_refused_by_its_line(name: str, content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        texts(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt", "one\ttwo\nthree\t\n\tfour\n"), ("a.csv", "premise,hypothesis\none,two\nthree,\n,four\n")],
)
def test_an_empty_text_keeps_its_place(name: str, content: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert texts(path) == [("one", "two"), ("three", ""), ("", "four")]


def test_columns_that_are_not_there_are_refused_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,this,that\n1,one,two\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r'a\.csv: no column "thsi"; did you mean "this"\? \(legal: id, this, that\)'):
        texts(path, ("thsi", "that"))
    (tmp_path / "a.txt").write_text("one\ttwo\n")
    with pytest.raises(UsageError, match=r"a\.txt: plain text, two texts a line; it has no columns this and that"):
        texts(tmp_path / "a.txt", ("this", "that"))


def test_columns_that_cannot_be_told_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,this,that\n1,one,two\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"Write --columns A,B \(there are: id, this, that\)"):
        texts(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "hypothesis,premiss\ntwo dogs,one dog\n"),
        ("a.tsv", "premiss\tHypothesis\none dog\ttwo dogs\n"),
        ("a.jsonl", '{"hypothesis":"two dogs","text":"one dog"}\n'),
    ],
)
def test_a_known_name_without_the_other_is_no_reason_to_guess(name: str, content: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match="which columns hold the two texts"):
        texts(path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "a.csv",
            "one dog,two dogs\n",
            ["a.csv: the first line is a pair too, and the columns 1 and 2 are taken in their order"],
        ),
        ("a.jsonl", '{"x":"one dog","y":"two dogs"}\n', ["a.jsonl: the columns x and y are taken in their order"]),
        ("a.csv", "premise,hypothesis\none dog,two dogs\n", []),
        ("a.txt", "one dog\ttwo dogs\n", []),
    ],
)
def test_the_order_is_said_where_no_name_tells_it(name: str, content: str, said: list[str], tmp_path: Path) -> None:
    path, told = tmp_path / name, []
    path.write_text(content, encoding="utf-8")
    assert [pair[1:] for pair in pairs_of(path, say=told.append)] == [("one dog", "two dogs")]
    assert [line.partition(";")[0] for line in told] == said


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, OpenRun]:
    """Runs of a few steps: of pairs by classes, by scores, and of masked words."""
    folder = tmp_path_factory.mktemp("runs")
    corpora = {"siamese": "inference", "cross": "inference", "siamese-score": "similarity", "mlm": "inference"}
    return {
        name: open_run(
            trained(
                tiny(
                    folder, task=name.partition("-")[0], corpus={"name": corpus, "rows": 120}, budget__steps=3,
                    tokenizer__boundaries=True, data__length=32,
                ),
                folder / name,
            )
        )
        for name, corpus in corpora.items()
    }  # fmt: skip


@pytest.mark.parametrize("name", ["siamese", "cross"])
def test_a_pair_gets_every_class_and_the_cosine_of_its_vectors(name: str, runs: dict[str, OpenRun]) -> None:
    run = runs[name]
    (found,) = infer(run, [PAIR])
    assert found.labels == ("entailment", "neutral", "contradiction")
    assert sum(found.probabilities) == pytest.approx(1)
    assert found.best[1] == max(found.probabilities)
    u, v = text_vectors(run.model, run.objective, run.objective.tokenizer.encode_many(PAIR[1:])).numpy()
    assert found.cosine == pytest.approx(float(u @ v / np.linalg.norm(u) / np.linalg.norm(v)), abs=1e-6)
    assert not found.cut


@pytest.mark.parametrize("name", ["siamese", "cross", "siamese-score", "mlm"])
def test_any_run_says_how_alike_two_texts_are(name: str, runs: dict[str, OpenRun]) -> None:
    same, other = compare(runs[name], [PAIR._replace(second=PAIR.first), PAIR])
    assert same.cosine == pytest.approx(1, abs=1e-6)
    assert -1 <= other.cosine < 1
    assert (same.score is None) == (name != "siamese-score")


def test_the_score_is_told_on_the_scale_of_the_corpus(runs: dict[str, OpenRun]) -> None:
    run = runs["siamese-score"]
    low, high = run.model.head.scale.ends.tolist()  # type: ignore[union-attr]
    assert 0 <= low < high <= 5
    same, other = compare(run, [PAIR._replace(second=PAIR.first), PAIR])
    assert same.score == pytest.approx(high, abs=1e-4)
    assert other.score == pytest.approx(low + (high - low) * max(0, other.cosine), abs=1e-4)


@pytest.mark.parametrize("name", ["siamese", "cross", "siamese-score", "mlm"])
def test_a_pair_that_is_too_long_is_cut_and_said(name: str, runs: dict[str, OpenRun]) -> None:
    long = PAIR._replace(second="All dogs swim. " * 11 + "No dog swims.")
    longer = PAIR._replace(second=f"{long.second} Some cats run.")
    short, one, other = compare(runs[name], [PAIR, long, longer])
    assert (short.cut, one.cut, other.cut) == (False, True, True)
    assert one.cosine == pytest.approx(other.cosine, abs=1e-6)
    assert one.score == pytest.approx(other.score, abs=1e-6)


@pytest.mark.parametrize("name", ["siamese", "cross", "siamese-score", "mlm"])
def test_many_pairs_get_what_each_gets_alone(
    name: str, runs: dict[str, OpenRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs[name]
    pairs = [TextPair(f"pair {n}", "All dogs swim. " * (1 + n % 5), "No dog swims. " * (1 + n % 7)) for n in range(12)]
    alone = [next(pair_answers(run, [pair])) for pair in pairs]
    monkeypatch.setattr("tandem.lab.pair_answers.AT_ONCE", 8)
    read = iter(pairs)
    together = pair_answers(run, read)
    found = [next(together)]
    assert next(read).place == "pair 8"
    found += together
    del alone[8]
    assert [one.pair for one in found] == [one.pair for one in alone]
    for one, expected in zip(found, alone, strict=True):
        assert one.told == pytest.approx(expected.told, abs=1e-5)
        assert one.cosine == pytest.approx(expected.cosine, abs=1e-5)
        assert one.cut == expected.cut


def test_a_siamese_model_reads_the_texts_of_many_pairs_once(runs: dict[str, OpenRun]) -> None:
    run, rows = runs["siamese"], []
    handle = run.model.encoder.register_forward_hook(lambda _, given, __: rows.append(len(given[0])))
    list(infer(run, [PAIR] * 5))
    handle.remove()
    assert sum(rows) == 10


@pytest.mark.parametrize(
    ("name", "message"), [("mlm", "trained for mlm tells no classes"), ("siamese-score", "scores")]
)
def test_a_run_that_tells_no_classes_of_pairs_is_refused(name: str, message: str, runs: dict[str, OpenRun]) -> None:
    with pytest.raises(UsageError, match=message):
        list(infer(runs[name], [PAIR]))
    with pytest.raises(UsageError, match=message):
        pair_influences(runs[name], PAIR)


@pytest.mark.parametrize("name", ["siamese", "cross"])
def test_a_word_of_a_pair_moves_the_class_as_far_as_the_pair_without_it_says(
    name: str, runs: dict[str, OpenRun]
) -> None:
    first, second = pair_influences(runs[name], PAIR)
    assert [word.text for word in first] == ["All", "dogs", "swim."]
    assert [word.text for word in second] == ["No", "dog", "swims."]
    whole, without = infer(runs[name], [PAIR, PAIR._replace(second="No swims.")])
    place = whole.labels.index(whole.best[0])
    assert second[1].influence == pytest.approx(whole.best[1] - without.probabilities[place], abs=1e-6)


@pytest.mark.parametrize("name", ["siamese", "cross"])
def test_two_words_matter_together_as_far_as_both_and_each_alone_do_not_say(
    name: str, runs: dict[str, OpenRun]
) -> None:
    found = pair_interactions(runs[name], PAIR)
    assert (found.first, found.second) == (("All", "dogs", "swim."), ("No", "dog", "swims."))
    without = (PAIR.first, "dogs swim."), (PAIR.second, "dog swims.")
    told = list(
        infer(runs[name], [PAIR._replace(first=one, second=other) for one in without[0] for other in without[1]])
    )
    whole, no_second, no_first, neither = (one.probabilities[np.argmax(told[0].probabilities)] for one in told)
    assert found.matrix[0][0] == pytest.approx(whole - no_first - no_second + neither, abs=1e-6)
    with pytest.raises(UsageError, match="at most 512"):
        pair_interactions(runs[name], PAIR._replace(first="dogs " * 40, second="dogs " * 40))


def test_a_word_that_is_not_read_matters_with_no_other(runs: dict[str, OpenRun]) -> None:
    found = pair_interactions(runs["siamese"], PAIR._replace(first="All ... dogs swim."))
    assert found.matrix[1] == pytest.approx([0, 0, 0], abs=1e-6)
    assert any(abs(value) > 1e-5 for value in found.matrix[0])


def test_a_text_of_which_nothing_is_read_is_refused(runs: dict[str, OpenRun]) -> None:
    with pytest.raises(DataError, match="the pair: the second text holds no word"):
        list(infer(runs["siamese"], [PAIR._replace(second="...")]))


@pytest.mark.parametrize("name", ["siamese", "cross", "siamese-score", "mlm"])
def test_pairs_beside_gaps_get_what_they_get_alone(
    name: str, runs: dict[str, OpenRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs[name]
    empty, signs = PAIR._replace(second=""), PAIR._replace(first="...")
    other = PAIR._replace(second="Some dogs swim.")
    monkeypatch.setattr("tandem.lab.pair_answers.AT_ONCE", 3)
    for pairs in ([empty, PAIR, signs, other, empty], [empty, signs, empty, PAIR], [signs, empty]):
        found = list(pair_answers(run, pairs, gaps=True))
        assert [one.pair for one in found] == pairs
        for one in found:
            if one.pair in (empty, signs):
                assert one[1:] == (None, None, False)
            else:
                (alone,) = pair_answers(run, [one.pair])
                assert one.told == pytest.approx(alone.told, abs=1e-5)
                assert one.cosine == pytest.approx(alone.cosine, abs=1e-5)
