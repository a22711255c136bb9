"""Continuing a text: from a state or from the beginning, by chance that repeats, until it ends."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from running import tiny

from tandem.core.errors import DataError, UsageError
from tandem.lab.assemble import assemble
from tandem.lab.context import FromPrefix
from tandem.lab.folder import OpenRun, RunFolder
from tandem.lab.generate import Sampling, generate
from tandem.lab.next_token import next_tokens

NEVER = -1e9
GREEDY = Sampling(temperature=0.0)


def opened(book: Path, **changes: Any) -> OpenRun:
    """A model with its first weights, made bolder so that its choices differ; it never ends a text by itself."""
    made = assemble(tiny(book, **{"task": "clm", "tokenizer__kind": "char", **changes}))
    with torch.no_grad():
        for parameter in made.model.parameters():
            parameter.mul_(3.0)
        if made.recipe.task == "clm":
            made.model.head.decode.bias[made.objective.tokenizer.sep_id] = NEVER
    return OpenRun(RunFolder(Path("somewhere")), made.recipe, made.objective, made.model.eval())


def said(run: OpenRun, prompt: str = "the ", *, tokens: int = 40, sampling: Sampling = GREEDY, **how: Any) -> str:
    return "".join(generate(run, prompt, tokens=tokens, sampling=sampling, **how))


@pytest.mark.parametrize(
    "encoder", ["lstm*2", "gru", "rnn", "attention*2", "attention[window=3] | lstm", "lstm > attention", "cnn*2",
                "positions[kind=learned] > attention", "positions[kind=sinusoid] > attention | gru"],
)  # fmt: skip
def test_from_the_state_and_from_the_beginning_come_the_same_tokens(encoder: str, book: Path) -> None:
    run = opened(book, encoder=encoder)
    for seed in range(3):
        drawn = Sampling(temperature=0.8, top_k=12, top_p=0.9, seed=seed)
        # 16 tokens is what the model was made for; 40 make attention forget twice.
        assert said(run, sampling=drawn) == said(run, sampling=drawn, cached=False)


def test_the_likeliest_token_is_the_one_with_the_highest_score(book: Path) -> None:
    run = opened(book)
    tokenizer, context = run.objective.tokenizer, FromPrefix(run.model, begin=run.objective.tokenizer.cls_id, length=16)
    ids = tokenizer.encode("the ")
    for _ in range(10):
        scores = context.scores(ids)
        scores[[token for token in tokenizer.special_ids if token != tokenizer.sep_id]] = -torch.inf
        ids.append(int(scores.argmax()))
    assert said(run, tokens=10) == tokenizer.decode(ids)[4:]
    assert said(run, tokens=10, sampling=Sampling(top_k=1)) == said(run, tokens=10)
    assert said(run, tokens=10, sampling=Sampling(top_p=1e-9)) == said(run, tokens=10)


@pytest.mark.parametrize("tiny_number", [5e-324, 1e-310])
def test_as_cold_as_a_number_can_be_is_the_likeliest_token(book: Path, tiny_number: float) -> None:
    run = opened(book)
    assert said(run, tokens=10, sampling=Sampling(temperature=tiny_number)) == said(run, tokens=10)
    assert said(run, tokens=10, sampling=Sampling(top_p=tiny_number)) == said(run, tokens=10)


def test_a_seed_repeats_a_text_and_another_one_makes_another(book: Path) -> None:
    run = opened(book)
    texts = [said(run, sampling=Sampling(seed=seed)) for seed in (0, 0, 1)]
    assert texts[0] == texts[1] != texts[2]


def test_tokens_are_drawn_as_often_as_their_probabilities_say() -> None:
    probabilities = torch.tensor([0.5, 0.1, 0.25, 0.15])
    drawn = Counter(Sampling().choose(probabilities.log(), place) for place in range(8000))
    for token, probability in enumerate(probabilities.tolist()):
        assert drawn[token] / 8000 == pytest.approx(probability, abs=0.02)
    two = Counter(Sampling(top_k=2).choose(probabilities.log(), place) for place in range(4000))
    assert set(two) == {0, 2}
    assert two[0] / 4000 == pytest.approx(2 / 3, abs=0.03)
    # 0.5 does not reach 0.6; with 0.25 it does.
    assert {Sampling(top_p=0.6).choose(probabilities.log(), place) for place in range(500)} == {0, 2}
    cold = Counter(Sampling(temperature=0.25).choose(probabilities.log(), place) for place in range(4000))
    assert cold[0] / 4000 == pytest.approx(0.5**4 / sum(p**4 for p in (0.5, 0.1, 0.25, 0.15)), abs=0.02)


def test_the_text_ends_in_front_of_its_stop_however_tokens_cut_it(book: Path) -> None:
    run = opened(book)
    whole = said(run)
    for size in (1, 3, 6):
        stop = whole[9 : 9 + size]
        assert said(run, stop=stop) == whole[: whole.index(stop)]
    assert said(run, stop="no such text") == whole


def test_a_model_may_end_its_text_and_says_no_other_special_token(book: Path) -> None:
    run = opened(book)
    special = run.objective.tokenizer.special_ids
    with torch.no_grad():
        run.model.head.decode.bias[special] = 1e6
    assert said(run) == ""
    with torch.no_grad():
        run.model.head.decode.bias[run.objective.tokenizer.sep_id] = NEVER
    assert len(said(run)) == 40


def test_a_masked_model_fills_a_mask_behind_the_text_again_and_again(book: Path) -> None:
    run = opened(book, task="mlm", tokenizer__kind="wordpiece", tokenizer__size=300, encoder="lstm | attention")
    text = said(run, "the", tokens=5)
    tokenizer = run.objective.tokenizer
    ids = tokenizer.encode("the")
    for _ in range(5):
        shown = torch.tensor([[*ids, tokenizer.mask_id]])
        with torch.no_grad():
            scores = run.model.head(run.model.encoder(shown, torch.ones_like(shown, dtype=torch.bool))[:, -1])[0]
        scores[tokenizer.special_ids] = -torch.inf
        ids.append(int(scores.argmax()))
    assert "the" + text == tokenizer.decode(ids)
    with pytest.raises(UsageError, match="give it at least one word"):
        said(run, "")


def test_a_masked_model_finds_around_a_text_what_it_finds_around_others(book: Path) -> None:
    run = opened(book, task="mlm-nsp", tokenizer__kind="wordpiece", tokenizer__size=300, encoder="lstm | attention")
    assert run.objective.frame.size == 2
    likeliest = next_tokens(run.model, run.objective, "the spring", top=1)[0].token
    assert said(run, "the spring", tokens=1).strip() == likeliest.removeprefix("##")
    assert said(run, "the spring wind blows. " * 20, tokens=1)


def test_half_a_character_is_refused(book: Path) -> None:
    with pytest.raises(DataError, match="half of one"):
        said(opened(book), "caf\udce9")


@pytest.mark.parametrize("kind", ["bpe", "wordpiece", "char"])
def test_pieces_make_up_the_text_and_no_character_comes_in_halves(kind: str, book: Path) -> None:
    run = opened(book, tokenizer__kind=kind, tokenizer__size=400)
    drawn = Sampling(temperature=2.0, seed=5)
    pieces = list(generate(run, "the ", tokens=60, sampling=drawn))
    assert len(pieces) > 5
    assert all(pieces)
    assert not any(piece.endswith("\ufffd") for piece in pieces[:-1])
    assert "".join(pieces) == said(run, tokens=60, sampling=drawn, cached=False)


def test_a_token_late_in_a_text_is_decoded_from_as_few_as_an_early_one(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, read = opened(book, tokenizer__kind="bpe", tokenizer__size=400), []
    decode = run.objective.tokenizer.decode
    monkeypatch.setattr(run.objective.tokenizer, "decode", lambda ids: read.append(len(ids)) or decode(ids))
    costs = []
    for tokens in (256, 1024):
        read.clear()
        said(run, tokens=tokens, sampling=Sampling(temperature=2.0, seed=5), stop="never said")
        costs.append(sum(read) / tokens)
    assert costs[1] < 1.3 * costs[0] < 40


def test_a_causal_model_can_begin_with_nothing(book: Path) -> None:
    assert len(said(opened(book), "", tokens=7, sampling=Sampling(seed=3))) <= 7


@pytest.mark.parametrize(
    ("sampling", "tokens", "reason"),
    [
        ({"temperature": -0.1}, 5, "temperature = -0.1"), ({"temperature": float("nan")}, 5, "temperature = nan"),
        ({"temperature": float("inf")}, 5, "temperature = inf"), ({"top_k": 0}, 5, "top_k = 0"),
        ({"top_p": 0.0}, 5, "top_p = 0.0"), ({"top_p": 1.5}, 5, "top_p = 1.5"), ({}, 0, "tokens = 0"),
    ],
)  # fmt: skip
def test_numbers_out_of_range_are_refused(sampling: dict[str, Any], tokens: int, reason: str, book: Path) -> None:
    with pytest.raises(UsageError, match=reason):
        said(opened(book), tokens=tokens, sampling=Sampling(**sampling))
