from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.nights import RecordingSettings, made, new_path, night_of, outdated
from sensor.recording import RecordingError

EVENING = datetime(2026, 3, 1, 20, 0, 0, tzinfo=UTC).timestamp()
DAY = 86400


def test_a_night_runs_from_noon_to_noon() -> None:
    noon = datetime(2026, 3, 1, 12).astimezone().timestamp()  # local
    assert night_of(noon) == night_of(noon + DAY - 1)
    assert night_of(noon - 1) != night_of(noon)


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        path = new_path(tmp_path, "baby", EVENING)
        path.touch(exist_ok=False)
        names.append(path.name)
    assert names == ["baby-20260301T200000Z.mcap", "baby-20260301T200000Z-2.mcap", "baby-20260301T200000Z-3.mcap"]


def test_the_newest_nights_stay_with_all_their_files(tmp_path: Path) -> None:
    for night in range(4):
        for minute in range(2):
            new_path(tmp_path, "baby", EVENING + night * DAY + minute * 60).touch()
    gone = outdated([path.name for path in tmp_path.iterdir()], "baby", 2, night_of(EVENING + 3 * DAY))
    assert gone == [
        "baby-20260301T200000Z.mcap",
        "baby-20260301T200100Z.mcap",
        "baby-20260302T200000Z.mcap",
        "baby-20260302T200100Z.mcap",
    ]


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    ours = [new_path(tmp_path, "baby", EVENING + night * DAY).name for night in range(3)]
    others = ["twin-20200101T200000Z.mcap", "baby-2-20200101T200000Z.mcap", "baby.mcap", "notes.txt", "baby-1.mcap"]
    assert outdated([*ours, *others], "baby", 1, night_of(EVENING + 3 * DAY)) == ours[:2]


@pytest.mark.parametrize("wall_s", [0.0, 4e9])
def test_a_clock_that_is_wrong_by_decades_names_a_night_too(tmp_path: Path, wall_s: float) -> None:
    assert outdated([new_path(tmp_path, "baby", wall_s).name], "baby", 1, night_of(wall_s)) == []


@pytest.mark.parametrize("now_s", [EVENING + 2 * DAY, 4e9])
def test_a_clock_that_jumped_deletes_no_real_night(tmp_path: Path, now_s: float) -> None:
    """Neither while it is in the future, nor when it is right again, with a file from the future lying about."""
    real, newest = (new_path(tmp_path, "baby", EVENING + night * DAY).name for night in range(2))
    current, future = (new_path(tmp_path, "baby", wall_s).name for wall_s in (now_s, 4.1e9))
    assert outdated([real, newest, current, future], "baby", 1, night_of(now_s)) == [real]


def test_the_directory_may_stand_in_the_home() -> None:
    assert RecordingSettings(directory="~/nights").folder == Path.home() / "nights"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    assert made(tmp_path / "new" / "nights").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(RecordingError, match=r"/file/nights cannot be made \(Not a directory\)"):
        made(tmp_path / "file" / "nights")
