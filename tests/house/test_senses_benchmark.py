"""The benchmark of senses: which sentences it takes, and what its numbers mean."""

import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from running import tiny, trained

from benchmarks import senses
from benchmarks.sense_rules import LEAST, MOST, RULES, Found, held_out, known
from benchmarks.senses import Measured, measured, over_words, pair_means, vectors
from tandem.lab.embed import every_layer
from tandem.lab.folder import OpenRun, open_run

MONTH = "The wind of {} May blows."
PERHAPS = "The {} wind may blow."
MADE = [
    text.format(day) for text in (MONTH, PERHAPS) for day in ("spring", "summer", "autumn", "winter", "1", "2", "3")
]


@pytest.fixture(scope="module")
def run(book: Path, tmp_path_factory: pytest.TempPathFactory) -> OpenRun:
    recipe = tiny(book, task="bilm", encoder="lstm", budget__steps=30, tokenizer__kind="wordpiece")
    return open_run(trained(recipe, tmp_path_factory.mktemp("senses") / "run"))


@pytest.mark.parametrize(
    ("word", "sense", "sentence"),
    [
        ("may", "month", "It began on the 1st of May last."),
        ("may", "perhaps", "We may go."),
        ("march", "month", "The act of March 3, 1887, is old."),
        ("march", "walk", "They were ready to march."),
        ("state", "member of the Union", "The admission of the State of Kansas was delayed."),
        ("state", "condition", "In the present state of affairs we wait."),
        ("general", "officer", "The Attorney-General has advised it."),
        ("general", "common", "A general law is needed."),
        ("will", "future", "We will act."),
        ("will", "wish", "It is the will of the people."),
        ("act", "law", "Under the act of 1836 it was so."),
        ("act", "do", "We must act now."),
        ("subject", "topic", "On this subject I have spoken."),
        ("subject", "exposed", "All are subject to the law."),
        ("object", "aim", "The object is peace."),
        ("object", "oppose", "To this no person will object."),
        ("means", "tools", "They lack the means to do it."),
        ("means", "signifies", "That means more work."),
        ("present", "now", "In the present year it rose."),
        ("present", "give", "I present this report."),
        ("duties", "taxes", "The duties on imports fell."),
        ("duties", "tasks", "He does his duties well."),
        ("interest", "money", "They paid interest on the debt."),
        ("interest", "concern", "It is in the public interest."),
    ],
)
def test_a_rule_knows_its_sense_and_no_other(word: str, sense: str, sentence: str) -> None:
    assert [name for name, rule in RULES[word].items() if re.search(rule, sentence)] == [sense]


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("may", "May I say a word?"),
        ("state", "The Secretary of State has come."),
        ("state", "The State of the Union is strong."),
        ("general", "The General Government is bound."),
        ("subject", "The whole is made a subject to be studied."),
        ("act", "The acts were many."),
    ],
)
def test_a_sentence_that_no_rule_is_sure_of_is_left_out(word: str, sentence: str) -> None:
    assert word not in known([sentence] * LEAST * 2)
    assert not any(re.search(rule, sentence) for rule in RULES[word].values())


def test_a_word_is_taken_once_a_sentence_and_only_with_enough_of_every_sense() -> None:
    (word, found), *others = known([*MADE, "We may go in May.", "They may, and we may."]).items()
    assert (word, others) == ("may", [])
    assert Counter(one.sense for one in found) == {"month": 7, "perhaps": 7}
    assert all(one.sentence[slice(*one.span)].lower() == "may" for one in found)
    assert "may" not in known(MADE[: 7 + LEAST - 1])


def test_the_held_out_addresses_hold_every_word_and_no_sense_is_taken_too_often() -> None:
    found = known(held_out())
    assert found.keys() == RULES.keys()
    for word, some in found.items():
        counts = Counter(one.sense for one in some)
        assert counts.keys() == RULES[word].keys()
        assert all(LEAST <= count <= MOST for count in counts.values())
    assert known(held_out()) == found


def test_pairs_are_counted_as_often_as_their_sentences_were_drawn() -> None:
    chance = np.random.default_rng(1)
    read = chance.normal(size=(9, 5))
    unit = read / np.linalg.norm(read, axis=1, keepdims=True)
    members = [np.arange(4), np.arange(4, 9)]
    weights = np.vstack([np.ones(9), [2, 0, 1, 1, 3, 0, 0, 1, 1]])
    within, across = pair_means(unit @ unit.T, members, weights)
    for row, counts in enumerate(weights.astype(int)):
        drawn = [[place for place in some for _ in range(counts[place])] for some in members]
        same = [np.mean([unit[i] @ unit[j] for i in some for j in some if i != j]) for some in drawn]
        assert within[row] == pytest.approx(np.mean(same))
        assert across[row] == pytest.approx(np.mean([unit[i] @ unit[j] for i in drawn[0] for j in drawn[1]]))


