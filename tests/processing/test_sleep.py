from collections.abc import Callable

import pytest

from processing.events import StateInterval
from processing.moment import Moment
from processing.movement import HOP, HOP_S, Movement
from processing.sleep import Sleep, SleepSettings

Told = list[tuple[str, float]]


@pytest.fixture
def night() -> tuple[Callable[..., None], Callable[[], None], Told]:
    """What pushes so many seconds, what leaves out half a minute, and what was told: states, and when."""
    sleep, moment, told = Sleep(SleepSettings()), Moment(Movement(), posture_g=[0.0, 0.0, 1.0]), Told()

    def tell(found: list[StateInterval]) -> None:
        told.extend((event.state.value, moment.stop * HOP_S / HOP) for event in found if event.open)

    def push(lasts_s: float, *, mimic: str = "", sway_g: float = 0.0, held: bool = False) -> None:
        for _ in range(round(lasts_s / HOP_S)):
            moment.first, moment.stop = moment.stop, moment.stop + HOP
            moment.seen, moment.mimic, moment.sway_g, moment.sway_threshold_g = moment.stop, mimic, sway_g, 0.02
            moment.held = held
            tell(sleep.push(moment, repeats=False, shaken=False))

    def gap() -> None:
        onset = moment.stop
        moment.stop += 1500 - HOP
        tell(sleep.begin(onset, moment.stop, "gap"))
        sleep.resume(moment.stop)

    tell(sleep.begin(0, 0, "start"))
    return push, gap, told


def test_what_was_told_before_a_gap_holds_on_where_nothing_can_be_seen_after_it(
    night: tuple[Callable[..., None], Callable[[], None], Told],
) -> None:
    push, gap, told = night
    push(300)
    gap()
    push(100, mimic="rocking")
    gap()
    push(700, mimic="rocking")
    assert [state for state, _ in told] == ["unknown", "asleep", "unknown", "unknown", "asleep"]
    assert told[-1][1] - told[-2][1] == pytest.approx(590, abs=5.5)


def test_what_was_told_before_a_gap_is_dropped_if_what_is_seen_speaks_against_it(
    night: tuple[Callable[..., None], Callable[[], None], Told],
) -> None:
    push, gap, told = night
    push(300)
    gap()
    push(5, sway_g=0.1)
    push(700, mimic="rocking")
    assert [state for state, _ in told] == ["unknown", "asleep", "unknown"]


def test_for_a_minute_after_a_gap_the_state_is_unknown(
    night: tuple[Callable[..., None], Callable[[], None], Told],
) -> None:
    push, gap, told = night
    push(300)
    gap()
    push(300)
    assert [state for state, _ in told] == ["unknown", "asleep", "unknown", "asleep"]
    assert told[-1][1] - told[-2][1] == pytest.approx(60, abs=5.5)


def test_arousals_are_no_waking_and_movement_that_comes_again_and_again_is(
    night: tuple[Callable[..., None], Callable[[], None], Told],
) -> None:
    push, _, told = night
    for _ in range(4):
        push(600)
        push(7, sway_g=0.1)
    assert [state for state, _ in told] == ["unknown", "asleep"]
    for _ in range(4):
        push(33)
        push(12, sway_g=0.1)
    assert [state for state, _ in told] == ["unknown", "asleep", "awake"]
    push(60)
    assert told[-1][0] == "awake"
    push(300)
    assert told[-1][0] == "asleep"


def test_who_is_held_for_minutes_is_taken_for_awake(
    night: tuple[Callable[..., None], Callable[[], None], Told],
) -> None:
    push, _, told = night
    push(600)
    push(20, held=True)
    assert told[-1][0] == "asleep"
    push(180, held=True)
    assert told[-1][0] == "awake"
