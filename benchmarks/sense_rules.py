"""Words with two senses in the addresses of presidents, and how each sense is known by what stands around the word.

A rule is a regular expression that finds the word in a sentence. They were written by reading the held-out addresses,
to be right rather than to find every sentence. Those of `may`, `march`, `state` and `general` go by a capital, which a
tokenizer in lower case hides from the model. The others go by a neighbour, which the model reads too.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from tandem.core.seeds import derive, permuted
from tandem.text.corpora.sotu import Sotu
from tandem.text.sentences import sentence_spans

A_OR_THE = r"\b(?:a|an|the|The|this|This|that|said)"
RULES = {
    "may": {"month": r"(?<!^)\bMay\b", "perhaps": r"\bmay\b"},
    "march": {"month": r"(?<!^)\bMarch\b", "walk": r"\bmarch\b"},
    "state": {
        "member of the Union": r"(?<!of )\bState\b(?! Department| of the)",
        "condition": r"\bstate of\b",
    },
    "general": {
        "officer": r"(?<!^)\bGeneral\b(?!-)(?! (?:Government|Land|Assembly|Staff|Order|Post|Appraisers))",
        "common": r"(?<!-)(?<!commanding )(?<!major )(?<!attorney )\bgeneral\b(?!-)",
    },
    "will": {
        "future": r"\b(?:it|It|they|They|we|We|I|which|this|This|that|That|not) will\b",
        "wish": r"\b(?:the|good|own|free) will\b",
    },
    "act": {"law": rf"{A_OR_THE} act\b", "do": r"\b(?:to|will|must|not|should|can|would|we|us) act\b"},
    "subject": {
        "topic": rf"(?:{A_OR_THE}|\bwhole|\bsame) subject\b(?! to)",
        "exposed": r"\bsubject to\b(?! be\b)",
    },
    "object": {
        "aim": rf"(?:{A_OR_THE}|\bgreat|\bimportant|\bdesirable) object\b",
        "oppose": r"\b(?:not|to|who|will|I) object\b",
    },
    "means": {
        "tools": r"\b(?:the|by|ample|other|best|all|these|any|no|such) means\b",
        "signifies": r"\b(?:it|It|that|That|this|This|which|also|what|What) means\b",
    },
    "present": {
        "now": r"\b(?:the|The|our|its|their) present\b(?! in\b)",
        "give": r"\b(?:I|to|will|they|shall|may) present\b",
    },
    "duties": {
        "taxes": r"\bduties (?:on|upon|imposed|collected)\b|"
        r"\b(?:import|revenue|Revenue|customs|heavier|lower|higher|specific|protective|imposing) duties\b",
        "tasks": r"\b(?:his|official|their|public|my|our|its) duties\b|\bduties of\b",
    },
    "interest": {
        "money": r"\binterest (?:on|charge|rates?|payments?)\b|\b(?:rates? of|accrued|cent) interest\b",
        "concern": r"\b(?:public|national|general|great|deep|special|vital|best|our|direct|common) interest\b"
        r"(?! (?:on|charge|rate|pay))",
    },
}
LEAST, MOST = 6, 60


@dataclass(frozen=True)
class Found:
    """A sentence with one occurrence of a word at the characters (start, end), in one of its senses."""

    sense: str
    sentence: str
    span: tuple[int, int]


def held_out() -> Iterator[str]:
    """The sentences of the addresses that no model trains on: validation and test."""
    corpus = Sotu()
    for split in ("validation", "test"):
        for example in corpus.examples(split):
            for start, end in sentence_spans(example.text):
                yield example.text[start:end]


def known(sentences: Iterable[str]) -> dict[str, list[Found]]:
    """For each word the sentences in which it stands once and exactly one rule knows its sense.

    At most `MOST` of a sense, chosen by chance and always the same; no word of which a sense has fewer than `LEAST`.
    """
    found: dict[str, dict[str, list[Found]]] = {word: {sense: [] for sense in rules} for word, rules in RULES.items()}
    for sentence in sentences:
        for word, rules in RULES.items():
            places = [place.span() for place in re.finditer(rf"\b{word}\b", sentence, re.IGNORECASE)]
            senses = [sense for sense, rule in rules.items() if re.search(rule, sentence)]
            if len(places) == len(senses) == 1:
                found[word][senses[0]].append(Found(senses[0], sentence, places[0]))
    return {
        word: [one for some in senses.values() for one in _chosen(some)]
        for word, senses in found.items()
        if min(map(len, senses.values())) >= LEAST
    }


def _chosen(some: list[Found]) -> list[Found]:
    order = permuted(np.arange(len(some)), len(some), derive(0, "senses"))
    return [some[place] for place in sorted(order[:MOST])]
