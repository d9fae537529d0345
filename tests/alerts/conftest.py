"""Events to feed a policy with, clips to serve, and real brokers to talk to."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import jsonschema
import pytest

from processing.events import (
    Event,
    Gap,
    Handling,
    Hiccups,
    Movement,
    MyoclonicBurst,
    OffBody,
    PeriodicMovements,
    PersistsAfterWaking,
    Rhythmic,
    SpasmCluster,
    State,
    StateInterval,
    Stiffening,
)
from processing.samples import GRID_HZ

USUAL: dict[type[Event], dict[str, Any]] = {
    StateInterval: {"cause": "posture still for 5 min"},
    Gap: {},
    OffBody: {"noise_mg": 0.4},
    MyoclonicBurst: {"jerks": 3, "peak_mg": 80.0, "size": 9.0},
    Movement: {"peak_mg": 300.0, "size": 20.0, "posture_change_deg": 12.0},
    Handling: {"mimic": "rocked", "frequency_hz": 0.8, "posture_change_deg": 30.0, "masked": False},
    PeriodicMovements: {"movements": 5, "interval_s": 25.0, "regularity": 0.8},
    Hiccups: {"jolts": 40, "interval_s": 5.0, "regularity": 0.9},
    Rhythmic: {
        "frequency_start_hz": 2.1,
        "frequency_end_hz": 1.8,
        "regularity": 0.8,
        "jerks": 20,
        "size": 12.0,
        "state_now": None,
        "longest_pause_s": 0.6,
        "margin": 1.0,
    },
    SpasmCluster: {"contractions": 3, "interval_s": 8.0, "held_deg": 6.0, "size": 15.0, "margin": 1.0},
    Stiffening: {"tilt_deg": 14.0, "tremor_hz": 9.0, "size": 10.0, "margin": 1.0},
    PersistsAfterWaking: {
        "waking": None,
        "waking_evidence": "posture changed by 20 degrees",
        "jerks_before": 8,
        "jerks_after": 6,
        "same_direction": 0.9,
        "size": 11.0,
        "margin": 1.0,
    },
}


class MakeEvent(Protocol):
    """Makes a snapshot; times in stream seconds, `now_s` being when it was known."""

    def __call__(
        self,
        kind: type[Event],
        onset_s: float,
        end_s: float,
        *,
        now_s: float | None = None,
        state: State = State.ASLEEP,
        goes_on: bool = True,
        **evidence: Any,
    ) -> Event: ...


def make_event(
    kind: type[Event],
    onset_s: float,
    end_s: float,
    *,
    now_s: float | None = None,
    state: State = State.ASLEEP,
    goes_on: bool = True,
    **evidence: Any,
) -> Event:
    given = USUAL[kind] | evidence
    updated = round((end_s if now_s is None else now_s) * GRID_HZ)
    onset = round(onset_s * GRID_HZ)
    if kind is Rhythmic and given["state_now"] is None:
        given |= {"state_now": state}
    if kind is PersistsAfterWaking:
        given |= {"waking": onset if given["waking"] is None else round(given["waking"] * GRID_HZ)}
    return kind(
        onset=onset, end=round(end_s * GRID_HZ), reported=onset, updated=updated, open=goes_on, state=state, **given
    )


@pytest.fixture(scope="session", name="make_event")
def make_event_fixture() -> MakeEvent:
    return make_event


@pytest.fixture(scope="session")
def every_kind(make_event: MakeEvent) -> tuple[Event, ...]:
    """One closed event of each kind and state."""
    states = (make_event(StateInterval, 0, 10, state=s, goes_on=False) for s in State)
    others = (make_event(kind, 10, 40, goes_on=False) for kind in USUAL if kind is not StateInterval)
    return tuple(itertools.chain(states, others))


@pytest.fixture(scope="session")
def validate() -> Callable[[str, object], None]:
    """Check a payload against a schema of docs/."""
    folder = Path(__file__).parents[2] / "docs" / "schemas"
    validators = {
        path.name.removesuffix(".schema.json"): jsonschema.Draft202012Validator(json.loads(path.read_text()))
        for path in folder.glob("*.schema.json")
    }
    return lambda name, payload: validators[name].validate(payload)
