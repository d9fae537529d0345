"""Labelled streams from rigid-body physics: what a clip feels on the trunk of a baby that moves and is moved.

The trunk has an orientation R (postures joined by minimum-jerk turns, times a small rotation that movements drive) and
accelerations, its own in the body frame and a carer's in the world's. The clip feels R'(g + a), with the tangential
acceleration of its lever arm, through a cloth of two resonant modes. Written from the facts about movements alone.

A scene is a trunk over time (`body`), felt through cloth and clip (`clip`). What happens on it is made of single
movements (`movements`): jerks and what concerns (`jerks`), what a baby does awake (`own`) and asleep (`sleep`), what is
done to it (`carer`). `kinds` composes streams, `night` whole nights; `draw` names the distributions.

Drawn once a stream (U uniform, L log-uniform, N normal, P probability):

- Clip: 25, 26, 31.25, 50, 52, 100 or 104 Hz +- U4 %; noise L(0.3, 5) mg; step L(0.06, 16) mg; range 2-16 g; offset
  U+-60 mg an axis; time jitter U(0, 0.25) of an interval; any mounting; lever arm 3-12 cm.
- Cloth: modes at L(4, 14) Hz and 1.3-2.2 times that, decay L(50, 200) ms, share U(0.1, 0.5) and U(0.05, 0.3); coupling
  of the trunk's own accelerations U(0.5, 1).
- Still baby: breathing U(0.43, 0.75) Hz, L(0.5, 5) mg, wandering; heart U(1.8, 2.6) Hz, L(0.3, 3) mg, P 0.6.
- Rhythm: L(0.8, 5) Hz, slows to U(0.5, 0.9) of it with P 0.5; grows over 10 s with P 0.5; interval CV U(0, 0.25);
  amplitude CV U(0, 0.4); wobble U(0, 45) deg; jerk lobes L(30, 150) ms; median jerk L(2, 30) x quiet; L(15, 120) s.
- Spasms: 3-15, tilt L(3, 40) deg held L(0.4, 2.4) s, every U(6, 22) s, waxing and waning with P 0.6, awake with P 0.8.
- Benign series: clusters of U(1.5, 4) s at L(1, 5) Hz, pauses L(1, 15) s, L(1, 30) min.
- Awake movement: bouts of log-normal length (median 6 s, sigma 0.7) and pauses (median 7 s, sigma 0.9; one in twelve a
  quiet minute), each of superposed submovements (median 0.45 s, sigma 0.45) with a trunk shift and a turn of its own.
- Carers: rocking U(0.67, 0.95) Hz, L(1.5, 8) deg; steps U(1.5, 2) Hz, L(40, 200) mg; pats U(1.5, 3) Hz, L(20, 200) mg,
  interval CV U(0.02, 0.09); sucks U(1.8, 2.4) Hz, L(1, 12) mg; bassinet L(0.5, 4.5) Hz; bouncer U(1, 3) Hz.
- Nights: 8-11 h, 2-5 wakings; active and quiet sleep of 15-30 min by turns; no concerning label.
"""

from .body import Case
from .kinds import KINDS, cases
from .night import nights

__all__ = ["KINDS", "Case", "cases", "nights"]
