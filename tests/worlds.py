"""Reads the made language from its English, and judges pairs by building worlds: shares no code with what it checks.

Only the trees of the lexicon and the inflection of single words are taken from there.
"""

import re
from functools import cache
from itertools import combinations_with_replacement, product
from typing import NamedTuple

from tandem.text.made.inflection import plural, third_person
from tandem.text.made.lexicon import ABOVE, ADVERBS, OPPOSITE

# More creatures than any two sentences need to be told apart; the most that they need is five.
LARGEST_WORLD = 6

HOW_MANY = {
    "all": lambda did, did_not: did_not == 0,
    "every": lambda did, did_not: did_not == 0,
    "some": lambda did, did_not: did >= 1,
    "no": lambda did, did_not: did == 0,
    "not all": lambda did, did_not: did_not >= 1,
    "not every": lambda did, did_not: did_not >= 1,
    "most": lambda did, did_not: 2 * did > did + did_not,
    "at most half the": lambda did, did_not: 2 * did <= did + did_not,
    "at least two": lambda did, did_not: did >= 2,
    "at most one": lambda did, did_not: did <= 1,
}
ONE = {"every", "not every", "at most one"}

NOUNS = "|".join(sorted({form for noun in ABOVE["noun"] for form in (noun, plural(noun))}, key=len, reverse=True))
VERBS = "|".join(sorted({form for verb in ABOVE["verb"] for form in (verb, third_person(verb))}, key=len, reverse=True))
STATES = "|".join(ABOVE["adjective"])
SENTENCE = re.compile(
    rf"(?P<how_many>{'|'.join(sorted(HOW_MANY, key=len, reverse=True))}) ((?P<state>{STATES}) )?(?P<noun>{NOUNS}) "
    rf"(that (?P<clause>{VERBS}) )?((?P<be>is|are) (?P<not_be>not )?(?P<is_so>{STATES})"
    rf"|((?P<do>do|does) not )?(?P<verb>{VERBS})( (?P<adverb>{'|'.join(ADVERBS)}))?)\."
)


NOUN_OF = {one: {noun if one else plural(noun): noun for noun in ABOVE["noun"]} for one in (False, True)}
VERB_OF = {one: {third_person(verb) if one else verb: verb for verb in ABOVE["verb"]} for one in (False, True)}


class Said(NamedTuple):
    """How many creatures with all of `subject` have `predicate`, or have it not."""

    how_many: str
    subject: frozenset[str]
    predicate: str
    negated: bool


@cache
def read(text: str) -> Said:
    """What a sentence says.

    Raises:
        AssertionError: it is no sentence of the language, or has a wrong form.
    """
    found = SENTENCE.fullmatch(text[0].lower() + text[1:])
    assert found, text
    part, one = found.groupdict(), found["how_many"] in ONE
    nouns, verbs = NOUN_OF[one], VERB_OF[one]
    assert part["noun"] in nouns, text
    subject = {f"noun {nouns[part['noun']]}"}
    if part["state"]:
        subject.add(f"adjective {part['state']}")
    if part["clause"]:
        assert part["clause"] in verbs, text
        subject.add(f"verb {verbs[part['clause']]}")
    if part["be"]:
        assert part["be"] == ("is" if one else "are"), text
        predicate = f"adjective {part['is_so']}"
    elif part["do"]:
        assert part["do"] == ("does" if one else "do"), text
        assert part["verb"] in ABOVE["verb"], text
        predicate = f"verb {part['verb']}"
    else:
        assert part["verb"] in verbs, text
        predicate = f"verb {verbs[part['verb']]}"
    if part["adverb"]:
        predicate = f"{predicate}, {part['adverb']}"
    return Said(found["how_many"], frozenset(subject), predicate, bool(part["not_be"] or part["do"]))


def parents(attribute: str) -> list[str]:
    """What follows directly: the next word above, and the same without the adverb."""
    plain, _, adverb = attribute.partition(", ")
    kind, _, word = plain.partition(" ")
    above = [f"{kind} {ABOVE[kind][word][1]}"] if len(ABOVE[kind][word]) > 1 else []
    return [f"{one}, {adverb}" for one in above] + [plain] if adverb else above


@cache
def everything(attribute: str) -> frozenset[str]:
    """What follows, directly or not, with itself."""
    return frozenset({attribute}).union(*(everything(one) for one in parents(attribute)))


def is_creature(has: set[str], lacks: set[str]) -> bool:
    """Whether there can be someone who has the one and lacks the other."""
    follows = set().union(*map(everything, has))
    clash = any(f"adjective {one}" in follows and f"adjective {other}" in follows for one, other in OPPOSITE.items())
    return not clash and not follows & lacks


def kinds_of_creatures(*sentences: Said) -> frozenset[tuple[bool | None, ...]]:
    """What creatures there can be: for each sentence true, false, or None for one that it is not about."""
    mentioned = sorted({attribute for said in sentences for attribute in (*said.subject, said.predicate)})
    kinds = set()
    for choice in product((False, True), repeat=len(mentioned)):
        has = {one for one, chosen in zip(mentioned, choice, strict=True) if chosen}
        if is_creature(has, set(mentioned) - has):
            kinds.add(
                tuple((said.predicate in has) != said.negated if said.subject <= has else None for said in sentences)
            )
    return frozenset(kinds - {(None,) * len(sentences)})


@cache
def _outcomes(kinds: frozenset[tuple[bool | None, ...]], *how_many: str) -> frozenset[bool]:
    """The truth of the second sentence in all small worlds where the first is true and both are about someone."""
    found = set()
    for size in range(1, LARGEST_WORLD + 1):
        for world in combinations_with_replacement(sorted(kinds, key=repr), size):
            truths = []
            for place, words in enumerate(how_many):
                judged = [creature[place] for creature in world if creature[place] is not None]
                truths.append(HOW_MANY[words](sum(judged), len(judged) - sum(judged)) if judged else None)
            if None not in truths and truths[0]:
                found.add(truths[1])
    return frozenset(found)


def judged(premise: str, hypothesis: str) -> str:
    """The label of two sentences in English."""
    first, second = read(premise), read(hypothesis)
    outcomes = _outcomes(kinds_of_creatures(first, second), first.how_many, second.how_many)
    assert outcomes, (premise, hypothesis)
    return {(True,): "entailment", (False,): "contradiction"}.get(tuple(outcomes), "neutral")
