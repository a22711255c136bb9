"""Tagging: what is read, what is scored, that it is learnt, and that names are counted by sentence."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from running import tiny, trained

from tandem.core.config import read_recipe
from tandem.core.errors import UsageError
from tandem.data.rows import Rows, filled, padded
from tandem.lab.answers import answers
from tandem.lab.assemble import check
from tandem.lab.evaluate import evaluate_run
from tandem.lab.folder import open_run
from tandem.lab.tag_report import frequent_tag
from tandem.nn.encoder import Encoder
from tandem.nn.layout import parse
from tandem.nn.model import Model
from tandem.objectives.tag import Tag
from tandem.text.tokenizer import Tokenizer, train_tokenizer

ENTITIES = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
SPEECH = {
    "task": "tag", "corpus": {"name": "parts-of-speech", "rows": 600}, "tokenizer": {"kind": "wordpiece", "size": 150},
    "data__length": 40,
    "optimiser__learning_rate": 0.02, "model__dropout": 0.0, "objective": {"dropout": 0.0},
}  # fmt: skip


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(["abcdefgh "], kind="char", size=14)


def tagged(pieces: list[list[int]], tags: list[list[int]]) -> Rows:
    rows = padded(pieces)
    return Rows(rows.ids, rows.mask, rows.sequences, tags=filled(tags, -1))


def model(objective: Tag, encoder: str = "lstm | attention") -> Model:
    torch.manual_seed(0)
    made = Encoder(parse(encoder), vocabulary=14, width=8, sees="both", max_length=16)
    return Model(made, objective.head_for(made, epsilon=1e-5)).eval()


@pytest.mark.parametrize("characters", [0, 5])
def test_the_loss_is_the_cross_entropy_at_the_first_tokens_of_words_and_nowhere_else(
    characters: int, tokenizer: Tokenizer
) -> None:
    objective = Tag(tokenizer, ("x", "y", "z"), characters=characters)
    batch = objective.collate(tagged([[5, 6, 7, 8], [9, 10]], [[2, -1, 0, -1], [-1, 1]]), key=0)
    assert batch.places is not None
    assert batch.places.tolist() == [0, 2, 5]
    made = model(objective)
    hidden = made.encoder(batch.ids, batch.mask)
    logs = objective.tag_scores(made.head, hidden, batch).log_softmax(dim=-1)
    outcome = objective.loss(made.head, hidden, batch)
    assert outcome.count == 3
    assert outcome.loss_sum.item() == pytest.approx(-(logs[0, 2] + logs[1, 0] + logs[2, 1]).item())
    assert outcome.rows is not None
    assert outcome.rows.tolist() == [0, 0, 1]
    assert outcome.probability is not None
    torch.testing.assert_close(outcome.probability, logs.exp().amax(dim=-1))


@pytest.mark.parametrize("characters", [0, 5])
def test_a_word_gets_the_same_scores_alone_and_in_a_padded_batch(characters: int, tokenizer: Tokenizer) -> None:
    objective = Tag(tokenizer, ("x", "y", "z"), characters=characters)
    made, pieces, tags = model(objective), [[5, 6, 7, 8, 9], [10], [6, 5, 7]], [[0, -1, 1, -1, 2], [1], [0, 0, 2]]

    def scores(rows: Rows) -> torch.Tensor:
        batch = objective.collate(rows, key=0)
        return objective.tag_scores(made.head, made.encoder(batch.ids, batch.mask), batch)

    alone = [scores(tagged([piece], [tag])) for piece, tag in zip(pieces, tags, strict=True)]
    torch.testing.assert_close(scores(tagged(pieces, tags)), torch.cat(alone))


def test_spelling_reaches_the_scores_where_it_is_asked_for(tokenizer: Tokenizer) -> None:
    rows = tagged([[5, 6, 7], [5, 8, 7]], [[0, -1, -1], [0, -1, -1]])
    for characters in (0, 5):
        objective = Tag(tokenizer, ("x", "y"), characters=characters)
        batch = objective.collate(rows, key=0)
        # The same hidden state for both words.
        scores = objective.tag_scores(model(objective).head, torch.ones(2, 3, 8), batch)
        assert torch.equal(scores[0], scores[1]) == (characters == 0)


def test_names_are_counted_whole_and_end_with_their_sentence(tokenizer: Tokenizer) -> None:
    objective = Tag(tokenizer, ENTITIES)
    assert objective.best_by == "entity F1"
    o, b, i, loc = 0, 1, 2, 3
    gold, rows = np.array([o, b, i, b, o, loc]), np.array([0, 0, 0, 4, 4, 7])
    said = np.array([o, b, i, i, o, o])
    # An I- at the beginning of the second sentence is a name of its own, and not the end of the one before.
    found = objective.scores(gold, said, rows)
    assert found == {
        "entity F1": pytest.approx(2 * 2 / (3 + 2)), "entity precision": 1.0, "entity recall": pytest.approx(2 / 3),
    }  # fmt: skip
    assert objective.scores(gold, said, np.zeros(6, dtype=np.int64))["entity F1"] == 0.0


def test_other_tags_have_a_mean_f1(tokenizer: Tokenizer) -> None:
    objective = Tag(tokenizer, ("NOUN", "VERB"))
    assert objective.best_by == "accuracy"
    assert objective.scores(np.array([0, 1, 1]), np.array([0, 1, 0]), np.zeros(3, dtype=np.int64)) == {
        "macro F1": pytest.approx((2 / 3 + 2 / 3) / 2)
    }


@pytest.mark.parametrize(
    "change",
    [{"encoder": "lstm"}, {"encoder": "attention | gru", "objective": {"dropout": 0.0, "characters": 8}}],
    ids=["lstm", "hybrid with characters"],
)
def test_words_of_two_classes_are_told_by_what_stands_around_them(
    change: dict[str, Any], book: Path, tmp_path: Path
) -> None:
    recipe = tiny(book, **{**SPEECH, **change}, budget__steps=150, train__batch_tokens=512, model__width=24)
    run = open_run(trained(recipe, tmp_path / "run"))
    scores = evaluate_run(run, split="test")
    baseline = frequent_tag(run, split="test")
    assert baseline is not None
    assert scores.accuracy > 0.99
    assert scores.accuracy > baseline.accuracy > scores.baseline_accuracy
    assert scores.count == baseline.count
    assert frequent_tag(run, split="train") is None
    (said,) = answers(run.model, run.objective, "most flies that fly are clean .", top=5)
    expected = "most/ADJ flies/NOUN that/PRON fly/VERB are/AUX clean/ADJ ./PUNCT"
    assert " ".join(guess.token for guess in said) == expected


@pytest.mark.parametrize("name", ["ewt-tag", "conll-entities"])
def test_the_recipes_of_taggers_are_whole(name: str) -> None:
    recipe = read_recipe(Path(__file__).parents[2] / "recipes" / f"{name}.toml")
    assert check(recipe).head.spelt is not None


def test_texts_with_a_class_cannot_be_tagged(book: Path) -> None:
    message = "tag cannot learn from the corpus parity, which holds texts with a class; it needs words with tags"
    with pytest.raises(UsageError, match=message):
        check(tiny(book, task="tag", corpus={"name": "parity"}))


@pytest.mark.parametrize("options", [{"dropout": 1.0}, {"characters": -1}])
def test_options_out_of_range_are_refused(options: dict[str, Any], book: Path) -> None:
    with pytest.raises(UsageError, match=next(iter(options))):
        check(tiny(book, **{**SPEECH, "objective": options}))
