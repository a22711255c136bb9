"""Text from data fits on a line and gives a terminal no orders."""

from tandem.text.readable import readable


def test_white_space_becomes_one_space() -> None:
    assert readable(" one\r\n\ttwo  three ") == "one two three"


def test_what_a_terminal_would_obey_is_written_out() -> None:
    shown = readable("\x1b]0;title\x07 \x9b31m \x85 \u202eabc \ud800 \x00\x7f")
    assert shown.isprintable()
    assert shown == r"\x1b]0;title\x07 \x9b31m \x85 \u202eabc \ud800 \x00\x7f"


def test_other_scripts_and_brackets_stay() -> None:
    assert readable("naïve 北京 [bold]é[/bold]") == "naïve 北京 [bold]é[/bold]"


def test_long_texts_end_in_dots_and_fit() -> None:
    assert readable("x" * 100, width=100) == "x" * 100
    assert readable("x" * 101, width=100) == "x" * 99 + "…"
    assert len(readable("\x1b" * 10**6, width=40)) <= 40
    assert readable(" " * 10**6 + "x", width=40) == "…"
