"""Each class of movement has the properties that are known of it: rate, length, pauses, size, posture."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from scipy.signal import find_peaks, welch

from processing.labels import Label
from processing.samples import Floats
from sensor.simulator import body, held, jerks, outside, repeats, sleep, waking
from sensor.simulator.shapes import in_band
from sensor.simulator.wearer import Sensor, Stage, Wearer, new_wearer

RATE_HZ = 100.0
SEEDS = range(6)

Canvas = Callable[..., Wearer]


def canvas(seed: int, duration_s: float = 300.0, split: str = "test", age_months: float = 6.0) -> Wearer:
    """A baby that sleeps quietly under a nearly perfect clip, so that nothing but the movement is seen."""
    sensor = Sensor(
        rate_hz=RATE_HZ, true_rate_hz=RATE_HZ, noise_g=1e-5, resolution_g=1e-5, range_g=16.0,
        offset_g=np.zeros(3), mounting=np.eye(3),
    )  # fmt: skip
    wearer = new_wearer(split, (seed,), duration_s, sensor=sensor, age_months=age_months)
    wearer.baby = dataclasses.replace(wearer.baby, breathing_mg=0.01, heart_mg=0.0)
    wearer.quiet_g = 0.003
    wearer.enters(0.0, Stage.QUIET)
    return wearer


def felt(wearer: Wearer, start_s: float = 0.0, stop_s: float = 1e9) -> Floats:
    time_s, accel_g = wearer.felt()
    return accel_g[(time_s >= start_s) & (time_s < stop_s)]


def size(accel_g: Floats) -> Floats:
    return np.linalg.norm(in_band(accel_g, RATE_HZ), axis=1)


def tilt_deg(one: Floats, other: Floats) -> float:
    a, b = (x.mean(axis=0) / np.linalg.norm(x.mean(axis=0)) for x in (one, other))
    return float(np.degrees(np.arccos(np.clip(a @ b, -1, 1))))


def main_hz(accel_g: Floats, low_hz: float = 0.3) -> float:
    hz, power = welch(accel_g - accel_g.mean(axis=0), RATE_HZ, nperseg=min(len(accel_g), 1024), axis=0)
    return float(hz[np.argmax(np.where(hz >= low_hz, power.sum(axis=1), 0))])


def only(wearer: Wearer, kind: str) -> Label:
    (found,) = (x for x in wearer.labels if x.kind == kind)
    return found


def jerk_times_s(accel_g: Floats, apart_s: float = 0.15) -> Floats:
    norm = size(accel_g)
    peaks, _ = find_peaks(norm, height=0.35 * np.percentile(norm, 99.5), distance=round(apart_s * RATE_HZ))
    return peaks / RATE_HZ


@pytest.mark.parametrize("seed", SEEDS)
def test_a_jerk_has_its_size_lasts_under_half_a_second_and_leaves_no_posture(seed: int) -> None:
    wearer = canvas(seed)
    end_s = jerks.single(wearer, 10.0, 8.0, "startle")
    accel_g = felt(wearer)
    norm = size(accel_g)
    assert norm.max() == pytest.approx(8 * wearer.quiet_g, rel=0.5)
    shaken = np.flatnonzero(np.linalg.norm(wearer.linear_g, axis=1) > 0.1 * np.abs(wearer.linear_g).max())
    assert (shaken[-1] - shaken[0]) / RATE_HZ < 0.5
    assert tilt_deg(accel_g[:900], accel_g[1200:]) < 0.4
    assert end_s < 11
    assert only(wearer, "myoclonic_burst").detail == "startle"


@pytest.mark.parametrize("seed", SEEDS)
def test_twitch_bursts_are_at_most_ten_seconds_and_three_apart(seed: int) -> None:
    wearer = canvas(seed, 900.0)
    at_s = 5.0
    while at_s < 800:
        at_s = jerks.twitches(wearer, at_s, 8.0) + 20
    bursts = [x for x in wearer.labels if x.kind == "myoclonic_burst"]
    assert len(bursts) > 20
    assert max(x.duration_s for x in bursts) <= 10.5
    assert len({round(x.duration_s, 1) for x in bursts}) > 5


def test_bursts_are_cut_by_the_rule_of_the_event() -> None:
    wearer = canvas(0)
    jerks.label_bursts(wearer, [1.0, 2.0, 4.9, 8.0, 20.0, *np.arange(30, 45, 1.0).tolist()], "twitch")
    spans = [(x.onset_s, round(x.end_s, 1)) for x in wearer.labels]
    assert spans == [(1.0, 5.2), (8.0, 8.3), (20.0, 20.3), (30.0, 40.3), (41.0, 44.3)]


@pytest.mark.parametrize("seed", SEEDS)
def test_myoclonus_comes_in_clusters_of_2_to_3_s_at_1_to_5_hz_with_pauses(seed: int) -> None:
    wearer = canvas(seed, 400.0)
    series = jerks.draw_series(wearer, 10.0)
    times = np.array(series.play(wearer, 10.0, 300.0))
    gaps = np.diff(times)
    pause_s = max(0.65, 1.5 / series.hz)
    clusters = np.split(times, np.flatnonzero(gaps > pause_s) + 1)
    lengths = [c[-1] - c[0] for c in clusters]
    assert 1 <= series.hz <= 5
    assert len(clusters) > 5
    assert max(lengths) < 3.2
    within = np.concatenate([np.diff(c) for c in clusters if len(c) > 1])
    assert np.mean(within) == pytest.approx(1 / series.hz, rel=0.2)


def test_a_benign_series_is_labelled_whole_and_in_bursts() -> None:
    wearer = canvas(1, 400.0)
    jerks.myoclonus(wearer, 10.0, 300.0, 10.0)
    whole = only(wearer, "myoclonic_series")
    bursts = [x for x in wearer.labels if x.detail == "myoclonus"]
    assert whole.onset_s == 10.0
    assert whole.end_s <= 301
    assert max(x.end_s for x in bursts) == pytest.approx(whole.end_s)
    assert max(x.duration_s for x in bursts) <= 10.4


@pytest.mark.parametrize("seed", range(12))
def test_a_clonic_rhythm_is_sustained_at_its_frequency_and_may_slow_down(seed: int) -> None:
    wearer = canvas(seed)
    rhythm = jerks.draw_rhythm(wearer, 20.0)
    times = np.array(rhythm.play(wearer, 20.0, 80.0))
    assert 0.8 <= rhythm.hz[0] <= 5.0
    assert 0.7 <= rhythm.hz[1] <= 1.06 * rhythm.hz[0]
    assert np.diff(times).max() <= 1.6 / min(rhythm.hz)
    assert 1 / np.mean(np.diff(times[:8])) == pytest.approx(rhythm.hz[0], rel=0.35)
    assert 1 / np.mean(np.diff(times[-8:])) == pytest.approx(rhythm.hz[1], rel=0.35)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_clonic_rhythm_can_be_counted_in_the_signal_and_leaves_the_posture(seed: int) -> None:
    wearer = canvas(seed, split="train")
    end_s = jerks.clonic(wearer, 20.0, 60.0, 20.0)
    label = only(wearer, "rhythmic")
    assert label.onset_s == 20.0
    assert 58 < label.duration_s < 62
    accel_g = felt(wearer)
    assert tilt_deg(accel_g[:1900], accel_g[round((end_s + 2) * RATE_HZ) :]) < 0.3
    run = size(accel_g[3000:8000])
    assert np.percentile(run, 99) > 8 * wearer.quiet_g
    assert size(accel_g[200:1900])[200:].max() < wearer.quiet_g


@pytest.mark.parametrize("seed", SEEDS)
def test_persistence_goes_on_after_waking_in_the_same_way(seed: int) -> None:
    wearer = canvas(seed, 600.0)
    waking.persists(wearer, 60.0, 200.0, 20.0)
    label = only(wearer, "persists_after_waking")
    assert label.onset_s == 200.0
    assert label.duration_s >= 30
    awake = next(x for x in wearer.state_labels() if x.kind == "awake")
    assert awake.onset_s == 200.0
    assert any(x.detail == "arousal" and x.onset_s == 200.0 for x in wearer.labels)


@pytest.mark.parametrize("seed", SEEDS)
def test_spasms_come_every_5_to_30_s_swell_and_ebb_and_hold_the_posture(seed: int) -> None:
    wearer = canvas(seed, 500.0)
    held.spasms(wearer, 20.0, 9, 12.0)
    lean = np.linalg.norm(wearer.lean, axis=1)
    flat = lean > 0.02 * lean.max()
    starts = np.flatnonzero(flat[1:] & ~flat[:-1])
    stops = np.flatnonzero(~flat[1:] & flat[:-1])
    assert len(starts) == 9
    assert np.all(np.diff(starts) / RATE_HZ >= 1.4)
    assert np.all(np.diff(starts) / RATE_HZ <= 30.1)
    assert np.all((stops - starts) / RATE_HZ < 7.2)
    heights = [lean[a : b + 1].max() for a, b in zip(starts, stops, strict=True)]
    assert max(heights[0], heights[-1]) < 0.8 * max(heights[3:6])
    still_there = [lean[a + 40] / h for a, h in zip(starts, heights, strict=True)]
    assert np.median(still_there) > 0.6
    ways = np.array([wearer.lean[a + 30] / np.linalg.norm(wearer.lean[a + 30]) for a in starts])
    assert (ways @ ways[0] > 0.7).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_stiffening_steps_holds_trembles_at_8_to_12_hz_and_lets_go(seed: int) -> None:
    wearer = canvas(seed)
    held.stiffening(wearer, 20.0, 15.0, 15.0, 5.0)
    label = only(wearer, "stiffening")
    accel_g = felt(wearer)
    stiff_s = label.end_s - 15.0
    before, during, after = (
        accel_g[round(a * RATE_HZ) : round(b * RATE_HZ)]
        for a, b in ((2.0, 19.0), (stiff_s + 3, label.end_s - 1), (label.end_s + 4, 80.0))
    )
    assert tilt_deg(before, during) == pytest.approx(15, abs=0.5)
    assert tilt_deg(before, after) < 6
    assert 7.5 <= main_hz(during, low_hz=3.0) <= 12.5
    assert stiff_s - label.onset_s in (pytest.approx(0), pytest.approx(3))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_turn_over_goes_over_by_60_to_180_degrees_and_stays(seed: int) -> None:
    wearer = canvas(seed)
    body.turn_over(wearer, 50.0, 0.1)
    accel_g = felt(wearer)
    assert tilt_deg(accel_g[:4900], accel_g[7000:9000]) > 50
    assert tilt_deg(accel_g[7000:9000], accel_g[20000:]) < 0.4
    assert 2 <= only(wearer, "movement").duration_s <= 6


@pytest.mark.parametrize("seed", SEEDS)
def test_an_arousal_lasts_2_to_4_s_and_waking_changes_the_posture(seed: int) -> None:
    wearer = canvas(seed)
    body.arousal(wearer, 30.0, 0.1)
    assert 2 <= only(wearer, "movement").duration_s <= 4
    sleep.wakes(wearer, 100.0)
    accel_g = felt(wearer)
    assert tilt_deg(accel_g[5000:9900], accel_g[12000:]) > 2.5


def test_periodic_movements_come_four_or_more_every_10_to_90_s_and_go_back() -> None:
    for seed in SEEDS:
        wearer = canvas(seed, 1500.0)
        repeats.periodic(wearer, 20.0, 12, 15.0)
        lean = np.linalg.norm(wearer.lean, axis=1)
        moving = lean > 0.02 * lean.max()
        starts = np.flatnonzero(moving[1:] & ~moving[:-1]) / RATE_HZ
        stops = np.flatnonzero(~moving[1:] & moving[:-1]) / RATE_HZ
        assert len(starts) == 12
        assert np.diff(starts).min() > 9
        assert np.diff(starts).max() < 97
        assert np.all((stops - starts > 0.3) & (stops - starts < 10))
        accel_g = felt(wearer)
        assert tilt_deg(accel_g[:1900], accel_g[-1000:]) < 0.4


def test_hiccups_are_steady_single_jolts() -> None:
    for seed in SEEDS:
        wearer = canvas(seed, 500.0)
        repeats.hiccups(wearer, 20.0, 400.0, 15.0)
        apart_s = np.diff(jerk_times_s(felt(wearer), apart_s=1.0))
        assert 1.5 < np.median(apart_s) < 17
        assert np.std(apart_s) / np.mean(apart_s) < 0.25
        label = only(wearer, "hiccups")
        assert 380 < label.duration_s < 402


@pytest.mark.parametrize(("age_months", "burst_s"), [(3.0, 4.7), (12.0, 1.7)])
def test_sucking_is_a_small_sinusoid_near_2_hz_in_bursts_that_shorten_with_age(
    age_months: float, burst_s: float
) -> None:
    for seed in SEEDS:
        wearer = canvas(seed, 600.0, age_months=age_months)
        repeats.sucking(wearer, 10.0, 500.0, 3.0)
        assert 1.7 <= main_hz(felt(wearer, 10, 500)) <= 2.5
        on = np.abs(wearer.linear_g).max(axis=1) > 0
        runs = np.diff(np.flatnonzero(np.diff(on.astype(int))))
        lengths_s = np.array([n for n in runs / RATE_HZ if n > 0.5])[::2]
        assert np.median(lengths_s) == pytest.approx(burst_s, rel=0.45)
        assert size(felt(wearer, 15, 500))[300:].max() < 5 * wearer.quiet_g


def test_head_banging_is_slow_large_and_in_bouts() -> None:
    for seed in SEEDS:
        wearer = canvas(seed, 400.0)
        repeats.head_banging(wearer, 10.0, 300.0)
        assert only(wearer, "movement").detail in {"head_banging", "body_rocking"}
        assert 0.45 <= main_hz(felt(wearer, 10, 300)) <= 2.1
        assert size(felt(wearer)).max() > 0.02


def test_jitteriness_is_6_hz_or_faster() -> None:
    for seed in SEEDS:
        wearer = canvas(seed)
        repeats.jitteriness(wearer, 10.0, 60.0, 5.0)
        assert 5.5 <= main_hz(felt(wearer, 10, 70), low_hz=2.0) <= 9.5


@pytest.mark.parametrize(
    ("play", "low_hz", "high_hz", "detail"),
    [
        (outside.rocking, 0.65, 0.98, "rocking"),
        (outside.bassinet, 0.45, 4.6, "bassinet"),
        (outside.patting, 1.4, 3.1, "patting"),
    ],
)
def test_carers_and_machines_keep_their_frequency(
    play: Callable[[Wearer, float, float], float], low_hz: float, high_hz: float, detail: str
) -> None:
    for seed in SEEDS:
        wearer = canvas(seed)
        play(wearer, 20.0, 120.0)
        label = only(wearer, "handling")
        assert label.detail == detail
        halves = [felt(wearer, a, a + 40) for a in (40.0, 90.0)]
        hz = [fundamental_hz(x, low_hz, high_hz) for x in halves]
        assert hz[0] == pytest.approx(hz[1], rel=0.12)
        assert low_hz <= hz[0] <= high_hz


def fundamental_hz(accel_g: Floats, low_hz: float, high_hz: float) -> float:
    """The frequency that explains the signal best with its harmonics."""
    hz, power = welch(accel_g - accel_g.mean(axis=0), RATE_HZ, nperseg=len(accel_g), nfft=4 * len(accel_g), axis=0)
    total = np.log(power.sum(axis=1) + 1e-12)
    tried = np.arange(low_hz, high_hz, 0.005)
    score = [sum(np.interp(k * f, hz, total) for k in (1, 2, 3)) for f in tried]
    return float(tried[np.argmax(score)])


def test_rocking_and_walking_are_handled_before_and_after() -> None:
    for seed in SEEDS:
        wearer = canvas(seed, 400.0)
        end_s = outside.walking(wearer, 60.0, 100.0)
        accel_g = felt(wearer)
        lying, carried = accel_g[:5900], accel_g[8000:14000]
        assert tilt_deg(lying, carried) > 25
        assert end_s < 180
        steps_hz = fundamental_hz(carried, 0.7, 2.1)
        assert any(1.4 <= k * steps_hz <= 2.1 for k in (1, 2))


def test_a_pram_shakes_at_4_to_11_hz_and_a_car_at_6_to_17() -> None:
    for play, low_hz, high_hz in ((outside.pram, 4, 11), (outside.car, 6, 17)):
        wearer = canvas(3)
        play(wearer, 10.0, 250.0)
        accel_g = felt(wearer, 20, 240)
        hz, power = welch(accel_g - accel_g.mean(axis=0), RATE_HZ, nperseg=512, axis=0)
        shaking = np.where(hz > 2.0, power.sum(axis=1), 0)
        inside = (hz >= 0.85 * low_hz) & (hz <= 1.15 * high_hz)
        assert shaking[inside].sum() > 0.7 * shaking.sum()


def test_a_clip_off_the_body_feels_nothing() -> None:
    wearer = canvas(2)
    wearer.baby = dataclasses.replace(wearer.baby, breathing_mg=5.0)
    outside.taken_off(wearer, 100.0, 300.0)
    worn, off = size(felt(wearer))[1000:9500], size(felt(wearer))[13000:]
    assert worn.std() > 20 * off.std()
    assert only(wearer, "off_body").end_s == 300.0
    assert [x.kind for x in wearer.state_labels()] == ["asleep", "awake", "unknown"]


def test_breathing_slows_with_age_and_is_steadier_in_quiet_sleep() -> None:
    rates = []
    for age_months in (0.0, 24.0):
        wearer = canvas(1, 300.0, age_months=age_months)
        wearer.baby = dataclasses.replace(wearer.baby, breathing_mg=4.0)
        rates.append(main_hz(felt(wearer), low_hz=0.2))
    assert 0.55 < rates[0] < 0.9
    assert 0.3 < rates[1] < 0.55


def test_awake_babies_move_and_sleeping_ones_hardly() -> None:
    for seed in SEEDS:
        wearer = canvas(seed, 1200.0)
        sleep.asleep(wearer, 0.0, 600.0, first=Stage.QUIET)
        sleep.awake(wearer, 600.0, 1200.0)
        norm = size(felt(wearer))
        second = norm[: 1200 * 100].reshape(-1, 100).max(axis=1) > 8 * wearer.quiet_g
        assert second[10:600].mean() < 0.1
        assert second[600:].mean() > max(0.12, 4 * second[10:600].mean())


def test_a_hole_takes_its_rows_away_and_nothing_else() -> None:
    wearer = canvas(0, 100.0)
    wearer.hole(20.0, 30.0)
    time_s, accel_g = wearer.felt()
    assert len(time_s) == len(accel_g) == 9000
    assert not ((time_s >= 20) & (time_s < 30)).any()
    assert only(wearer, "gap") == Label(onset_s=20.0, duration_s=10.0, kind="gap")


def test_what_is_said_of_a_state_holds_until_the_next_and_voids_what_was_said_of_later() -> None:
    wearer = canvas(0, 100.0)
    wearer.enters(50.0, Stage.AWAKE)
    wearer.enters(80.0, Stage.ACTIVE)
    wearer.enters(70.0, Stage.QUIET)
    wearer.enters(75.0, Stage.ACTIVE)
    assert [(x.onset_s, x.end_s, x.kind) for x in wearer.state_labels()] == [
        (0, 50, "asleep"),
        (50, 70, "awake"),
        (70, 100, "asleep"),
    ]
