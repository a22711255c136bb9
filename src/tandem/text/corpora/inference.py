"""Natural-language inference in a small made language, where meaning decides every label."""

from collections.abc import Iterator
from itertools import islice

from tandem.core.seeds import derive
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.made.dozens import Pair, dozen
from tandem.text.made.draws import Draws
from tandem.text.made.entailment import LABELS
from tandem.text.made.grammar import Sentence, text
from tandem.text.made.lexicon import ABOVE
from tandem.text.made.order import sentences
from tandem.text.made.quantifiers import QUANTIFIERS
from tandem.text.made.splits import SEED, checked_rows
from tandem.text.splits import every_twentieth

DOZEN = 12
EVERY_FIFTH = 5

_PLACE = {word: place for words in (QUANTIFIERS, ABOVE["noun"], ABOVE["adjective"]) for place, word in enumerate(words)}


class Inference(Corpus):
    """Pairs such as "No animals that swim are dry." and "Some dogs that swim are not wet.", a third of each label.

    `rows` pairs train; validation and test have a tenth each, and all are rounded up to dozens. A document is a dozen:
    four premises and four hypotheses, each of which stands in three pairs with three different labels.

    No premise is in two splits. The test split holds out combinations. In training and validation, neither premise nor
    hypothesis ever has certain two of the ten quantifiers, or every fifth adjective, before a noun: those where the
    place of the noun in the lexicon and that of the other word among its kind add up to a multiple of five. In the test
    split every premise has such a combination.
    """

    title = "Inference in a made language"
    licence = "Apache-2.0, as Tandem"
    citation = "none: made by Tandem"
    source = "made"
    kind = "pair"

    def __init__(self, *, rows: int = 20_000) -> None:
        self.dozens = -(-checked_rows("inference", rows, most=100_000) // DOZEN)

    def fingerprint(self) -> str:
        return "inference-1"

    def labels(self) -> tuple[str, ...]:
        return LABELS

    def notes(self) -> list[str]:
        return ["test split: every premise has a quantifier or an adjective that training never has before that noun"]

    def examples(self, split: str) -> Iterator[Example]:
        wanted = self.dozens if split == "train" else -(-self.dozens // 10)
        for number, pairs in islice(_dozens(split), wanted):
            for pair in pairs:
                yield Example(text(pair.premise), f"{split}-{number}", text(pair.hypothesis), pair.label)


def is_held_out(sentence: Sentence) -> bool:
    """Whether its noun stands behind a quantifier or an adjective that it has in the test split only."""
    before = [sentence.quantifier]
    if sentence.modifier and sentence.modifier.kind == "adjective":
        before.append(sentence.modifier.word)
    return any((_PLACE[sentence.noun] + _PLACE[word]) % EVERY_FIFTH == 0 for word in before)


def split_of(premise: Sentence) -> str:
    """The one split in which this premise may stand."""
    if is_held_out(premise):
        return "test"
    return "validation" if derive(SEED, text(premise)) % 4 == 0 else "train"


def _dozens(split: str) -> Iterator[tuple[int, list[Pair]]]:
    """All dozens of a split, each with the number of its first thesis in the order of all sentences."""
    key = derive(SEED, "inference")
    for number, thesis in enumerate(sentences()):
        if every_twentieth(number) == split:
            pairs = dozen(
                thesis,
                Draws(key, number),
                premise_fits=lambda premise: split_of(premise) == split,
                hypothesis_fits=lambda hypothesis: split == "test" or not is_held_out(hypothesis),
            )
            if pairs:
                yield number, pairs
