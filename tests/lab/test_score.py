"""Log-probabilities of texts: what hand and brute force say, to the last digits."""

import itertools
import math
from pathlib import Path

import pytest
import torch
from toys import LETTERS, PIECES, SPACED, bigrams, objective, random_model, told_from_one, without_special_tokens

from tandem.core.errors import DataError, UsageError
from tandem.lab.scoring import scorer as scoring
from tandem.lab.scoring.questions import Measure, measures
from tandem.lab.scoring.scored import Scored, Tally
from tandem.lab.scoring.scorer import Scorer, score_text
from tandem.lab.scoring.words import word_spans, words_of_tokens
from tandem.nn.model import Model
from tandem.objectives.base import Objective
from tandem.text.tokenizer import Tokenizer

CLM, MLM = objective("clm", LETTERS), objective("mlm", LETTERS)
A, B, C = (LETTERS.encode(letter)[0] for letter in "abc")
CLS = LETTERS.cls_id
TEXTS = ["low newer", "", "lowest", "wide low lower new", "new"]


def near(value: float) -> object:
    return pytest.approx(value, rel=0, abs=1e-12)


def told(model: Model, ids: list[int], place: int, token: int) -> float:
    """log P(token) at a place of `ids`, read alone."""
    read = torch.tensor([ids])
    with torch.no_grad():
        hidden = model.encoder(read, torch.ones_like(read, dtype=torch.bool))
        return float(model.head(hidden[0, place : place + 1]).log_softmax(dim=-1)[0, token])


def test_a_bigram_model_gives_the_sum_of_its_table() -> None:
    table = bigrams()
    scored = score_text(told_from_one(table), CLM, "a b a c")
    steps = [table[CLS, A], table[A, B], table[B, A], table[A, C]]
    assert scored.tokens == ("a", "b", "a", "c")
    assert scored.measure == "exact"
    assert scored.log_probability == near([math.log(step) for step in steps])
    assert [word.log_probability for word in scored.words] == near([math.log(step) for step in steps])
    assert scored.total == near(sum(math.log(step) for step in steps))


@pytest.mark.parametrize("measure", measures(MLM))
def test_by_every_measure_a_masked_unigram_model_gives_the_sum_of_its_frequencies(measure: Measure) -> None:
    frequencies = bigrams()[0]
    scored = score_text(told_from_one(frequencies.expand(LETTERS.size, -1)), MLM, "c a b a", measure=measure)
    expected = [math.log(frequencies[letter]) for letter in (C, A, B, A)]
    assert scored.log_probability == near(expected)
    assert scored.total == near(sum(expected))


@pytest.mark.parametrize("expression", ["attention*2 | lstm", "cnn > gru"])
@pytest.mark.parametrize("tokenizer", [PIECES, SPACED], ids=["wordpiece", "bpe"])
def test_masked_measures_are_what_brute_force_says(expression: str, tokenizer: Tokenizer) -> None:
    mlm = objective("mlm", tokenizer)
    model = random_model(mlm, expression)
    text = "lower wide newest"
    ids, spans = tokenizer.encode_with_spans(text)
    word = [next(n for n, (_, end) in enumerate(word_spans(text)) if stop <= end) for _, stop in spans]
    assert len(set(word)) < len(ids), "a word must have several tokens"
    hides = {
        "pll": lambda asked, other: other == asked,
        "pll-l2r": lambda asked, other: other == asked or (other > asked and word[other] == word[asked]),
        "left-to-right": lambda asked, other: other >= asked,
    }
    found = {}
    for measure, hidden in hides.items():
        expected = [
            told(model, [tokenizer.mask_id if hidden(asked, n) else i for n, i in enumerate(ids)], asked, token)
            for asked, token in enumerate(ids)
        ]
        scored = score_text(model, mlm, text, measure=measure)
        assert scored.log_probability == near(expected)
        by_word = [sum(v for v, own in zip(expected, word, strict=True) if own == n) for n in range(3)]
        assert [one.log_probability for one in scored.words] == near(by_word)
        assert scored.total == near(sum(expected))
        found[measure] = scored.total
    assert len({round(total, 6) for total in found.values()}) == 3
    assert score_text(model, mlm, text).measure == "pll-l2r"


