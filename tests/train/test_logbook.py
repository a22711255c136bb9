"""The log holds whole lines of finite numbers, and continues where its checkpoint was taken."""

from pathlib import Path

import pytest
from running import files_of_at_most

from tandem.core.errors import ArtifactError, DivergedError, ResourceError
from tandem.train.logbook import Logbook, read_log


def test_lines_come_back_as_they_were_written(tmp_path: Path) -> None:
    lines = [{"step": 1, "loss": 0.1 + 0.2}, {"step": 2, "text": "straße\nwind"}]
    with Logbook(tmp_path / "log.jsonl", keep=0) as log:
        for line in lines:
            log.write(line)
    assert read_log(tmp_path / "log.jsonl") == lines


def test_a_line_is_readable_as_soon_as_it_is_written(tmp_path: Path) -> None:
    with Logbook(tmp_path / "log.jsonl", keep=0) as log:
        log.write({"step": 1})
        assert read_log(tmp_path / "log.jsonl") == [{"step": 1}]


def test_what_a_lost_part_of_the_run_wrote_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with Logbook(path, keep=0) as log:
        log.write({"step": 1})
        keep = log.synced()
        log.write({"step": 2, "lost": True})
    with Logbook(path, keep=keep) as log:
        log.write({"step": 2})
        assert log.synced() == path.stat().st_size
    assert read_log(path) == [{"step": 1}, {"step": 2}]


def test_a_log_that_is_shorter_than_its_checkpoint_says_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("{}\n")
    with pytest.raises(ArtifactError, match="holds 3 bytes, and the checkpoint knows 4"):
        Logbook(path, keep=4)
    assert path.read_text() == "{}\n"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_not_finite_is_never_logged(number: float, tmp_path: Path) -> None:
    with Logbook(tmp_path / "log.jsonl", keep=0) as log:
        with pytest.raises(DivergedError, match="step 3"):
            log.write({"step": 3, "samples": [{"probability": number}]})
        log.write({"step": 4})
    assert read_log(tmp_path / "log.jsonl") == [{"step": 4}]


def test_on_a_full_disk_a_line_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with Logbook(path, keep=0) as log:
        log.write({"step": 1})
        with files_of_at_most(log.synced() + 5), pytest.raises(ResourceError, match=r"log\.jsonl: no room left"):
            log.write({"step": 2})
        assert read_log(path) == [{"step": 1}]
        log.write({"step": 2})
    assert read_log(path) == [{"step": 1}, {"step": 2}]


def test_a_log_that_is_missing_or_no_json_is_an_artifact_error(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"step": 1}\n{"st')
    for name in ("none.jsonl", "bad.jsonl"):
        with pytest.raises(ArtifactError, match=name):
            read_log(tmp_path / name)


def test_signs_that_end_a_line_elsewhere_do_not_end_one_here(tmp_path: Path) -> None:
    line = {"samples": ["a\u2028b", "c\x85d", "e\x0cf"]}
    with Logbook(tmp_path / "log.jsonl", keep=0) as log:
        log.write(line)
        log.write({"step": 1})
    assert read_log(tmp_path / "log.jsonl") == [line, {"step": 1}]
