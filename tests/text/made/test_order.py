import subprocess
import sys
from collections import Counter
from itertools import chain, islice

from tandem.text.made.entailment import is_open
from tandem.text.made.grammar import text
from tandem.text.made.lexicon import ABOVE
from tandem.text.made.order import numbered, sentences
from tandem.text.made.quantifiers import QUANTIFIERS
from tandem.text.made.splits import total
from tandem.text.splits import SPLITS


def test_no_sentence_comes_twice() -> None:
    some = [text(sentence) for sentence in islice(sentences(), 10_000)]
    assert len(some) == len(set(some))


def test_there_are_enough_for_the_largest_corpus() -> None:
    # In a process of its own, where types are not checked at run time, this is ten times faster.
    program = (
        "from tandem.text.made.order import sentences; every = list(sentences()); print(len(every), len({*every}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    number, different = map(int, done.stdout.split())
    assert number == different >= total(100_000)


def test_sentences_are_natural_and_open_and_say_all_sorts_of_things() -> None:
    some = list(islice(sentences(), 6_000))
    assert all(sentence.is_natural() and is_open(sentence) for sentence in some[:1_000])
    quantifiers, nouns = Counter(one.quantifier for one in some), Counter(one.noun for one in some)
    predicates = {one.predicate.word for one in some}
    assert set(quantifiers) == set(QUANTIFIERS)
    assert set(nouns) == set(ABOVE["noun"])
    assert predicates == {*ABOVE["verb"], *ABOVE["adjective"]}
    assert max(nouns.values()) < 3 * min(nouns.values())


def test_splits_follow_each_other_in_the_order() -> None:
    parts = [list(numbered(split, rows=500)) for split in SPLITS]
    assert [len(part) for part in parts] == [500, 50, 50]
    assert list(chain(*parts)) == list(islice(enumerate(sentences()), 600))
