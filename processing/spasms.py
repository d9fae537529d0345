"""Clusters of contractions: the trunk is tipped the same way each time, held for a moment, and let go.

A contraction is a tip (`tips`) that is quick or large, is held for a third of a second to 8 s and then let go.
Contractions of one cluster tip the same way, by the same path, with the same jolt, are of like size, and follow each
other at 3-35 s. The best such chain that ends with the newest contraction is found by dynamic programming:

    alike  = bias + path ln((1.02 - path_even) / (1.02 - p)) + shake (j - shake_even)
    link   = min(most, largest alike of the chain's last four - size ln(b / a)^2)
    margin = sum of (link - ln(seldom + tips expected by chance)) + sum of calm - doubts - threshold

with p and j the largest products of two paths and jolts, both normalised, all axes together; b the tilt, a the usual
one of those four. Flexion and extension may mix: a contraction need be like one of those before it, not like the last.
By chance as many tips follow one as there were others of its size in the last minute, outside the chain. A tip that is
held as briefly as a hiccup displaces is doubted.

A contraction comes out of rest, goes back to the same posture, and is followed by rest; what moves restlessly does not:

    calm   = -calm_even - ln(stir before) - ln(what is left) - ln(stir after)        each over the tilt

half of it where it speaks for a contraction. Two calm tips may go any way: evidence of isolation makes up for it.

Not every contraction of a cluster is held. A jolt alone between two of one kind bridges 60 s; once a cluster is found,
such jolts count as contractions, fewer than those that are held, and so does each tip its way and of its size, whether
or not the wearer kept still around it.
"""

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import attrgetter
from statistics import median
from typing import Annotated, Final

import msgspec
import numpy as np

from processing.events import SpasmCluster, State
from processing.jerks import Jerk
from processing.moment import Moment
from processing.movement import HOP
from processing.samples import GRID_HZ, Floats
from processing.tips import Tip, Tips

SECOND: Final = int(GRID_HZ)
CONTRACTIONS_MIN: Final = 3
RECALLED: Final = 4
"""Contractions of a chain with which the next one is compared."""
OPPOSITE: Final = -0.7
RELEASE_S: Final = 8.5
"""A tip back within this time may let go the one before."""
LARGER: Final = 1.5
QUICKER: Final = 2.0
"""A posture is not let go further than it was taken, nor with a larger jolt."""
LARGE: Final = 0.5
SETTLES: Final = 75
"""Rows after a contraction in which the sway dies down: 1.5 s."""
EARLIER: Final = 250
BETWEEN_HOPS: Final = 16
RECENT: Final = 2900
"""Rows for which jerks are kept, less one contraction."""
NEAR_S: Final = 0.8
"""It comes about when the posture is let go."""
ALONE_S: Final = 2.0
FEW: Final = 4
"""Jerks within 2 s either way of a jolt that stands alone: its doublet and its ring in the cloth."""
LEAST_S: Final = 0.2
"""In a cluster that is found a contraction may be held so briefly."""
LETS_GO_S: Final = 1.5
"""After a posture is let go the wearer settles."""
CLEAR: Final = 1.5
"""A jolt over the quiet by which it begins to be seen; at twice that it is seen clearly."""
NOISE: Final = 0.02
"""Two paths are never more alike than the noise lets them be."""
UNLIKE: Final = -0.3
"""Jolts of one cluster may differ: less likeness than this below the even counts no more."""
STILL: Final = 0.05
STIRRED: Final = 3.0
_AT: Final = attrgetter("at")


class SpasmSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is a contraction, and what is a cluster. Tuned on the training split and the third to fifth generators."""

    tilt_mg: Annotated[float, msgspec.Meta(gt=0)] = 16.0
    """Least tilt: 1 degree."""
    tilt_over_quiet: Annotated[float, msgspec.Meta(gt=0)] = 1.6
    """Over the quiet of the sway band, which is breathing; a smaller tip is not seen."""
    contraction_over_quiet: Annotated[float, msgspec.Meta(gt=0)] = 3.0
    """The same for a contraction: in swaying arms tips reach 2.6."""
    jolt_over_quiet: Annotated[float, msgspec.Meta(gt=0)] = 1.5
    """A contraction is quick: its onset shows in the jerk band, over the quiet. Slow sway in arms does not."""
    tilt_alone_mg: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    """A tilt so large counts without a jolt."""
    held_s: tuple[float, float] = (0.33, 8.0)
    """Contractions last 0.4-3 s, with a tail to 10 s."""
    held_usual_s: Annotated[float, msgspec.Meta(gt=0)] = 3.3
    """Half of them at least are no longer: 85.7 % of contractions last 0.4-3 s (docs/movements.md). A carer lifts the
    legs for 3-6 s, and lets go."""
    held_brief_s: Annotated[float, msgspec.Meta(gt=0)] = 0.5
    jolt_brief: Annotated[float, msgspec.Meta(gt=0)] = 0.6
    """Shorter holds with a jolt of this share of the tilt are doubted: hiccups displace for 0.2-0.5 s, and their jolt
    reaches 0.8-1 of what they displace."""
    held_hiccups_s: Annotated[float, msgspec.Meta(gt=0)] = 0.9
    """While hiccups are known, half the contractions must be held so long."""
    same_way: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.8
    apart_s: tuple[float, float] = (3.0, 35.0)
    """Intervals: 3-30 s (docs/events.md), and a little more for one that was missed in part."""
    like_size: Annotated[float, msgspec.Meta(gt=1)] = 3.5
    bias: float = 1.5
    """Log-odds of a link whose likeness tells nothing: a contraction is due, a chance fit is not. Set by hand."""
    path: Annotated[float, msgspec.Meta(ge=0)] = 1.2
    path_even: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.86
    shake: Annotated[float, msgspec.Meta(ge=0)] = 5.0
    shake_even: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.5
    """Weights, and the products at which both are as likely, for the likest of four: rounded ratios of quantiles of 311
    calm contractions of the sixth generator against 89 calm tips of the third's squirming, between which the other
    generators' contractions lie far on the better side."""
    size: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    """For contractions whose sizes vary by 0.4 in the logarithm (sixth generator), others' by 0.7."""
    most: Annotated[float, msgspec.Meta(gt=0)] = 4.0
    """However alike: one chance pair is no cluster."""
    calm: Annotated[float, msgspec.Meta(ge=0)] = 0.5
    """Share of the odds of calm that counts: who lies quiet does so for long, and each time tells less."""
    calm_even: float = 4.0
    """The logarithms of what stirs before, is left, and stirs after weigh 1.1, 1 and 1 in logistic regressions with
    each of five generators left out in turn, and tell contractions from other tips with 0.95-1.0 of the area; at this
    sum, with the sign changed, both are as likely."""
    calm_counts: tuple[float, float] = (-2.0, 1.5)
    """What calm counts at least and at most."""
    seldom: Annotated[float, msgspec.Meta(gt=0)] = 0.4
    """Tips that follow by chance where no other was in the last minute."""
    brief: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    crowd_s: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    run_on: Annotated[float, msgspec.Meta(ge=0)] = 0.2
    """Weight of a tip that does not stand alone among those that may follow by chance."""
    stirs: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.4
    """In swaying arms, at the breast or patted, a wearer is moved nearly all the time."""
    explained: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.3
    """Share of the time of the contractions in which arms or sucking explain what is felt: small tips are theirs."""
    share: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.4
    """In a carer's arms a wearer tips many ways; among many tips some few are alike by chance."""
    other_share: Annotated[float, msgspec.Meta(ge=0)] = 0.5
    """Tips of less than this share of the contractions do not speak against them."""
    margin: float = 6.0
    """Of 5-7, which hardly differ."""
    margin_three: Annotated[float, msgspec.Meta(ge=0)] = 1.5
    """More is asked of three contractions: the least that are a cluster, and often chance."""
    held_jolt_s: Annotated[float, msgspec.Meta(gt=0)] = 0.7
    """Hold of the second longest under which brief jolts may be hiccups: of their tips 2-13 % are held so long (first
    and third generator), of the sixth's contractions 60 %."""
    hiccups_apart_s: Annotated[float, msgspec.Meta(gt=0)] = 15.0
    """Constant brief jolts so far apart in the median are no hiccups: adults' come 11.4 +- 2.9 s apart, infants' every
    2-15 s (prior)."""
    irregular: Annotated[float, msgspec.Meta(gt=0)] = 0.3
    """Standard deviation of the intervals over their mean; hiccups and periodic movements stay below."""
    folded: Annotated[float, msgspec.Meta(gt=0)] = 0.2
    """The same of the intervals over the nearest multiple of the shortest, for one may be left out."""
    irregular_count: Annotated[int, msgspec.Meta(ge=3)] = 4
    asleep_count: Annotated[int, msgspec.Meta(ge=3)] = 4
    asleep_apart_s: Annotated[float, msgspec.Meta(gt=0)] = 12.0
    """Periodic movements in sleep are further apart: 10-90 s (WASM 2016), mostly 20-40 s."""
    asleep_far_s: Annotated[float, msgspec.Meta(gt=0)] = 17.0
    sure_score: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    """Evidence that outweighs other tips of that size, and in sleep longer intervals: who lies awake and quiet seems
    asleep."""
    sure_each: Annotated[float, msgspec.Meta(gt=0)] = 2.0
    """Of which each contraction must bring so much: long crying adds up, too."""
    asleep_large_mg: Annotated[float, msgspec.Meta(gt=0)] = 200.0
    """Nor do they tip the trunk so far."""
    asleep_jolt: Annotated[float, msgspec.Meta(ge=0)] = 0.2
    """In sleep the jolt's envelope over the tilt: a slow swell has none."""
    asleep_tilt_mg: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    """In sleep the slow swells of periodic movements tip less than 3.5 degrees."""
    twitch_jerks: Annotated[float, msgspec.Meta(gt=1)] = 3.5
    """Jerks to a small tip: contractions have 2.8 at most, clusters of myoclonus 4.5-15 (four generators)."""
    awake_s: Annotated[float, msgspec.Meta(gt=0)] = 120.0
    """Time since waking in which a cluster is no movement of sleep: mostly they come soon after waking."""
    unheld: tuple[float, float] = (0.1, 2.5)
    """A jolt of this share of a cluster's jolts is a contraction whose posture is not held: most are, not all. The step
    into a posture is itself most of a jolt."""
    unheld_over_quiet: Annotated[float, msgspec.Meta(gt=0)] = 2.0
    bridges_s: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    """Interval of two contractions with such a jolt between them."""
    ends_after_s: Annotated[float, msgspec.Meta(gt=0)] = 40.0


