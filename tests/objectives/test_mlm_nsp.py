"""Masked language modelling with next sentence prediction: two questions about one pair of texts."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from running import content, trained
from shelf import Shelf
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from tandem.core.config import Recipe, checked_recipe
from tandem.core.errors import DataError, UsageError
from tandem.data.batch import Batch
from tandem.data.rows import Rows
from tandem.data.sentence_pairs import ELSEWHERE, FOLLOWS
from tandem.data.store import Store, prepare
from tandem.data.stream import Stream
from tandem.lab.assemble import Assembly, assemble, build_model, build_objective, check
from tandem.lab.evaluate import evaluate
from tandem.lab.fill_mask import fill_mask
from tandem.lab.folder import open_run
from tandem.nn.cost import parameters
from tandem.nn.heads import ComparisonHead, PretrainingHead
from tandem.objectives.mlm_nsp import MlmNsp
from tandem.train.budget import Progress
from tandem.train.loop import Step, train
from tandem.train.optimiser import Optimiser

LENGTH = 20
TOPICS = 20


def sentences(topic: int, number: int) -> str:
    """Six sentences of four words each, of the six words of a topic."""
    draw = np.random.default_rng([topic, number])
    words = [f"{'bcdfghjklm'[topic % 10]}{'aeiou'[topic // 10]}{ending}" for ending in "npqrst"]
    return " ".join(f"{' '.join(draw.choice(words, 4)).capitalize()}." for _ in range(6))


@pytest.fixture(scope="module")
def store() -> Store:
    """Documents in which the words of one topic occur; no two neighbouring documents share it."""
    splits = {
        split: {f"{split}-{number}": [sentences(number % TOPICS, number + first)] for number in range(count)}
        for split, count, first in (("train", 200, 0), ("validation", 60, 1000))
    }
    return prepare(Shelf(splits), "topics", options={}, tokenizer={"kind": "words", "size": 300, "boundaries": True})


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Such documents as files of a folder; no topic stands in held-out ones alone, of which there is one in twenty."""
    folder = tmp_path_factory.mktemp("library")
    for number in range(60):
        topic = (number + number // TOPICS) % TOPICS
        (folder / f"{number:02}.txt").write_text(sentences(topic, number) + "\n", encoding="utf-8")
    return folder


def recipe(library: Path = Path("x.txt"), **changes: Any) -> Recipe:
    tables: dict[str, Any] = {"task": "mlm-nsp", "data__length": LENGTH, "tokenizer__boundaries": True, **changes}
    return checked_recipe(content(library, **tables), where="test")


def rows(store: Store, *, count: int = 40, key: int = 5) -> Rows:
    source = MlmNsp(store.tokenizer).source(store, "train", pack="windows", length=LENGTH)
    return source.rows(np.arange(count), key=key)


def head_of(objective: MlmNsp, *, width: int = 8) -> PretrainingHead:
    torch.manual_seed(0)
    return objective.head(nn.Embedding(objective.tokenizer.size, width), width=width, epsilon=1e-5)


def hidden_for(batch: Batch, *, width: int = 8) -> torch.Tensor:
    return torch.randn(*batch.ids.shape, width, generator=torch.Generator().manual_seed(1))


def test_the_frame_is_never_hidden_and_the_texts_are_told_apart(store: Store) -> None:
    read = rows(store)
    batch = MlmNsp(store.tokenizer, rate=1.0, masked=1.0, random=0.0).collate(read, key=5)
    frame = np.isin(read.ids, [store.tokenizer.cls_id, store.tokenizer.sep_id])
    assert (frame.sum(axis=1) == 3).all()
    text = torch.from_numpy(read.mask & ~frame)
    assert (batch.ids[text] == store.tokenizer.mask_id).all()
    assert torch.equal(batch.ids[~text], torch.from_numpy(read.ids)[~text])
    assert torch.equal(batch.labels, torch.from_numpy(read.ids)[text])
    assert torch.equal(batch.segments, torch.from_numpy(read.segments))
    assert torch.equal(batch.classes, torch.from_numpy(read.targets))
    assert batch.tokens == read.mask.sum()


def test_what_is_minimised_is_the_mean_over_tokens_plus_the_mean_over_pairs(store: Store) -> None:
    objective = MlmNsp(store.tokenizer, rate=0.4)
    batch = objective.collate(rows(store), key=5)
    head, hidden = head_of(objective), hidden_for(batch)
    outcome = objective.loss(head, hidden, batch)
    tokens = head.tokens(hidden.flatten(0, 1)[batch.places])
    pairs = head.pair(hidden, batch.mask)
    expected = F.cross_entropy(tokens, batch.labels) + F.cross_entropy(pairs, batch.classes)
    assert outcome.loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert int(outcome.correct) == (tokens.argmax(-1) == batch.labels).sum()
    assert int(outcome.also["nsp"].correct) == (pairs.argmax(-1) == batch.classes).sum()
    assert (outcome.count, outcome.also["nsp"].count) == (len(batch.labels), 40)


def test_the_baseline_of_pairs_is_a_coin(store: Store) -> None:
    objective = MlmNsp(store.tokenizer)
    batch = objective.collate(rows(store), key=5)
    guess = objective.baseline(store, batch).also["nsp"]
    assert guess.loss_sum.item() / guess.count == pytest.approx(math.log(2))
    assert int(guess.correct) == (batch.classes == FOLLOWS).sum() == 40 - (batch.classes == ELSEWHERE).sum()


@pytest.mark.parametrize(
    ("encoder", "pooling", "expected"),
    [
        ("attention*2", "auto", "first"),
        ("lstm", "auto", "mean"),
        ("attention | lstm", "auto", "mean"),
        ("lstm", "first", "first"),
        ("attention", "max", "max"),
        ("attention", "attentive", "attentive"),
    ],
)
def test_pooling_is_that_of_bert_where_the_first_position_sees_everything(
    store: Store, encoder: str, pooling: str, expected: str
) -> None:
    model = build_model(recipe(encoder=encoder), MlmNsp(store.tokenizer, pooling=pooling))
    assert model.head.pair.pooling.kind == expected


def test_two_texts_are_compared_by_their_means_unless_told_otherwise(store: Store) -> None:
    for pooling, expected in (("auto", "mean"), ("max", "max")):
        model = build_model(recipe(encoder="attention"), MlmNsp(store.tokenizer, pooling=pooling, compare=True))
        assert isinstance(model.head.pair, ComparisonHead)
        assert model.head.pair.pooling.kind == expected


@pytest.mark.parametrize("compare", [False, True])
def test_declared_operations_are_the_counted_ones(store: Store, compare: bool) -> None:
    # Rows of full length, and every token chosen: as many as are expected.
    objective = MlmNsp(store.tokenizer, rate=1.0, compare=compare)
    read = rows(store, count=200)
    full = read.mask.all(axis=1)
    read = Rows(read.ids[full], read.mask[full], read.sequences[full], read.segments[full], read.targets[full])
    batch = objective.collate(read, key=5)
    head, hidden = head_of(objective), hidden_for(batch)
    with FlopCounterMode(display=False) as counter:
        objective.loss(head, hidden, batch)
    assert full.sum() > 20
    assert objective.head_flops(head, LENGTH) * full.sum() == counter.get_total_flops()
    tenth = MlmNsp(store.tokenizer, rate=0.1)
    assert tenth.head_flops(head, LENGTH) == pytest.approx(
        0.1 * head.tokens.flops(LENGTH - 3) + head.pair.flops(LENGTH)
    )


def test_parameters_are_counted_at_their_places(store: Store) -> None:
    model = build_model(recipe(encoder="attention"), MlmNsp(store.tokenizer))
    width, vocabulary = 16, store.tokenizer.size
    counted = parameters(model)
    assert counted.embedding == (vocabulary + 2) * width
    transform = width * width + width + 2 * width
    assert counted.head == transform + vocabulary + width * width + width + 2 * width + 2


def test_a_run_logs_and_scores_both_terms_and_fills_masks(library: Path, tmp_path: Path) -> None:
    folder = trained(recipe(library, encoder="attention"), tmp_path / "run")
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    steps = [line for line in lines if "loss" in line]
    assert len(steps) == 6
    assert all(0 < line["nsp loss"] < 10 and 0 <= line["nsp accuracy"] <= 1 for line in steps)
    scores = json.loads((folder / "scores.json").read_text())["scores"]["validation"]
    assert set(scores["more"]) == {"nsp loss", "nsp accuracy"}
    run = open_run(folder)
    store = assemble(run.recipe).store
    assert evaluate(run.model, run.objective, store, run.recipe, split="validation").to_json() == scores
    assert len(fill_mask(run.model, run.objective, "A [mask] here", top=3)[0]) == 3


def trainer(made: Assembly, progress: Progress, optimiser: Optimiser) -> Any:
    source = made.objective.source(made.store, "train", pack="windows", length=LENGTH)
    stream = Stream(source, batch_tokens=made.recipe.train.batch_tokens, seed=made.recipe.seed)
    return train(made.model, made.objective, stream, optimiser, progress, recipe=made.recipe, autocast=False)


def assembled(store: Store, encoder: str, **changes: Any) -> Assembly:
    chosen = recipe(encoder=encoder, **changes)
    objective = build_objective(chosen, store.tokenizer, ())
    return Assembly(chosen, store, objective, build_model(chosen, objective))


def test_a_training_in_two_parts_equals_one_in_one(store: Store) -> None:
    whole = assembled(store, "attention | lstm", model__dropout=0.1)
    optimiser = Optimiser(whole.model, whole.recipe.optimiser)
    expected: list[Step] = list(trainer(whole, Progress(), optimiser))

    first, progress = assembled(store, "attention | lstm", model__dropout=0.1), Progress()
    optimiser = Optimiser(first.model, first.recipe.optimiser)
    steps = trainer(first, progress, optimiser)
    early = [next(steps) for _ in range(3)]
    second = assembled(store, "attention | lstm", model__dropout=0.1)
    second.model.load_weights(first.model.weights(), where="test")
    resumed = Optimiser(second.model, second.recipe.optimiser)
    resumed.load_state(optimiser.state())
    late = list(trainer(second, Progress.from_json(progress.to_json()), resumed))
    assert early + late == expected
    weights = second.model.weights()
    assert all(torch.equal(tensor, weights[name]) for name, tensor in whole.model.weights().items())


@pytest.mark.parametrize(
    ("encoder", "changes"),
    [
        ("attention", {"optimiser__name": "muon", "optimiser__learning_rate": 0.02, "budget__steps": 200}),
        ("attention", {"objective__compare": True}),
        ("lstm", {"objective__compare": True}),
    ],
    ids=["attention-cls", "attention-compare", "lstm-compare"],
)
def test_an_encoder_learns_whether_two_texts_belong_together(
    store: Store, encoder: str, changes: dict[str, Any]
) -> None:
    quick = {"model__width": 32, "model__dropout": 0.0, "train__batch_tokens": 800}
    steps = {"budget__steps": 100, "optimiser__learning_rate": 0.01}
    made = assembled(store, encoder, **{**quick, **steps, **changes})
    list(trainer(made, Progress(), Optimiser(made.model, made.recipe.optimiser)))
    scores = evaluate(made.model, made.objective, store, made.recipe, split="validation")
    # Of the pairs from two documents one in 20 shares its topic, and cannot be told.
    assert scores.more["nsp accuracy"] > 0.9
    assert scores.loss < scores.baseline_loss - 1


def test_a_corpus_of_one_document_is_refused(tmp_path: Path) -> None:
    one = Shelf({split: {"a": ["We wait. The wind blows. It is summer."] * 9} for split in ("train", "validation")})
    made = prepare(one, "one", options={}, tokenizer={"kind": "char", "size": 60})
    with pytest.raises(DataError, match="train split of corpus one has 1 documents of two sentences"):
        MlmNsp(made.tokenizer).source(made, "train", pack="windows", length=LENGTH)


def test_a_tokenizer_without_cls_is_refused_before_the_corpus_is_read(library: Path) -> None:
    with pytest.raises(UsageError, match=r"no \[CLS\]: set tokenizer\.boundaries = true"):
        check(recipe(library, tokenizer__boundaries=False))


@pytest.mark.parametrize(
    ("options", "named"),
    [({"rate": 0.0}, "objective.rate = 0.0"), ({"masked": 0.9, "random": 0.2}, "objective.masked = 0.9")],
)
def test_shares_that_cannot_be_are_refused(store: Store, options: dict[str, float], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        MlmNsp(store.tokenizer, **options)
