import importlib
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
import pytest

from processing.felt import measure
from processing.labels import STATES, our_kind
from processing.resampling import Resampler
from processing.samples import Readings
from processing.scoring import Truth
from tests.evaluation.generators import as_label

seventh = importlib.import_module("tests.generators.seventh")
WORRYING = {"rhythmic", "spasm_cluster", "stiffening", "persists_after_waking"}


def one(kind: str, seed: int = 3) -> Any:
    return next(iter(seventh.cases(kind, n=1, seed=seed)))


def check(case: Any) -> None:
    assert np.isfinite(case.accel_g).all()
    assert len(case.time_s) == len(case.accel_g)
    assert (np.diff(case.time_s) > 0).all()
    assert all(our_kind(kind) for _, _, kind, _ in case.labels)
    assert all(a >= 0 and lasting > 0 and a + lasting <= case.time_s[-1] + 1e-6 for a, lasting, _, _ in case.labels)
    states = [(a, a + lasting) for a, lasting, kind, _ in case.labels if kind in STATES]
    assert states[0][0] == 0
    assert states[-1][1] == pytest.approx(case.time_s[-1])
    assert all(end == pytest.approx(onset) for (_, end), (onset, _) in pairwise(states))


@pytest.mark.parametrize("kind", list(seventh.CASES))
def test_every_kind_is_whole(kind: str) -> None:
    check(one(kind))


def test_the_same_seed_gives_the_same_stream_and_another_gives_another() -> None:
    first, again, other = one("rhythmic_awake"), one("rhythmic_awake"), one("rhythmic_awake", seed=4)
    assert np.array_equal(first.accel_g, again.accel_g)
    assert first.labels == again.labels
    assert len(first.accel_g) != len(other.accel_g) or not np.array_equal(first.accel_g, other.accel_g)


def test_a_night_is_whole_and_ordinary() -> None:
    night = next(iter(seventh.nights(n=1, seed=2)))
    check(night)
    assert 8 <= night.time_s[-1] / 3600 <= 11
    assert not WORRYING & {kind for _, _, kind, _ in night.labels}


def test_what_persists_begins_as_the_baby_wakes_and_goes_on() -> None:
    for case in seventh.cases("persists_after_waking", n=6, seed=2):
        (persists,) = (row for row in case.labels if row[2] == "persists_after_waking")
        before = [row for row in case.labels if row[2] in {"rhythmic", "myoclonic_series"}]
        assert persists[0] in [onset_s for onset_s, _, kind, _ in case.labels if kind == "awake"]
        assert persists[1] >= 15
        assert before[0][0] < persists[0]


def test_contractions_lie_within_their_cluster() -> None:
    for case in seventh.cases("spasm_cluster", n=4, seed=2):
        (cluster,) = (row for row in case.labels if row[2] == "spasm_cluster")
        inside = [row for row in case.labels if row[2] == "contraction"]
        assert 3 <= len(inside) <= 15
        assert all(cluster[0] <= a and a + lasting <= cluster[0] + cluster[1] + 1e-6 for a, lasting, _, _ in inside)


def test_jerks_stand_above_quiet_as_drawn() -> None:
    shares = []
    for kind in ("rhythmic_asleep", "rhythmic_awake", "rhythmic_unknown"):
        for case in seventh.cases(kind, n=2, seed=1):
            labels = sorted(as_label(row) for row in case.labels)
            resampler = Resampler()
            blocks = resampler.push(Readings(time_s=case.time_s, accel_g=case.accel_g, rate_hz=case.rate_hz))
            truth = Truth.of(case.name, [*blocks, *resampler.close()], labels)
            sizes = [x.size for x in measure(truth.signal, truth.quiet_g, labels) if x.label.kind == "rhythmic"]
            shares += [size / case.facts["size"] for size in sizes if size is not None]
    assert len(shares) == 6
    assert 0.7 < median(shares) < 1.4
    assert all(0.4 < share < 2.5 for share in shares)