@pytest.mark.parametrize(("name", "expression"), [("clm", "attention > lstm"), ("mlm", "attention | gru")])
def test_left_to_right_probabilities_of_all_texts_of_one_length_sum_to_one(name: str, expression: str) -> None:
    of = objective(name, LETTERS)
    model = without_special_tokens(random_model(of, expression), of)
    texts = [" ".join(letters) for letters in itertools.product("abc", repeat=3)]
    for measure in {"left-to-right", measures(of)[0]} - {"pll-l2r"}:
        totals = [scored.total for scored in Scorer(model, of, measure=measure).score(texts)]
        assert len(set(totals)) == 27
        assert math.fsum(map(math.exp, totals)) == near(1)


def test_a_text_gets_among_others_what_it_gets_alone_however_many_are_read_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("clm", "mlm", "bilm"):
        of = objective(name, PIECES)
        scorer = Scorer(random_model(of, "lstm | attention" if name != "bilm" else "lstm"), of)
        alone = [next(scorer.score([text])) for text in TEXTS]
        for positions, scores, texts in ((2**13, 2**23, 256), (8, 2**23, 3), (40, 50, 2)):
            monkeypatch.setattr(scoring, "POSITIONS_AT_ONCE", positions)
            monkeypatch.setattr(scoring, "SCORES_AT_ONCE", scores)
            monkeypatch.setattr(scoring, "TEXTS_AT_ONCE", texts)
            together = list(scorer.score(TEXTS))
            assert [one.text for one in together] == TEXTS
            assert [one.total for one in together] == near([one.total for one in alone])
            assert [one.tokens for one in together] == [one.tokens for one in alone]


def test_an_empty_text_has_probability_one_and_no_words() -> None:
    scored = score_text(told_from_one(bigrams()), CLM, "")
    assert (scored.tokens, scored.words, scored.total, scored.count) == ((), (), 0.0, 0)


def test_an_unknown_word_is_context_and_has_no_probability_itself() -> None:
    table = bigrams()
    scored = score_text(told_from_one(table), CLM, "a zebra b")
    assert scored.log_probability[1] is None
    assert (scored.count, len(scored.words)) == (2, 3)
    assert scored.words[1].log_probability == 0
    expected = math.log(table[CLS, A]) + math.log(table[LETTERS.unknown_id, B])
    assert scored.total == near(expected)


def test_a_bilm_is_asked_forwards_and_tells_nothing_of_the_first_token() -> None:
    bilm = objective("bilm", PIECES)
    model = random_model(bilm, "lstm*2")
    ids = PIECES.encode("wide low")
    scored = score_text(model, bilm, "wide low")
    read = torch.tensor([ids])
    with torch.no_grad():
        ahead = model.encoder.body.ahead(model.encoder.embedded(read), torch.ones_like(read, dtype=torch.bool))
        table = model.head(ahead[0]).log_softmax(dim=-1)
    assert scored.log_probability[0] is None
    assert scored.log_probability[1:] == near([float(table[place, token]) for place, token in enumerate(ids[1:])])


def test_a_text_stands_between_the_special_tokens_of_its_objective() -> None:
    nsp = objective("mlm-nsp", PIECES)
    model = random_model(nsp, "attention")
    ids = PIECES.encode("low")
    for number, value in enumerate(score_text(model, nsp, "low", measure="pll").log_probability):
        masked = [PIECES.mask_id if place == number else token for place, token in enumerate(ids)]
        assert value == near(told(model, [PIECES.cls_id, *masked, PIECES.sep_id], 1 + number, ids[number]))


def test_the_likeliest_tokens_are_those_of_the_same_distribution() -> None:
    table = bigrams()
    scored = score_text(told_from_one(table), CLM, "b a", top=3)
    best = table[B].topk(3)
    assert [guess.token for guess in scored.likeliest[1]] == [LETTERS.token(int(i)) for i in best.indices]
    assert [guess.probability for guess in scored.likeliest[1]] == near(best.values.tolist())
    everything = score_text(told_from_one(table), CLM, "b a", top=100).likeliest[0]
    assert sum(guess.probability for guess in everything) == near(1)


