"""Being held, and jerks that stand out of it or do not."""

from processing.arms import Arms, ArmsSettings
from processing.moment import Hop, Moment
from processing.movement import HOP, Movement


def felt(*, peaks_g: list[float], tilt_g: float) -> tuple[Arms, Moment]:
    """Arms after hops of such peaks, while the posture goes to and fro by a tilt every 2 s."""
    arms, moment = Arms(ArmsSettings()), Moment(Movement())
    for i, peak_g in enumerate(peaks_g):
        first, posture_g = i * HOP, [tilt_g * (i // 4 % 2), 0.0, 1.0]
        moment.first, moment.stop, moment.peak_g, moment.posture_g = first, first + HOP, peak_g, posture_g
        moment.threshold_g = 0.004
        moment.hops.append(Hop(first, first + HOP, posture_g, tilt_g, sways=False, swayed=False, rested=-1))
        arms.push(moment)
    return arms, moment


def test_jerks_as_large_as_what_arms_do_are_buried() -> None:
    arms, _ = felt(peaks_g=[0.01, 0.015] * 80, tilt_g=0.02)
    assert arms.buried(0.012)
    assert not arms.buried(0.02)


def test_nothing_is_buried_while_the_posture_rests() -> None:
    arms, _ = felt(peaks_g=[0.01, 0.015] * 80, tilt_g=0.0)
    assert not arms.buried(0.012)


def test_a_run_does_not_bury_itself_in_its_first_seconds() -> None:
    arms, _ = felt(peaks_g=[0.01] * 140 + [0.05] * 24, tilt_g=0.02)
    assert not arms.buried(0.05)


def test_who_was_held_for_long_was_held_before_a_run() -> None:
    calm = [0.003, 0.015]
    arms, moment = felt(peaks_g=calm * 80, tilt_g=0.02)
    assert arms.held_before(moment.stop)
    arms, moment = felt(peaks_g=calm * 62, tilt_g=0.02)
    assert arms.held
    assert not arms.held_before(moment.stop)
