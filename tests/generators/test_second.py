from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from processing.events import KINDS as EVENT_KINDS
from processing.samples import Readings
from tests.generators.second import KINDS, Case, Label, cases, nights
from tests.generators.second.body import SIM_HZ, draw_cloth, draw_part, respond
from tests.generators.second.concerning import draw_jerking, jerk
from tests.generators.second.scene import Scene

CONCERNING = {"rhythmic", "spasm_cluster", "stiffening", "persists_after_waking"}
MAIN = {
    "rhythmic_awake": ("rhythmic", "n/a"),
    "rhythmic_asleep": ("rhythmic", "n/a"),
    "rhythmic_unknown": ("rhythmic", "n/a"),
    "spasm_cluster": ("spasm_cluster", None),
    "bursts": ("myoclonic_burst", "n/a"),
    "quiet": ("asleep", "n/a"),
    **{k: (k, "n/a") for k in ("persists_after_waking", "myoclonic_series", "stiffening", "periodic_movements")},
    **{k: (k, "n/a") for k in ("hiccups", "off_body")},
    **{k: ("handling", k) for k in ("rocking", "patting", "bassinet", "pram", "car", "walking")},
    **{k: ("movement", k) for k in ("kicking", "head_banging", "sucking", "jitteriness", "turn_over")},
}


def main_labels(kind: str, case: Case) -> list[Label]:
    trial_type, detail = MAIN[kind]
    return [x for x in case.labels if x.trial_type == trial_type and detail in {None, x.detail}]


def states(case: Case) -> list[Label]:
    return [x for x in case.labels if x.trial_type in {"asleep", "awake"}]


def state_at(case: Case, time_s: float) -> str:
    return next(x.trial_type for x in states(case) if x.onset_s <= time_s < x.end_s)


def movement_g(case: Case, low_hz: float = 0.4) -> NDArray[np.float64]:
    sos = butter(2, low_hz, "high", fs=case.rate_hz, output="sos")
    return np.asarray(sosfiltfilt(sos, case.accel_g, axis=0))


def peaks_g(case: Case, start_s: float, end_s: float) -> NDArray[np.float64]:
    """The largest movement of each second."""
    inside = (case.time_s >= start_s) & (case.time_s < end_s)
    size = np.linalg.norm(movement_g(case)[inside], axis=1)
    return np.array([x.max() for x in np.array_split(size, max(1, round(end_s - start_s)))])


@pytest.fixture(scope="module")
def two_nights() -> list[Case]:
    return list(nights(2, 11))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_sound_and_holds_its_happening(kind: str) -> None:
    for case in cases(kind, 2, 7):
        Readings(time_s=case.time_s, accel_g=case.accel_g, rate_hz=case.rate_hz)
        assert 6 * 60 <= case.time_s[-1] <= 40 * 60
        assert np.abs(case.accel_g).max() <= case.facts["range_g"]
        assert np.median(np.diff(case.time_s)) == pytest.approx(1 / case.rate_hz, rel=0.05)
        steps = case.accel_g / (case.facts["resolution_mg"] / 1000)
        np.testing.assert_allclose(steps, np.round(steps), atol=1e-6)
        assert main_labels(kind, case)
        if kind not in CONCERNING and not kind.startswith("rhythmic"):
            assert not CONCERNING & {x.trial_type for x in case.labels}


@pytest.mark.parametrize("kind", KINDS)
def test_states_cover_the_stream_and_labels_lie_in_it(kind: str) -> None:
    (case,) = cases(kind, 1, 8)
    cover = states(case)
    assert cover[0].onset_s == 0
    assert cover[-1].end_s >= case.time_s[-1]
    assert [x.end_s for x in cover[:-1]] == pytest.approx([x.onset_s for x in cover[1:]])
    assert all(a.trial_type != b.trial_type for a, b in pairwise(cover))
    for x in case.labels:
        assert x.duration_s > 0
        assert 0 <= x.onset_s <= x.end_s <= cover[-1].end_s + 1
    assert {x.trial_type for x in case.labels} <= {*EVENT_KINDS, "myoclonic_series"}


def test_a_seed_gives_the_same_streams_however_many_are_asked_for() -> None:
    first, again = next(cases("hiccups", 1, 3)), next(cases("hiccups", 5, 3))
    np.testing.assert_array_equal(first.accel_g, again.accel_g)
    np.testing.assert_array_equal(first.time_s, again.time_s)
    assert first.labels == again.labels
    assert first.facts == again.facts
    other = next(cases("hiccups", 1, 4))
    assert other.labels != first.labels


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(ValueError, match="no kind 'yodelling'"):
        next(cases("yodelling", 1, 0))


