from hypothesis import given
from hypothesis import strategies as st

from monitor.clock import JUMP_S, LiveTime, WallClock


class Hands:
    """Clocks that are set by hand."""

    def __init__(self) -> None:
        self.monotonic_s = 1000.0
        self.wall_s = 1.8e9

    def pass_s(self, seconds: float, *, steered: float = 0.0) -> None:
        self.monotonic_s += seconds
        self.wall_s += seconds * (1 + steered)


def test_a_clock_that_is_set_is_noticed_once() -> None:
    hands = Hands()
    wall = WallClock(lambda: hands.monotonic_s, lambda: hands.wall_s)
    hands.pass_s(10)
    assert wall.jump_s() == 0
    hands.wall_s -= 7200
    assert round(wall.jump_s()) == -7200
    hands.pass_s(10)
    assert wall.jump_s() == 0


@given(st.lists(st.floats(0.1, 3600), max_size=50))
def test_steering_is_no_jump(pauses_s: list[float]) -> None:
    hands = Hands()
    wall = WallClock(lambda: hands.monotonic_s, lambda: hands.wall_s)
    for pause_s in pauses_s:
        hands.pass_s(pause_s, steered=500e-6)
        assert wall.jump_s() == 0


def test_stream_time_does_not_jump_with_the_wall_clock() -> None:
    hands = Hands()
    live = LiveTime(1000.0, lambda: hands.monotonic_s, lambda: hands.wall_s)
    hands.pass_s(60)
    assert live.now_s() == 60
    assert live.unix_s(50) == hands.wall_s - 10
    hands.wall_s += 100 * JUMP_S
    assert live.now_s() == 60
    assert live.unix_s(60) == hands.wall_s