def test_the_model_stays_as_it_is() -> None:
    model = random_model(CLM, "lstm").float().train()
    before = model.weights()
    scored = score_text(model, CLM, "a b")
    assert model.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.weights().items())
    assert {tensor.dtype for tensor in model.weights().values()} == {torch.float32}
    assert scored.total == near(score_text(model.double(), CLM, "a b").total)


def test_a_text_beyond_learned_positions_is_named_before_any_is_scored() -> None:
    for name, fits, too_long in (("clm", "a b a", "a b a c"), ("mlm", "a b a", "a b a c")):
        of = objective(name, LETTERS)
        model = random_model(of, "attention", positions="learned", max_length=3)
        scorer = Scorer(model, of)
        assert len(list(scorer.score([fits, fits]))) == 2
        with pytest.raises(UsageError, match=r"^line 2: 4 tokens, and this model's learned positions end at 3"):
            next(scorer.score([fits, too_long], where="line {}".format))


@pytest.mark.parametrize(
    ("of", "measure", "complaint"),
    [
        (CLM, "pll", "--measure pll: not of a causal model; legal here: exact, left-to-right"),
        (MLM, "exact", "--measure exact: not of a masked model; legal here: pll-l2r, pll, left-to-right"),
        (MLM, "pll-12r", 'unknown measure "pll-12r"; did you mean "pll-l2r"?'),
    ],
)
def test_a_measure_that_the_model_does_not_have_is_refused(of: Objective, measure: str, complaint: str) -> None:
    with pytest.raises(UsageError) as refused:
        Scorer(random_model(of, "lstm"), of, measure=measure)
    assert str(refused.value).startswith(complaint)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(DataError, match="lone surrogate"):
        score_text(told_from_one(bigrams()), CLM, "a \udce9")


def test_tokens_belong_to_the_word_that_holds_them() -> None:
    def words(tokenizer: Tokenizer, text: str) -> list[tuple[str, int]]:
        ids, spans = tokenizer.encode_with_spans(text)
        return list(zip(map(tokenizer.token, ids), words_of_tokens(text, spans), strict=True))

    # The space in front belongs to the token, and a token of spaces alone to the word behind it.
    spaced = words(SPACED, "low  new ")
    for number, held in enumerate(("low", "  new ")):
        assert "".join(token for token, word in spaced if word == number).replace("\u0120", " ") == held
    assert {word for _, word in words(SPACED, " \n ")} == {-1}
    # Of two words that one token was read from, the first has it.
    assert words_of_tokens("one two three", [(0, 7), (7, 13)]) == [0, 2]


@pytest.mark.parametrize("text", ["low newest", " wide  low ", "lowe\tr", "new\u00a0wide", "  ", "ne\u0301w", "한 low"])
def test_words_sum_to_the_text(text: str) -> None:
    for tokenizer in (PIECES, SPACED):
        clm = objective("clm", tokenizer)
        scored = score_text(random_model(clm, "gru"), clm, text)
        if scored.words:
            assert math.fsum(word.log_probability for word in scored.words) == near(scored.total)
            numbers = [number for word in scored.words for number in word.tokens]
            assert numbers == list(range(len(scored.tokens)))
        assert [text[slice(*word.span)] for word in scored.words] == text.split()


def test_sums_over_texts_count_what_has_no_probability_and_what_spans_two_words() -> None:
    tally = Tally()
    for scored in Scorer(told_from_one(torch.full((9, 9), 1 / 9, dtype=torch.float64)), CLM).score(
        ["a b", "", "zebra c"]
    ):
        tally.add(scored)
    assert (tally.words, tally.tokens, tally.untold, tally.shared) == (4, 3, 1, 0)
    assert (tally.total, tally.mean, tally.perplexity) == near((-3 * math.log(9), -math.log(9), 9))
    spanning = Scored("a b", "exact", ("x",), ((0, 3),), (-1.0,), (), -1.0, ((),))
    tally.add(spanning)
    assert tally.shared == 1
    assert Tally().perplexity == 1


def test_a_trained_run_finds_its_own_book_likelier_than_the_book_in_disorder(words_run: Path) -> None:
    from tandem.lab.folder import open_run

    run = open_run(words_run)
    scorer = Scorer(run.model, run.objective)
    orderly, disorderly = scorer.score(["the spring wind blows", "blows wind the spring"])
    assert isinstance(orderly, Scored)
    assert orderly.total > disorderly.total
