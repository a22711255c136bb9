"""The made language: a quantifier, perhaps an adjective, a noun, perhaps a clause, and what is said of them."""

from typing import NamedTuple

from tandem.text.made.inflection import plural, third_person
from tandem.text.made.lexicon import ABOVE, ONLY_PEOPLE, Property
from tandem.text.made.quantifiers import NEGATABLE, PLAIN, QUANTIFIERS

TAGS = ("ADJ", "ADP", "ADV", "AUX", "DET", "NOUN", "NUM", "PART", "PRON", "PUNCT", "VERB")
"""Universal parts of speech, those that the language has."""


class Word(NamedTuple):
    """A word as written, and its part of speech."""

    form: str
    tag: str


class Sentence(NamedTuple):
    """What is said; the modifier is an adjective before the noun, or a verb in a clause behind it.

    "Most dogs that swim are not wet." has the quantifier `most`, the noun `dog`, the modifier `swim` and the negated
    predicate `wet`.
    """

    quantifier: str
    noun: str
    modifier: Property | None
    predicate: Property
    negated: bool

    @property
    def subject(self) -> tuple[Property, ...]:
        """What creatures must have for the sentence to be about them."""
        kind = Property("noun", self.noun)
        return (kind, self.modifier) if self.modifier else (kind,)

    def denial(self) -> "Sentence":
        """The sentence that is true where this one is false: "No dogs swim." for "Some dogs swim.\""""
        if self.negated and self.quantifier == "some":
            return self._replace(quantifier="all", negated=False)
        return self._replace(quantifier=QUANTIFIERS[self.quantifier].denied)

    def quantifiers(self) -> tuple[str, ...]:
        """The quantifiers that can stand before this subject and predicate."""
        return NEGATABLE if self.negated else PLAIN

    def is_natural(self) -> bool:
        """Whether no more is negated than English bears, and no animal does what only people do."""
        verbs = [part.word for part in (self.modifier, self.predicate) if part and part.kind == "verb"]
        for_people = any(ABOVE["verb"][verb][-1] in ONLY_PEOPLE for verb in verbs)
        return self.quantifier in self.quantifiers() and not (for_people and "animal" in ABOVE["noun"][self.noun])


def words(sentence: Sentence, *, agrees: bool = True) -> list[Word]:
    """The words in lower case, then the full stop; in a sentence that does not agree, the verb has the wrong number."""
    quantifier, modifier = QUANTIFIERS[sentence.quantifier], sentence.modifier
    singular = quantifier.singular
    spoken = [Word(form, tag) for form, tag in zip(quantifier.words.split(), quantifier.tags.split(), strict=True)]
    if modifier and modifier.kind == "adjective":
        spoken.append(Word(modifier.word, "ADJ"))
    spoken.append(Word(sentence.noun if singular else plural(sentence.noun), "NOUN"))
    if modifier and modifier.kind == "verb":
        spoken += [Word("that", "PRON"), *_verb(modifier, third=singular)]
    return [*spoken, *_predicate(sentence, singular=singular is agrees), Word(".", "PUNCT")]


def text(sentence: Sentence, *, agrees: bool = True) -> str:
    """The sentence as English writes it."""
    *spoken, stop = (word.form for word in words(sentence, agrees=agrees))
    return f"{' '.join(spoken).capitalize()}{stop}"


def _predicate(sentence: Sentence, *, singular: bool) -> list[Word]:
    predicate = sentence.predicate
    denying = [Word("not", "PART")] if sentence.negated else []
    if predicate.kind == "adjective":
        return [Word("is" if singular else "are", "AUX"), *denying, Word(predicate.word, "ADJ")]
    if sentence.negated:
        return [Word("does" if singular else "do", "AUX"), *denying, *_verb(predicate, third=False)]
    return _verb(predicate, third=singular)


def _verb(action: Property, *, third: bool) -> list[Word]:
    first, *objects = (third_person(action.word) if third else action.word).split(" ")
    manner = [Word(action.adverb, "ADV")] if action.adverb else []
    return [Word(first, "VERB"), *(Word(noun, "NOUN") for noun in objects), *manner]
