"""A seventh generator: sensors and babies as one more hand would build them, from movements and mechanics.

Written without reading another generator, the simulator or the detector. A baby pushes with six limbs on a trunk that
stands on a mattress; a cloth follows the trunk, and a clip the cloth (`mechanics`). Muscles twitch, stroke and hold
(`muscles`, `worrying`, `habits`), hands and machines act from outside (`carers`), a clip reads (`sensor`).

Distributions, drawn anew for each stream: rates of 25-104 Hz within 4 %, noise 0.3-5 mg (log), steps 0.06-16 mg,
ranges 2-16 g, offsets to 60 mg; mattress 2-7 Hz, cloth 4-14 Hz ringing 50-200 ms, a loose clip in three of ten
streams for 0.5-15 min. Jerk size 7.5 x quiet, lognormal 0.6, within 2-40; rate 0.8-5 Hz (log); interval CV 0-0.25,
partly drift; size CV 0-0.4; wobble 0-45 degrees; pulses of 30-150 ms; slowing in six of ten to 0.4-0.9 of the rate;
growth over 2-10 s in six of ten. Runs 45 s, lognormal 0.7, within 12-240. Contractions: 3-15, 4-30 s apart (CV
0.15-0.5), sizes CV 0.2-0.5, 3-40 degrees held 0.4-3 s, mixed directions in a quarter. Awake movement 35 mg, lognormal
0.5 between babies and 0.75 within one. What persists is a run that goes on (45 %), one that stops and resumes (20 %),
or clusters that go on (35 %); waking moves hardly, modestly or widely (20, 40, 40 %). A benign series ends with
waking in six of ten, a stir interrupts four of ten. Hands keep time within 1.5-6 % with 1/f drift. `unknown` is
labelled where a run begins before anyone could know the state.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np

from tests.generators.seventh import concerning, ordinary
from tests.generators.seventh.nights import night
from tests.generators.seventh.stage import Case, Stage

CASES: Final[Mapping[str, Callable[[Stage], None]]] = {
    **{
        play.__name__: play
        for play in (
            concerning.rhythmic_awake,
            concerning.rhythmic_asleep,
            concerning.rhythmic_unknown,
            concerning.rhythmic_moving,
            concerning.spasm_cluster,
            concerning.persists_after_waking,
            concerning.myoclonic_series,
            concerning.stiffening,
        )
    },
    **ordinary.KINDS,
}


def cases(kind: str, *, n: int, seed: int) -> Iterator[Case]:
    """Draw n streams of one kind, of 8-15 min; a benign series may take 35."""
    for i in range(n):
        rng = np.random.default_rng([zlib.crc32(kind.encode()), seed, i])
        longest_s = 2100 if kind == "myoclonic_series" else 900
        stage = Stage.draw(rng, rng.uniform(520, longest_s))
        CASES[kind](stage)
        yield stage.finish(f"{kind}-{i}", losses=kind != "rhythmic_unknown")


def nights(*, n: int, seed: int) -> Iterator[Case]:
    """Draw n ordinary nights of 8-11 h, without anything of which a family should be told."""
    for i in range(n):
        rng = np.random.default_rng([seed, i])
        stage = Stage.draw(rng, rng.uniform(8, 11) * 3600)
        night(stage)
        yield stage.finish(f"night-{i}")
