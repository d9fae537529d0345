"""A second generator of clip streams, to score a movement detector on data nobody tuned it on.

It shares no code, number or idea with the product's own simulator: it was written from facts about infants' movement
and from mechanics alone. Body parts are masses on springs, driven by muscle force (`body`); they carry cloth, and the
cloth carries the clip (`clip`). What babies and carers do is laid on a time line (`scene`, `ordinary`, `concerning`,
`carer`) and made into streams and nights (`streams`).

Everything is drawn anew for each case. LU = log-uniform, LN = log-normal (median, sigma), U = uniform, N = normal,
P = probability:

    baby        age LU 0.2-18 months (narrower where a kind belongs to an age)
                breathing 0.43 + 0.30 exp(-age/7) Hz, LN spread 0.12; 2.5 mg LN 0.5; share felt as tilt U 0.2-0.9
                heart's recoil 0.3 mg LN 0.6 at 2.0-2.3 Hz; vigour (awake peak at the clip) 90 mg LN 0.5
                sleep cycle U 45-65 min; twitch bouts in active sleep 25 exp(-age/12) per h LN 0.6
                startles 24 exp(-age/3) per h of quiet sleep; large movements 4 (active) and 0.9 (quiet) per h
    mechanics   parts LU 2-6.5 Hz, damping U 0.25-0.8, lever LU 6-40 cm; cloth LU 4-14 Hz, damping U 0.3-0.9, per axis
    clip        25, 26, 50, 52, 100, 104 Hz, true rate N 1.2 % off; noise LU 50-300 ug/sqrt(Hz); step 1/16-16 mg;
                range 2-16 g; offset N 20 mg; gain N 1 %; any mounting; holes LU 0.3-8 per h, over 1 s LU 0.02-0.4 per h
    jerking     (rhythmic, persisting, series) size over own quiet LU 2-30; LU 0.8-5 Hz; slowing P 0.65 by U 10-50 %;
                growing over U 3-12 s P 0.6; fading P 0.35; interval spread LU 2-15 %; size spread LU 5-40 %;
                direction spread U 2-25 deg; jerk LU 60-250 ms, at most 0.6 of the interval; 1-3 parts, lag U 0-40 ms
    rhythmic    45 s LN 0.8, 12-360 s, no pause; awake, the baby's other movement falls to LU 3-60 %
    series      clusters U 2-3 s, pauses U 0.8-3 s, runs U 10-20 s, rests LN (LU 8-60 s, 0.7), 3-20 min, ends at waking
    persisting  P 0.65 clusters (30-300 s asleep), else one run (25 s LN 0.5); U 15-150 s more once awake
    spasms      3-15, interval LU 6-22 s spread U 10-35 % within 5-30 s, each LU 0.4-3 s, tail LU 0.4-7 s; size LU 5-30;
                tilt LU 5-30 deg; growing and waning P 0.8; LU 20-330 s after waking P 0.8
    stiffening  LU 5-30 s, tilt U 10.5-35 deg, tremor U 8-12 Hz, size LU 2-15
    twitches    jerks geometric (mean 4.5), intervals LN (LU 0.5-2.5 s, 0.8) up to 10 s, 60-280 ms, size LU 2-20
    periodic    4-40, interval LU 13-60 s spread LU 5-20 % within 10-90 s, 1-3 strokes of U 0.4-1.4 s, size LU 2-15
    hiccups     N (504, 252) s, interval LU 2-15 s spread U 4-12 %, jolts U 0.2-0.35 s, size LU 2-15, 6 % missing
    sucking     bursts LN 0.45 about 4.7 s (3 months) to 1.7 s (12 months), 2.1 Hz LN 0.1, rests 4 s LN 0.7,
                size LU 0.7-4
    kicking     bouts of 4-40, U 0.7-2.5 Hz, interval spread U 20-60 %, kicks U 0.23-0.33 s, peak 0.7-2.5 vigours
    head        LU 0.5-2 Hz, U 2-12 deg and LU 30-300 mg, with blows P 0.5, in bouts P 0.5, LU 40-900 s
    jittery     U 6-10 Hz, LU 2-25 s, size LU 1.5-8
    rocking     U 0.67-0.95 Hz, spread U 1-4 %, LU 1-9 deg and LU 10-120 mg
    patting     U 1.5-3 Hz, spread U 3-10 %, blows of U 30-80 ms, LU 20-300 mg, pauses at LU 0.3-5 % of the pats
    bassinet    LU 0.5-4.5 Hz, spread 0.2 %, U 4-20 mm, at most 150 mg; levels change P 0.2 a minute
    walking     U 1.5-2 Hz with harmonics, LU 40-250 mg, stops every 40 s
    pram        U 4-6 to U 8-11 Hz, LU 20-150 mg, kerbs every 40 s
    car         6-17 Hz, LU 8-50 mg, bounce at 1-2.2 Hz, braking and curves 60 mg

A size is the typical peak of each second at the clip, over the rms of breathing, noise and rounding. Amplitudes at the
clip are guesses: nobody has published any.
"""

from .case import Case, Label
from .streams import KINDS, cases, nights

__all__ = ["KINDS", "Case", "Label", "cases", "nights"]