@dataclass(slots=True)
class _Link:
    """A contraction and the longest chain that ends with it."""

    tip: Tip
    count: int
    score: float
    before: "_Link | None"

    def chain(self, most: int | None = None) -> list[Tip]:
        """Contractions, the newest at most so many, oldest first."""
        tips: list[Tip] = []
        link: _Link | None = self
        while link is not None and len(tips) != most:
            tips.append(link.tip)
            link = link.before
        return tips[::-1]


class Spasms:
    """Follow contractions."""

    def __init__(self, settings: SpasmSettings) -> None:
        self._settings = settings
        self._finder = Tips()
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self.open: SpasmCluster | None = None
        self._finder.restart()
        self._links: list[_Link] = []
        self._tips: list[Tip] = []
        self._chain: list[Tip] = []
        self._jerks: list[Jerk] = []
        self._jolts: list[int] = []
        self._last = 0
        self._awake = -(10**9)

    @property
    def idle(self) -> bool:
        """Whether no posture is held that may be let go."""
        return self._finder.idle

    def push(self, moment: Moment, *, hiccups: bool, handled: bool) -> list[SpasmCluster]:
        """Take one hop; while handling lasts, nothing is a contraction, and hiccups ask for longer holds."""
        s = self._settings
        least_g = max(s.tilt_mg / 1000, s.tilt_over_quiet * moment.sway_quiet_g)
        found, let_go = self._finder.push(moment, least_g)
        if found:
            del self._tips[: bisect_right(self._tips, moment.stop - 3 * s.apart_s[1] * SECOND, key=_AT)]
        for tip in found:
            tip.slept_s = (tip.at - self._awake) / GRID_HZ
            tip.clear = tip.jolt_g / moment.quiet_g
            since = bisect_left(self._tips, tip.at - RELEASE_S * SECOND, key=_AT)
            tip.back = any(_takes_back(tip, x) for x in self._tips[since:])
            self._tips.append(tip)
        if moment.jerks:
            del self._jerks[: bisect_right(self._jerks, moment.stop - 3 * s.apart_s[1] * SECOND, key=_AT)]
            self._jerks += [j for j in moment.jerks if j.size_g > s.unheld_over_quiet * moment.quiet_g]
        if moment.state is not State.ASLEEP:
            self._awake = moment.stop
        grown = False
        for tip in let_go:
            if not handled and self._contracts(tip, moment):
                self._link(tip)
                grown = True
        if self.open is not None:
            return self._go_on(moment, stirred=bool(found or let_go or moment.jerks))
        return self._maybe_begin(moment, hiccups=hiccups) if grown else []

    def close(self, seen: int) -> list[SpasmCluster]:
        """End what is open."""
        if self.open is None:
            return []
        ended = replace(self.open, open=False, updated=max(seen, self.open.updated))
        self.open, self._chain, self._jolts = None, [], []
        return [ended]

    def _contracts(self, tip: Tip, moment: Moment) -> bool:
        s = self._settings
        quick = tip.jolt_g > s.jolt_over_quiet * moment.quiet_g or tip.tilt * 1000 > s.tilt_alone_mg
        stands_out = tip.tilt > s.contraction_over_quiet * moment.sway_quiet_g
        return stands_out and quick and self._held(tip) and not tip.back

    def _held(self, tip: Tip) -> bool:
        """Whether the posture is held as long as a contraction holds it."""
        least_s, most_s = self._settings.held_s
        return tip.held_s is not None and least_s <= tip.held_s <= most_s

    def _doubt(self, tip: Tip) -> float:
        """Log-odds against a tip: it may be a hiccup, or what is around it is not calm; less than 0 if that is."""
        s = self._settings
        brief = tip.held_s is not None and tip.held_s < s.held_brief_s and tip.jolt_g > s.jolt_brief * tip.tilt
        return s.brief * brief - self._calm(tip)

    def _calm(self, tip: Tip) -> float:
        """Log-odds, of which a part counts, that a tip came out of rest, went back to it, and was followed by rest."""
        s = self._settings
        stir, left, after = (math.log(min(max(x, STILL), STIRRED)) for x in (tip.stir, tip.left, tip.stir_after))
        odds = -s.calm_even - stir - left - after
        return min(max(odds if odds < 0 else s.calm * odds, s.calm_counts[0]), s.calm_counts[1])

    def _link(self, tip: Tip) -> None:
        s = self._settings
        best = _Link(tip, 1, 0.0, None)
        near = [x for x in self._links if self._fits(x.tip, tip) and self._follows(x.tip, tip)]
        doubt, others = (self._doubt(tip), self._others(tip)) if near else (0.0, {})
        alike: dict[int, float] = {}
        for link in near:
            chain = link.chain(round(s.crowd_s / s.apart_s[0]))
            last = chain[-RECALLED:]
            for x in last:
                if x.at not in alike:
                    alike[x.at] = self._alike(x, tip)
            off = math.log(tip.tilt) - sum(math.log(x.tilt) for x in last) / len(last)
            likeness = min(s.most, max(alike[x.at] for x in last) - s.size * off * off)
            chance = sum(others.values()) - sum(others.get(x.at, 0.0) for x in chain)
            first = self._doubt(link.tip) if link.before is None else 0.0
            score = link.score + likeness - math.log(s.seldom + max(0.0, chance)) - doubt - first
            if score > best.score:
                best = _Link(tip, link.count + 1, score, link)
        self._links = [x for x in self._links if tip.at - x.tip.at < s.bridges_s * SECOND] + [best]

    def _follows(self, a: Tip, b: Tip) -> bool:
        """Whether two contractions are as far apart as those of a cluster, or one between them was not held."""
        s, gap_s = self._settings, (b.at - a.at) / GRID_HZ
        if gap_s <= s.apart_s[1] or gap_s > s.bridges_s:
            return s.apart_s[0] <= gap_s <= s.apart_s[1]
        return a.cosine(b) > s.same_way and any(
            b.at - at < s.apart_s[1] * SECOND and at - a.at < s.apart_s[1] * SECOND for at in self._unheld([a, b])
        )

    def _others(self, tip: Tip) -> dict[int, float]:
        """Tips of its size in the last minute, by their rows: how many each lets follow by chance as this one does."""
        s = self._settings
        first = bisect_right(self._tips, tip.at - s.crowd_s * SECOND, key=_AT)
        least = s.other_share * tip.tilt
        each = s.apart_s[1] / s.crowd_s
        return {
            t.at: each if t.alone else s.run_on * each
            for t in self._tips[first:]
            if t.at < tip.at and not t.back and t.tilt > least and not self._agrees(t, tip)
        }

    def _alike(self, a: Tip, b: Tip) -> float:
        """Log of how much more likely two contractions of one cluster are so alike than two other movements."""
        s = self._settings
        path = s.path * math.log((1 + NOISE - s.path_even) / (1 + NOISE - max(0.0, a.same_path(b))))
        shake = a.same_shake(b) - s.shake_even
        if shake < 0:  # noise makes small jolts unlike
            shake = max(shake * min(1.0, max(0.0, min(a.clear, b.clear) / CLEAR - 1)), UNLIKE)
        return s.bias + path + s.shake * shake

    def _fits(self, a: Tip, b: Tip) -> bool:
        """Whether two tips may be of one cluster: of like size, and the same way unless both are calm."""
        like = self._settings.like_size
        if self._calm(a) > 0 and self._calm(b) > 0:
            return 1 / like < b.tilt / a.tilt < like
        return self._agrees(a, b)

    def _agrees(self, a: Tip, b: Tip) -> bool:
        like = self._settings.like_size
        return a.cosine(b) > self._settings.same_way and 1 / like < b.tilt / a.tilt < like

    def _maybe_begin(self, moment: Moment, *, hiccups: bool) -> list[SpasmCluster]:
        s = self._settings
        link = self._links[-1]
        margin = link.score - s.margin - s.margin_three * (link.count == CONTRACTIONS_MIN)
        if link.count < CONTRACTIONS_MIN or margin <= 0 or link.before is None or link.score <= link.before.score:
            return []  # nor on a movement that speaks against the chain it ends
        chain = link.chain()
        least_s = s.held_hiccups_s if hiccups else 0.0
        if not least_s <= median([t.held_s or 0.0 for t in chain]) <= s.held_usual_s:
            return []
        if (
            self._stirs(chain, moment) > s.stirs
            or (link.score < max(s.sure_score, s.sure_each * link.count) and self._share(chain) < s.share)
            or self._held_in_arms(chain, moment)
            or self._like_hiccups(chain)
            or self._twitches(chain, moment)
            or (self._sleeps(chain) and self._swells(chain, link.score))
        ):
            return []
        self._grow(chain)
        self.open = self._snapshot(moment, margin, None)
        return [self.open]

    @staticmethod
    def _stirs(chain: list[Tip], moment: Moment) -> float:
        """Share of the time between contractions in which the wearer sways half as much as in them."""
        large_g = LARGE * median([t.tilt for t in chain])
        spans = [(t.at - HOP, t.at + round((t.held_s or 0.0) * SECOND) + SETTLES) for t in chain]
        between = [
            hop.sway_g > large_g
            for hop in moment.hops
            if hop.first > chain[0].at - EARLIER and not any(a < hop.stop and hop.first < b for a, b in spans)
        ]
        return sum(between) / max(len(between), BETWEEN_HOPS)

    def _held_in_arms(self, chain: list[Tip], moment: Moment) -> bool:
        """Whether something from outside was felt among contractions no larger than its own tips."""
        if 1000 * median([t.tilt for t in chain]) > self._settings.tilt_alone_mg:
            return False
        explained = [hop.explained for hop in moment.hops if hop.first > chain[0].at - EARLIER]
        return sum(explained) > self._settings.explained * len(explained)

    def _share(self, chain: list[Tip]) -> float:
        """Share of the chain in the tips of its size since it began, those that take back left out."""
        least_g, first = LARGE * median([t.tilt for t in chain]), chain[0].at - EARLIER
        return len(chain) / max(1, sum(not t.back and t.at > first and t.tilt > least_g for t in self._tips))

    def _like_hiccups(self, chain: list[Tip]) -> bool:
        """Whether these are constant single jolts, as of hiccups."""
        s = self._settings
        held, jolt = sorted(t.held_s or 0.0 for t in chain)[-2], median([t.jolt_g / t.tilt for t in chain])
        brief = held < s.held_jolt_s and jolt > s.jolt_brief
        return brief and median(_gaps_s(chain)) < s.hiccups_apart_s and not self._irregular(chain)

    def _swells(self, chain: list[Tip], score: float) -> bool:
        """Whether these may be the slow swells of periodic movements in sleep."""
        s = self._settings
        tilt_mg, jolt = 1000 * median([t.tilt for t in chain]), median([t.jolt_g / t.tilt for t in chain])
        gap_s = median(_gaps_s(chain))
        far_s = s.asleep_far_s if score > s.sure_score else s.asleep_apart_s
        near = len(chain) >= s.asleep_count and gap_s < far_s
        quick = near and (jolt < s.jolt_brief or median([t.held_s or 0.0 for t in chain]) > s.held_jolt_s)
        large = tilt_mg > s.asleep_large_mg or (tilt_mg > s.asleep_tilt_mg and jolt > s.asleep_jolt)
        return not (quick or large)

    def _twitches(self, chain: list[Tip], moment: Moment) -> bool:
        """Whether these may be clusters of sleep myoclonus, which tip little, and have many clear jerks to a tip."""
        s = self._settings
        if 1000 * median([t.tilt for t in chain]) > s.tilt_alone_mg or median([t.clear for t in chain]) < 2 * CLEAR:
            return False
        first = max(chain[0].at - SETTLES, moment.stop - RECENT)
        least_g = LARGE * median([t.jolt_g for t in chain])
        jerks = sum(j.at >= first and j.size_g > least_g for j in moment.recent)
        return jerks > s.twitch_jerks * sum(t.at >= first for t in chain)

    def _sleeps(self, chain: list[Tip]) -> bool:
        """Whether the wearer has slept for some time before the chain began."""
        return median([t.slept_s for t in chain]) > self._settings.awake_s

    def _irregular(self, chain: list[Tip]) -> bool:
        """Whether the intervals vary, as those of hiccups and periodic movements do not, some left out or not."""
        s = self._settings
        gaps_s = _gaps_s(chain)
        folded_s = [gap / max(1, round(gap / min(gaps_s))) for gap in gaps_s]
        return len(chain) >= s.irregular_count and _spread(gaps_s) > s.irregular and _spread(folded_s) > s.folded

    def _whole(self, chain: list[Tip]) -> list[Tip]:
        """Add the tips like those of a cluster that the chain left out, held or not, alone or not."""
        way = np.sum([t.tilt_g for t in chain], axis=0)
        size = median([t.tilt for t in chain])
        first = chain[0].at - round(self._settings.apart_s[1] * SECOND)
        for tip in self._tips:
            if first < tip.at and self._belongs(tip, way, size) and self._apart(tip, chain):
                chain = sorted([*chain, tip], key=lambda t: t.at)
        return chain

    def _belongs(self, tip: Tip, way: Floats, size: float) -> bool:
        s = self._settings
        cosine = float(tip.tilt_g @ way) / (tip.tilt * float(np.sqrt(way @ way)))
        held = tip.alone if tip.held_s is None else LEAST_S <= tip.held_s <= s.held_s[1]
        alike = cosine > s.same_way or self._calm(tip) > 0
        return not tip.back and alike and held and 1 / s.like_size < tip.tilt / size < s.like_size

    def _apart(self, tip: Tip, chain: list[Tip]) -> bool:
        return all(abs(tip.at - t.at) >= self._settings.apart_s[0] * SECOND for t in chain)

    def _unheld(self, chain: list[Tip]) -> list[int]:
        """Rows of the jolts of a cluster after which no posture was held: they stand alone, and tip nobody."""
        s, size_g = self._settings, median([t.jolt_g for t in chain])
        least_g, most_g = (share * size_g for share in s.unheld)
        rows: list[int] = []
        for jerk in self._jerks:
            if (
                chain[0].at < jerk.at
                and least_g < jerk.size_g < most_g
                and self._stands_alone(jerk)
                and self._between(jerk.at, chain)
                and (not rows or jerk.at - rows[-1] >= s.apart_s[0] * SECOND)
            ):
                rows.append(jerk.at)
        return rows[: len(chain) - 1]

    def _stands_alone(self, jerk: Jerk) -> bool:
        first = bisect_right(self._jerks, jerk.at - ALONE_S * SECOND, key=_AT)
        stop = bisect_left(self._jerks, jerk.at + ALONE_S * SECOND, lo=first, key=_AT)
        near = [j for j in self._jerks[first:stop] if j.size_g > LARGE * jerk.size_g]
        return len(near) <= FEW and jerk.size_g >= max(j.size_g for j in near)

    def _between(self, at: int, chain: list[Tip]) -> bool:
        """Whether a row lies apart from the contractions, from their letting go, and from all tips of their size."""
        apart, least_g = self._settings.apart_s[0] * SECOND, LARGE * median([t.tilt for t in chain])
        return all(
            at < t.at - apart or at > t.at + max(apart, ((t.held_s or 0.0) + LETS_GO_S) * SECOND) for t in chain
        ) and not any(abs(at - t.at) < SECOND and t.tilt > least_g for t in self._tips)

    def _grow(self, chain: list[Tip]) -> bool:
        """Take what else belongs to a cluster; whether there was any."""
        chain = self._whole(chain)
        jolts = self._unheld(chain)
        if len(chain) + len(jolts) <= len(self._chain) + len(self._jolts):
            return False
        self._chain, self._jolts = chain, jolts
        self._last = max([*jolts, *(t.at for t in chain)])
        return True

    def _go_on(self, moment: Moment, *, stirred: bool) -> list[SpasmCluster]:
        assert self.open is not None
        if moment.stop - self._last > self._settings.ends_after_s * SECOND:
            return self.close(moment.seen)
        if stirred and self._grow(self._chain):
            self.open = self._snapshot(moment, self.open.margin + 2.0, self.open)
        else:
            self.open = replace(self.open, updated=moment.seen)
        return [self.open]

    def _snapshot(self, moment: Moment, margin: float, was: SpasmCluster | None) -> SpasmCluster:
        chain = self._chain
        rows = sorted([*self._jolts, *(t.at for t in chain)])
        return SpasmCluster(
            onset=rows[0] if was is None else was.onset,
            end=max(rows[-1], chain[-1].at + round((chain[-1].held_s or 0.0) * SECOND)),
            reported=moment.seen if was is None else was.reported,
            updated=moment.seen,
            open=True,
            state=moment.state if was is None else was.state,
            contractions=len(rows),
            interval_s=round(median([(b - a) / GRID_HZ for a, b in pairwise(rows)]), 1),
            held_deg=round(median([t.tilt_deg for t in chain]), 1),
            size=round(max(t.jolt_g for t in chain) / moment.quiet_g, 1),
            margin=round(margin, 2),
        )


def _takes_back(tip: Tip, before: Tip) -> bool:
    """Whether a tip lets go what the one before it held."""
    apart_s = (tip.at - before.at) / GRID_HZ
    if before.back or not before.alone or apart_s > RELEASE_S or before.cosine(tip) > OPPOSITE:
        return False
    if tip.tilt > LARGER * before.tilt or tip.jolt_g > QUICKER * before.jolt_g:
        return False
    return before.held_s is None or abs(apart_s - before.held_s) < NEAR_S


def _gaps_s(chain: list[Tip]) -> list[float]:
    return [(b.at - a.at) / GRID_HZ for a, b in pairwise(chain)]


def _spread(values: list[float]) -> float:
    """Standard deviation over the mean."""
    return float(np.std(values) / np.mean(values))
