"""Jerking that goes on after waking."""

from dataclasses import replace

from sensor.simulator import jerks, sleep
from sensor.simulator.wearer import Wearer


def persists(wearer: Wearer, start_s: float, waking_s: float, size: float) -> float:
    """Jerks in sleep, a series of clusters or a rhythm, that go on unchanged for 40 s to 4 min after the baby wakes."""
    rng = wearer.rng
    stop_s = waking_s + float(rng.uniform(40, 240))
    as_series = bool(rng.integers(2))
    wearer.facts["pattern"] = "series" if as_series else "rhythm"
    if as_series:
        series = jerks.draw_series(wearer, size)
        times = series.play(wearer, start_s, waking_s)
        times += replace(series, rest_s=float(rng.uniform(2, 8))).play(
            wearer, waking_s + float(rng.uniform(0.5, 4)), stop_s
        )
        jerks.label_bursts(wearer, [at_s for at_s in times if at_s < waking_s], "myoclonus")
    else:
        times = jerks.draw_rhythm(wearer, size).play(wearer, start_s, stop_s)
        wearer.label(start_s, times[-1] + 0.3, "rhythmic")
    wearer.label(waking_s, times[-1] + 0.3, "persists_after_waking")
    sleep.awake(wearer, sleep.wakes(wearer, waking_s), stop_s)
    return stop_s