@pytest.mark.parametrize(("kind", "state"), [("rhythmic_awake", "awake"), ("rhythmic_asleep", "asleep")])
def test_a_rhythm_follows_ten_minutes_of_its_state_without_a_hole(kind: str, state: str) -> None:
    for case in cases(kind, 5, 1):
        (run,) = main_labels(kind, case)
        assert 12 <= run.duration_s <= 360
        before = next(x for x in states(case) if x.onset_s <= run.onset_s < x.end_s)
        assert before.trial_type == state
        assert run.onset_s - before.onset_s >= 600
        assert not any(x.trial_type == "gap" and x.onset_s < run.end_s for x in case.labels)


def test_a_rhythm_of_unknown_state_begins_soon_after_the_start_or_a_gap() -> None:
    after_gap = 0
    for case in cases("rhythmic_unknown", 8, 1):
        (run,) = main_labels("rhythmic_unknown", case)
        known_from = max([x.end_s for x in case.labels if x.trial_type == "gap" and x.end_s <= run.onset_s], default=0)
        after_gap += known_from > 0
        assert run.onset_s - known_from <= 20
    assert 0 < after_gap < 8


def test_a_seizure_does_not_pause_and_keeps_its_rate() -> None:
    for seed in range(30):
        scene = Scene("jerks", np.random.default_rng(seed))
        way = draw_jerking(scene)
        intervals = np.diff(jerk(scene, way, 0, 60))
        slowest = way.hz * (1 - way.slowing)
        assert 0.8 <= way.hz <= 5
        assert intervals.max() < 2.2 / min(slowest, max(slowest, 0.5))
        begin = np.median(intervals[: max(3, len(intervals) // 8)])
        assert begin == pytest.approx(1 / way.hz, rel=0.25)
        if way.slowing > 0.25 and slowest > 0.5:
            assert np.median(intervals[-len(intervals) // 8 :]) > 1.1 * begin


def test_a_rhythm_repeats_at_its_rate_in_the_signal() -> None:
    heights = []
    for case in cases("rhythmic_asleep", 25, 5):
        facts = case.facts
        if facts["size"] < 6 or facts["slowing"] > 0.2 or facts["interval_spread"] > 0.1 or facts["hz"] > 3.5:
            continue
        (run,) = main_labels("rhythmic_asleep", case)
        x = movement_g(case)[(case.time_s > run.onset_s) & (case.time_s < run.end_s)]
        power = np.array(
            [np.sum(x[lag:] * x[: len(x) - lag]) for lag in range(round(1.35 * case.rate_hz / facts["hz"]))]
        )
        near = round(0.75 * facts["true_hz"] / facts["hz"])
        heights.append(power[near:].max() / power[0])
    assert len(heights) >= 3
    assert np.median(heights) > 0.4


def test_sizes_are_relative_to_the_babys_own_quiet() -> None:
    for case in cases("rhythmic_asleep", 12, 6):
        (run,) = main_labels("rhythmic_asleep", case)
        if case.facts["size"] < 6 or case.facts["hz"] < 1:
            continue
        peak_mg = 1000 * np.median(peaks_g(case, run.onset_s, run.end_s))
        assert 0.5 < peak_mg / (case.facts["size"] * case.facts["quiet_mg"]) < 2.2


def test_quiet_is_what_a_sleeping_baby_shows() -> None:
    for case in cases("quiet", 8, 2):
        if case.facts["resolution_mg"] > 4:
            continue  # the steps hide the breath
        rms_mg = 1000 * np.sqrt(np.mean(np.sum(movement_g(case, 0.2) ** 2, axis=1)))
        assert 0.3 < rms_mg / case.facts["quiet_mg"] < 3


def test_awake_babies_move_most_of_the_time_and_sleeping_ones_hardly() -> None:
    moving: dict[str, list[float]] = {"awake": [], "asleep": []}
    for case in cases("turn_over", 6, 9):
        for x in states(case):
            if x.duration_s > 500:
                peaks = peaks_g(case, x.onset_s + 5, min(x.end_s, case.time_s[-1]) - 5)
                moving[x.trial_type].append(float(np.mean(1000 * peaks > 4 * case.facts["quiet_mg"] + 10)))
    assert np.mean(moving["awake"]) > 0.4
    assert np.mean(moving["asleep"]) < 0.12


def test_spasms_come_in_clusters_while_awake_and_tilt_the_clip() -> None:
    for case in cases("spasm_cluster", 6, 2):
        (cluster,) = main_labels("spasm_cluster", case)
        count = int(cluster.detail)
        assert 3 <= count <= 15
        assert 5 * (count - 1) <= cluster.duration_s <= 30 * count
        assert state_at(case, cluster.onset_s) == "awake"


def test_stiffening_holds_a_tilt_of_ten_degrees() -> None:
    for case in cases("stiffening", 8, 2):
        (hold,) = main_labels("stiffening", case)
        assert 5 <= hold.duration_s <= 34
        if state_at(case, hold.onset_s) == "awake":
            continue
        t = case.time_s
        before = case.accel_g[(t > hold.onset_s - 5) & (t < hold.onset_s - 1)].mean(axis=0)
        during = case.accel_g[(t > hold.onset_s + 1.5) & (t < hold.onset_s + 4)].mean(axis=0)
        cosine = before @ during / np.linalg.norm(before) / np.linalg.norm(during)
        assert np.rad2deg(np.arccos(cosine)) > 8.5


def test_a_benign_series_ends_at_waking_and_its_clusters_are_short() -> None:
    for case in cases("myoclonic_series", 4, 2):
        (series,) = main_labels("myoclonic_series", case)
        bursts = [x for x in case.labels if x.trial_type == "myoclonic_burst" and x.onset_s >= series.onset_s]
        assert max(x.duration_s for x in bursts if x.end_s <= series.end_s) <= 3
        assert all(x.end_s <= series.end_s for x in bursts if state_at(case, x.onset_s) == "asleep")
        assert state_at(case, series.end_s + 1) == "awake"
        assert 150 <= series.duration_s <= 1210


def test_jerking_that_persists_is_labelled_from_the_waking_on() -> None:
    for case in cases("persists_after_waking", 6, 2):
        (persists,) = main_labels("persists_after_waking", case)
        assert persists.onset_s in [x.onset_s for x in states(case) if x.trial_type == "awake"]
        earlier = [x for x in case.labels if x.trial_type in {"rhythmic", "myoclonic_burst"}]
        assert any(persists.onset_s - 10 < x.end_s and x.onset_s < persists.onset_s for x in earlier)


def test_intervals_and_durations_are_those_of_the_literature() -> None:
    for case in cases("periodic_movements", 4, 2):
        assert case.facts["count"] >= 4
        assert 10 <= case.facts["interval_s"] <= 90
        (run,) = main_labels("periodic_movements", case)
        assert run.duration_s > 10 * (case.facts["count"] - 1)
    for case in cases("hiccups", 4, 2):
        assert 2 <= case.facts["interval_s"] <= 15
        assert 90 <= main_labels("hiccups", case)[0].duration_s <= 1400


@pytest.mark.parametrize(("kind", "low_hz", "high_hz"), [("rocking", 0.6, 1.05), ("walking", 0.7, 6.2)])
def test_mimics_shake_at_their_rate(kind: str, low_hz: float, high_hz: float) -> None:
    for case in cases(kind, 3, 2):
        (move,) = main_labels(kind, case)
        inside = (case.time_s > move.onset_s + 15) & (case.time_s < move.end_s - 15)
        power = np.sum(np.abs(np.fft.rfft(movement_g(case)[inside], axis=0)) ** 2, axis=1)
        hz = np.fft.rfftfreq(int(inside.sum()), 1 / case.facts["true_hz"])
        assert low_hz < hz[np.argmax(power)] < high_hz


def test_off_the_body_only_noise_is_left() -> None:
    for case in cases("off_body", 4, 2):
        (off,) = main_labels("off_body", case)
        inside = (case.time_s > off.onset_s + 5) & (case.time_s < min(off.end_s, case.time_s[-1]) - 5)
        left_mg = 1000 * np.median(np.std(case.accel_g[inside], axis=0))
        assert left_mg < 1.5 * np.hypot(case.facts["noise_mg"], 0.5 * case.facts["resolution_mg"]) + 0.3


def test_a_force_that_stays_makes_a_tilt_that_stays() -> None:
    rng = np.random.default_rng(1)
    part = draw_part(rng, 2.0, 6.5)
    force = np.tile([1.0, 0.5, -0.2], (round(6 * SIM_HZ), 1))
    jolt, tilt = respond(part, draw_cloth(rng), force)
    shift = part.coupling @ force[0] / (2 * np.pi * part.natural_hz) ** 2
    np.testing.assert_allclose(tilt[-1], np.cross(part.normal, shift) / part.lever_m, rtol=1e-3)
    assert np.abs(jolt[-1]).max() < 1e-4 < np.abs(jolt).max()


def test_holes_over_a_second_are_labelled(two_nights: list[Case]) -> None:
    for case in two_nights:
        lost = np.flatnonzero(np.diff(case.time_s) > 1.05)
        gaps = [x for x in case.labels if x.trial_type == "gap"]
        assert len(lost) == len(gaps)
        for i, gap in zip(lost, gaps, strict=True):
            assert case.time_s[i] == pytest.approx(gap.onset_s, abs=0.1)


def test_a_healthy_night_has_all_its_life_and_nothing_of_concern(two_nights: list[Case]) -> None:
    for case in two_nights:
        seen = Counter(x.trial_type for x in case.labels)
        details = Counter(x.detail for x in case.labels)
        hours = case.time_s[-1] / 3600
        assert 7.9 < hours < 12.6
        assert not CONCERNING & set(seen)
        assert {"asleep", "awake", "handling", "movement", "myoclonic_burst"} <= set(seen)
        assert {"feeding", "kicking", "arousal", "restless"} <= set(details)
        assert 3 <= details["arousal"] <= 3 * hours
        asleep_h = sum(x.duration_s for x in case.labels if x.trial_type == "asleep") / 3600
        assert 0.5 * hours < asleep_h < 0.95 * hours
