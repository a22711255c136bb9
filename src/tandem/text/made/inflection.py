"""English endings: the plural of a noun, and the verb after he, she or it."""

IRREGULAR = {
    "person": "people", "child": "children", "man": "men", "woman": "women", "wolf": "wolves", "mouse": "mice",
    "goose": "geese",
}  # fmt: skip


def plural(noun: str) -> str:
    """The plural of a singular noun: `pony` gives `ponies`."""
    return IRREGULAR.get(noun) or _with_s(noun)


def third_person(verb: str) -> str:
    """The verb after he, she or it; of several words the first changes: `make noise` gives `makes noise`."""
    first, *others = verb.split(" ")
    return " ".join([_with_s(first), *others])


def _with_s(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "z", "ch", "sh")) else f"{word}s"
