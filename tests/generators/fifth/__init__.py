"""Labelled streams of a sleeping baby as stochastic processes; written from the facts on movements alone.

A stream (`body`) is composed of point processes and noise (`processes`): what a baby does of itself (`own`), ordinary
sleep and waking (`ordinary`), what comes again and again (`rhythm`), what concerns and is like it (`concerning`), and
what moves a baby from outside (`outside`). `kinds` gathers the kinds of stream, `night` makes whole nights.

What is drawn for each stream (U uniform, L log-uniform, N normal, G gamma, P Poisson):

- Sensor: rate one of 25, 26, 31.25, 50, 52, 100, 104 Hz, true rate +-4 % U; white noise L 0.3-5 mg; step L 0.06-16 mg;
  range 2, 4, 8 or 16 g; offset U +-60 mg an axis, its drift with temperature N 5 mg, settling in L 5-40 min;
  second-order anti-alias low-pass at 0.35-0.5 x rate; time jitter N, up to 10 % of an interval; in 25 % of streams a
  hole of 0.05-0.8 s every 2 min.
- Mounting: gravity anywhere on the sphere. Cloth: resonance U 4-14 Hz, decay L 50-200 ms, share U 0-0.6.
- Background: 1/f^a noise an axis, a U 0-1.6, L 0.2-2.5 mg; posture a random walk of about L 0.1-1 degrees a minute;
  breathing U 0.43-0.73 Hz with wandering phase, L 0.5-5 mg; heart 110-160/min, visible in half, L 0.2-2 mg.
- Limbs (two arms, two legs, head, trunk): direction, coupling L 0.3-1.2, wobble U 0-45 degrees, pulse width L 30-150 ms
  and one pulse shape (biphasic, asymmetric exponential, double, ringing at U 4-11 Hz) for all its pulses.
- Own movement: a hidden Markov state of vigour (rest, fidget, brisk, storm; exponential dwell 4-40 s) drives Hawkes
  processes (branching U 0.2-0.6) of each active limb, band noise (squirms), leaning, and changes of posture.
  Sizes: vigour x the stream's usual size x coupling x log-normal (0.5). The usual size is L 0.02-0.25 g, at least
  3 x quiet; a single movement may be smaller than that.
- Rhythms: U 0.8-5 Hz (at most 0.6 / pulse width), interval CV U 0-0.25 (G renewal), amplitude CV U 0-0.4, one or two
  limbs (equal odds), growth over 10 s in half, slowing to U 0.4-0.85 in half, size L 2-30 x quiet, L 12-150 s.
- Spasms: 3-15, every U 4-25 s +-25 % (less where the stream would be too short for all of them), lean U 3-40 degrees
  held U 0.4-3 s after U 60-100 % of them, growing, then fading.
- Benign series: L 1.5-30 min of clusters, 1-5 Hz, U 1.5-4 s, pauses L 1-15 s.
- Carers: rocking 0.6-1 Hz, patting 1.5-3.2 Hz, steps 1.5-2 Hz, bassinet 0.5-4.5 Hz; vehicles: noise through a
  suspension (pram U 4-11 Hz, car U 6-17 Hz).

Sizes are peaks of the norm of the 0.5-12 Hz band over the quiet level: the 25th percentile of the largest norm of each
second.
"""

from .body import Case
from .kinds import KINDS, cases
from .night import nights

__all__ = ["KINDS", "Case", "cases", "nights"]
