"""The words of the made language, and what they imply: a dog is a mammal, who is soaked is wet, who is wet is not dry.

A word stands below what it implies. Every adjective and adverb means the same beside whatever word: a wet dog is a wet
animal, and who sprints outside runs outside. Words such as small or quickly are left out: a small horse is no small
animal.
"""

from functools import cache
from typing import Literal, NamedTuple

NOUNS = """
creature
  animal
    mammal
      dog
        poodle
        beagle
        terrier
      cat
        kitten
      horse
        pony
        foal
      wolf
      bear
      rabbit
      mouse
      monkey
    bird
      duck
      goose
      owl
      eagle
      parrot
      swallow
    insect
      bee
      ant
      fly
      beetle
      butterfly
  person
    child
      boy
      girl
      toddler
    adult
      man
      woman
    professional
      waiter
      farmer
      teacher
      nurse
      doctor
        surgeon
      sailor
    musician
      drummer
      violinist
      pianist
    athlete
      skater
      boxer
      golfer
    artist
      poet
      sculptor
"""

VERBS = """
move
  walk
    stroll
    march
    limp
  run
    sprint
    jog
  jump
    hop
  fly
    hover
  swim
  climb
  duck
make noise
  growl
  howl
  roar
  sing
    yodel
eat
  nibble
  feast
  munch
rest
  sleep
    nap
    doze
    snore
  lounge
cry
  sob
speak
  whisper
  mumble
  shout
laugh
  giggle
  chuckle
work
  cook
    bake
    fry
  clean
    sweep
    scrub
  paint
"""

ADJECTIVES = """
wet
  soaked
dry
clean
  spotless
dirty
  filthy
  muddy
happy
  overjoyed
sad
  miserable
calm
angry
  furious
warm
cold
  freezing
healthy
sick
hungry
  starving
tired
  exhausted
"""

ADVERBS = ("outside", "indoors", "nearby", "alone", "happily", "calmly")

_OPPOSITES = (
    ("wet", "dry"), ("clean", "dirty"), ("happy", "sad"), ("calm", "angry"), ("warm", "cold"), ("healthy", "sick"),
)  # fmt: skip
OPPOSITE = {one: other for pair in _OPPOSITES for one, other in (pair, pair[::-1])}
"""The adjectives of which nobody is both."""

ONLY_PEOPLE = ("speak", "laugh", "work", "cry")
"""What no animal is said to do, with everything below it."""

WordClass = Literal["noun", "verb", "adjective"]


class Property(NamedTuple):
    """What a creature can have: to be of a kind, to be in a state, or to do something, perhaps in some way."""

    kind: WordClass
    word: str
    adverb: str | None = None


def _lines(tree: str) -> dict[str, tuple[str, ...]]:
    """Every word of an indented tree with the words above it, itself first and the root last."""
    found: dict[str, tuple[str, ...]] = {}
    path: list[str] = []
    for line in tree.strip().splitlines():
        word = line.strip()
        path[(len(line) - len(word)) // 2 :] = [word]
        found[word] = tuple(reversed(path))
    return found


ABOVE: dict[WordClass, dict[str, tuple[str, ...]]] = {
    "noun": _lines(NOUNS), "adjective": _lines(ADJECTIVES), "verb": _lines(VERBS),
}  # fmt: skip

KINDS = tuple(Property("noun", word) for word in ABOVE["noun"])
STATES = tuple(Property("adjective", word) for word in ABOVE["adjective"])
ACTIONS = tuple(Property("verb", word) for word in ABOVE["verb"])
WAYS = tuple(Property("verb", word, adverb) for word in ABOVE["verb"] for adverb in ADVERBS)
"""Actions with an adverb."""


@cache
def below(kind: WordClass, word: str) -> tuple[str, ...]:
    """The words that imply `word`, itself included."""
    return tuple(other for other, above in ABOVE[kind].items() if word in above)


@cache
def implied(attribute: Property) -> frozenset[Property]:
    """Everything that whoever has `attribute` has too, itself included."""
    adverbs = {attribute.adverb, None}
    words = ABOVE[attribute.kind][attribute.word]
    return frozenset(Property(attribute.kind, word, adverb) for word in words for adverb in adverbs)


@cache
def excluded(attribute: Property) -> frozenset[Property]:
    """What nobody has who has `attribute`."""
    states = (state.word for state in implied(attribute) if state.kind == "adjective")
    return frozenset(Property("adjective", OPPOSITE[word]) for word in states if word in OPPOSITE)
