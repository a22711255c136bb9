import errno
import re
import signal
from pathlib import Path

import pytest

from tandem.core import errors
from tandem.core.errors import (
    ResourceError,
    Stopped,
    TandemError,
    UsageError,
    disk_errors,
    neighbours,
    suggestion,
    unknown,
)


def test_the_tree_in_the_docstring_is_the_tree_in_the_code() -> None:
    drawn = {name: int(code) for name, code in re.findall(r"(\w+) +(\d) ", errors.__doc__)}
    written = {error.__name__: error.exit_code for error in [TandemError, *TandemError.__subclasses__()]}
    assert written.pop("Stopped")
    assert drawn == written


def test_every_kind_of_error_ends_a_command_with_its_own_code() -> None:
    codes = [error.exit_code for error in [TandemError, *TandemError.__subclasses__()] if error is not Stopped]
    assert codes == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stop_ends_as_the_shell_expects(number: signal.Signals, code: int) -> None:
    stop = Stopped(number, "step 12 is saved")
    assert (stop.exit_code, stop.signal_name, str(stop)) == (code, number.name, "step 12 is saved")


def test_a_suggestion_names_the_nearest_and_then_all_that_is_legal() -> None:
    assert suggestion("lsmt", ["attention", "lstm"]) == '; did you mean "lstm"? (legal: attention, lstm)'


def test_nothing_near_is_suggested_for_a_name_like_no_other() -> None:
    assert suggestion("xyz", ["attention", "lstm"]) == " (legal: attention, lstm)"


def test_nothing_is_suggested_where_nothing_is_legal() -> None:
    assert suggestion("lstm", []) == ""


def test_an_unknown_name_says_what_it_is_where_it_stands_and_what_was_meant() -> None:
    error = unknown("mixer", "gruu", iter(["gru", "rnn"]), "encoder, position 3")
    assert isinstance(error, UsageError)
    assert str(error) == 'encoder, position 3: unknown mixer "gruu"; did you mean "gru"? (legal: gru, rnn)'


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_a_lack_of_resources(number: int) -> None:
    with pytest.raises(ResourceError, match=r"^here/a\.bin: no room left"), disk_errors("here/a.bin"):
        raise OSError(number, "refused")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG])
def test_a_path_that_cannot_be_written_is_a_mistake_of_the_user(number: int) -> None:
    with pytest.raises(UsageError, match=r"^here: cannot be written"), disk_errors("here"):
        raise OSError(number, "refused")


@pytest.mark.parametrize("error", [FileNotFoundError(errno.ENOENT, "gone"), OSError("no number"), ValueError("other")])
def test_what_is_not_about_room_or_rights_passes_unchanged(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, disk_errors("here"):
        raise error
    assert caught.value is error


def test_a_path_is_told_its_neighbours_and_the_nearest_by_its_name_alone() -> None:
    folder = Path("a/long/folder/that/all/of/them/share")
    there = [folder / "lstm", folder / "gru"]
    assert neighbours(folder / "lsmt", there) == f'; did you mean "{folder}/lstm"? (legal: {folder}/gru, {folder}/lstm)'
    assert neighbours(folder / "nowhere", there) == f" (legal: {folder}/gru, {folder}/lstm)"
    assert neighbours(folder / "nowhere", []) == ""