def test_a_sense_with_one_sentence_drawn_again_and_again_has_no_pair() -> None:
    within, _ = pair_means(np.ones((4, 4)), [np.arange(2), np.arange(2, 4)], np.array([[2.0, 0.0, 1.0, 1.0]]))
    assert np.isnan(within[0])


def test_two_senses_apart_have_a_gap_and_one_vector_for_both_has_none() -> None:
    chance = np.random.default_rng(2)
    apart = np.repeat([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0]], 10, axis=0) + 0.1 * chance.normal(size=(20, 3))
    mixed = chance.normal(size=(20, 3))
    one = np.ones((20, 3))
    split, none, equal = measured(np.stack([apart, mixed, one]), ["a"] * 10 + ["b"] * 10)
    assert split.gap > 0.9
    assert split.interval[0] > 0.9
    assert split.nearest == 1
    assert none.interval[0] < 0 < none.interval[1]
    assert abs(equal.gap) < 1e-9
    assert np.isnan(equal.nearest)


def test_the_interval_covers_the_true_gap_as_often_as_it_says() -> None:
    chance, hits = np.random.default_rng(3), 0
    big = chance.normal(size=(2, 4000, 4)) + np.array([[[1.0, 0, 0, 0]], [[0, 1.0, 0, 0]]])
    unit = big / np.linalg.norm(big, axis=2, keepdims=True)
    means = unit.mean(axis=1)
    truth = (means[0] @ means[0] + means[1] @ means[1]) / 2 - means[0] @ means[1]
    for turn in range(60):
        rows = slice(40 * turn, 40 * turn + 40)
        (found,) = measured(big[:, rows].reshape(1, 80, 4), ["a"] * 40 + ["b"] * 40)
        low, high = found.interval
        hits += low <= truth <= high
    assert hits >= 50


def test_means_over_words_count_each_word_once() -> None:
    one, other = Measured(0.9, 0.5, 1.0, np.array([0.4, 0.2])), Measured(0.7, 0.5, 0.5, np.array([0.2, 0.2]))
    both = over_words({"a": [one], "b": [other]}, 0)
    assert (both.within, both.across, both.nearest) == pytest.approx((0.8, 0.5, 0.75))
    assert both.gaps == pytest.approx([0.3, 0.2])


def test_the_vector_of_a_word_is_the_mean_of_its_pieces_and_the_last_layer_that_of_all(run: OpenRun) -> None:
    found = Found("x", "The wind of springtime blows.", (12, 22))
    (read,) = vectors(run, [found]).transpose(1, 0, 2)
    layers = every_layer(run, found.sentence)
    pieces = [place for place, (start, _) in enumerate(layers.spans) if 12 <= start < 22]
    assert len(pieces) > 1
    np.testing.assert_allclose(read[:-1], layers.vectors[:, pieces].mean(axis=1), atol=1e-6)
    np.testing.assert_allclose(read[-1], read[:-1].mean(axis=0))


def test_the_command_prints_a_line_for_every_layer_and_word_and_writes_the_numbers(
    run: OpenRun, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(senses, "held_out", lambda: MADE)
    monkeypatch.setattr("sys.argv", ["senses", str(run.folder.path), "--json", str(tmp_path / "senses.json")])
    senses.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("means over 1 words")
    assert [line.split("  ")[0] for line in lines[2:5]] == ["embedding", "1 lstm", "mean of all"]
    assert lines[-1].startswith("may ")
    assert lines[-1].endswith("month 7, perhaps 7")
    content = json.loads((tmp_path / "senses.json").read_text())
    embedding, lstm, _ = content["trained"]["may"]
    assert embedding["gap"] == pytest.approx(0, abs=1e-6)
    assert lstm["gap"] > 0.01
    assert lstm["interval"][0] < lstm["gap"] < lstm["interval"][1]
    assert content["untrained"]["may"][1]["gap"] != pytest.approx(lstm["gap"])


def test_a_run_that_is_none_ends_with_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["senses", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        senses.main()
    assert "UsageError" in str(ended.value)
