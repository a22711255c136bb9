"""Search over toys whose every probability is known, and over real decoders."""

import math
from itertools import pairwise, product
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tandem.core.errors import UsageError
from tandem.nn.decoder import build_decoder
from tandem.nn.defaults import Defaults
from tandem.nn.search import Beam, Written, search
from tandem.nn.translation_head import TranslationHead

BEGIN, END, A, B = range(4)
CHAINS = {
    # The likelier first step leads to the less likely text.
    "trap": {BEGIN: {A: 0.6, B: 0.4}, A: {A: 0.3, B: 0.3, END: 0.4}, B: {END: 0.9, A: 0.1}},
    # A text of one token, or a longer one that loses a little at each step.
    "short": {BEGIN: {A: 0.55, B: 0.45}, A: {END: 1.0}, B: {B: 0.8, END: 0.2}},
}


def table(chain: str) -> Tensor:
    scores = torch.full((4, 4), -math.inf, dtype=torch.float64)
    for before, following in CHAINS[chain].items():
        for token, probability in following.items():
            scores[before, token] = math.log(probability)
    return scores


def searched(chain: str, beam: Beam, *, never: tuple[int, ...] = ()) -> Written:
    scores = table(chain)

    def step(state: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
        return state + 1, scores[ids]

    (found,) = search(step, torch.zeros(1, 1), sentences=1, begin=BEGIN, end=END, never=never, beam=beam)
    return found


def best_of_all(chain: str, beam: Beam) -> tuple[int, ...]:
    """The text that ranks highest of all that end within `beam.longest` ids, by trying every one."""
    scores, ranked = table(chain), {}
    for size in range(beam.longest):
        for ids in product((A, B), repeat=size):
            path = [BEGIN, *ids, END]
            value = sum(scores[before, token].item() for before, token in pairwise(path))
            ranked[ids] = value / ((5 + size + 1) / 6) ** beam.penalty
    return max(ranked, key=ranked.__getitem__)


def test_greedy_search_takes_the_likeliest_token_and_a_beam_finds_the_likelier_text() -> None:
    greedy, wide = searched("trap", Beam(1, 0.0, 9)), searched("trap", Beam(2, 0.0, 9))
    assert (greedy.ids, wide.ids) == ((A,), (B,))
    assert greedy.log_probability == pytest.approx(math.log(0.6 * 0.4))
    assert wide.log_probability == pytest.approx(math.log(0.4 * 0.9))


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("penalty", [0.0, 0.6, 3.0])
def test_a_wide_beam_finds_the_best_text_of_all(chain: str, penalty: float) -> None:
    beam = Beam(400, penalty, 6)
    assert searched(chain, beam).ids == best_of_all(chain, beam)


def test_the_length_penalty_lets_longer_texts_win() -> None:
    lengths = [len(searched("short", Beam(50, penalty, 12)).ids) for penalty in (0.0, 2.0, 6.0)]
    assert lengths == sorted(lengths)
    assert lengths[0] == 1
    assert lengths[-1] > 5


def test_ids_that_are_never_chosen_leave_their_probability_to_the_others() -> None:
    found = searched("trap", Beam(3, 0.0, 9), never=(A,))
    assert found.ids == (B,)
    assert found.log_probability == pytest.approx(0.0)


def test_a_text_that_finds_no_end_is_cut_and_says_so() -> None:
    found = searched("short", Beam(1, 0.0, 3), never=(END, A))
    assert (found.ids, found.ended) == ((B, B, B), False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": 0}, "beam = 0: from 1, which is greedy search, to 1000"),
        ({"penalty": -1.0}, "length penalty = -1"),
        ({"longest": 0}, "longest = 0"),
    ],
)
def test_what_cannot_be_searched_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Beam(**change)


def head(text: str) -> TranslationHead:
    torch.manual_seed(2)
    decoder = build_decoder(text, nn.Embedding(9, 8), Defaults(16, positions="learned"))
    with torch.no_grad():
        decoder.embedding.weight.mul_(4)
    return TranslationHead(decoder, tied=False, epsilon=1e-5).double().eval()


@pytest.mark.parametrize("text", ["recurrent*2", "recurrent[cell=lstm,attention=dot]", "transformer*2"])
@pytest.mark.parametrize("size", [1, 4])
def test_a_sentence_is_translated_in_a_batch_as_alone_and_from_a_state_as_from_the_beginning(
    text: str, size: int
) -> None:
    model, beam = head(text), Beam(size, 0.6, 10)
    memory, lengths = torch.randn(4, 6, 8).double() * 2, [6, 2, 4, 5]
    mask = torch.arange(6)[None] < torch.tensor(lengths)[:, None]
    asked = {"begin": 1, "end": 2, "never": (0, 1), "beam": beam}
    together = search(model.step, model.start(memory, mask), sentences=4, **asked)
    assert len({found.ids for found in together}) > 1
    for row, length in enumerate(lengths):
        own = memory[row : row + 1, :length], mask[row : row + 1, :length]
        (alone,) = search(model.step, model.start(*own), sentences=1, **asked)
        assert alone.ids == together[row].ids
        assert alone.log_probability == pytest.approx(together[row].log_probability)

        def again(state: Tensor, ids: Tensor, own: tuple[Tensor, Tensor] = own) -> tuple[Tensor, Tensor]:
            """Reads everything that was written before, which is the state."""
            written = torch.cat([state, ids[:, None]], dim=1)
            rows = len(written)
            states = model.decoder(own[0].expand(rows, -1, -1), own[1].expand(rows, -1), written)
            return written, model.scores(states[:, -1])

        empty = torch.zeros(1, 0, dtype=torch.int64)
        (uncached,) = search(again, empty, sentences=1, **asked)
        assert uncached.ids == together[row].ids
