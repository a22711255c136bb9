from collections import Counter

from tandem.text.made.draws import AT_ONCE, Draws


def test_draws_are_a_function_of_key_and_number_and_never_end() -> None:
    letters = "abcdefghij"
    many = 3 * AT_ONCE
    first, again = ([draws.pick(letters) for _ in range(many)] for draws in (Draws(1, 2), Draws(1, 2)))
    assert first == again
    assert first[:AT_ONCE] != first[AT_ONCE : 2 * AT_ONCE]
    for other in (Draws(1, 3), Draws(2, 2)):
        assert [other.pick(letters) for _ in range(many)] != first


def test_every_choice_is_equally_likely() -> None:
    draws = Draws(5, 0)
    counts = Counter(draws.pick((0, 1, 2)) for _ in range(30_000))
    assert all(abs(counts[choice] - 10_000) < 400 for choice in (0, 1, 2))
