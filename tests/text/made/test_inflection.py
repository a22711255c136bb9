import pytest

from tandem.text.made.inflection import plural, third_person


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("dog", "dogs"), ("pony", "ponies"), ("fly", "flies"), ("boy", "boys"), ("monkey", "monkeys"),
        ("boss", "bosses"), ("bus", "buses"), ("fox", "foxes"), ("finch", "finches"), ("person", "people"),
        ("child", "children"), ("man", "men"), ("woman", "women"), ("wolf", "wolves"), ("mouse", "mice"),
        ("goose", "geese"), ("butterfly", "butterflies"),
    ],
)  # fmt: skip
def test_plural(one: str, many: str) -> None:
    assert plural(one) == many


@pytest.mark.parametrize(
    ("verb", "form"),
    [
        ("run", "runs"), ("fly", "flies"), ("march", "marches"), ("cry", "cries"), ("doze", "dozes"),
        ("buzz", "buzzes"), ("make noise", "makes noise"), ("play", "plays"), ("munch", "munches"),
    ],
)  # fmt: skip
def test_third_person(verb: str, form: str) -> None:
    assert third_person(verb) == form
