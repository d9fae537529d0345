"""When an alert is raised, merged and released: every number of the policy, with its reason."""

from typing import Annotated

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(gt=0)]
Duration = Annotated[float, Meta(ge=0)]


class PolicySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers of the alert policy, in stream seconds unless the name says otherwise.

    Attributes:
        rhythm_asleep_medium_s: a rhythm asleep is worth a look once it has lasted this long. Benign clusters last
            2-3 s, their runs 10-20 s (sleep myoclonus reviews).
        rhythm_asleep_high_s: without a pause for this long, sleep no longer explains it.
        rhythm_pause_s: an interval without jerks that counts as a pause, if it is also longer than two periods.
            Benign sleep myoclonus pauses between its clusters; the number is a guess between both.
        rhythm_any_high_s: five minutes are an emergency in any state (status epilepticus, time point t1, ILAE 2015).
        rhythm_awake_s: a rhythm that began asleep and goes on this long after the state has left sleep.
        persists_s: jerking that goes on this long after the evidence of waking; benign jerks stop at once.
        spasms_high: contractions in a cluster that make it high; three or four are medium.
        masked_s: handling that hides the signal for this long is worth telling.
        merge_s: events of one kind closer than this are one alert, unless it has been acknowledged.
        release_s: an alert about the baby is released this long after its end; None keeps it until acknowledged.
        technical_release_s: the same for faults. A fault that is long over should not hide the next one.
        lost_s: without samples for this long, monitoring is lost. Reconnecting takes 5-20 s.
        weak_s: a weak signal or lost packets must last this long; a hand over the clip does less.
        broker_lost_s: a broker must be away this long; a restart of Home Assistant's takes seconds.
        monitoring_off_s: monitoring that is off is called out after this time.
        mute_max_min: the longest time sound can be muted in one command, minutes.
        summary_after_s: awake this long, the night is over and is summed up.
        summary_sleep_s: less sleep than this is a nap, and has no summary.
        periodic_per_h: periodic movements per hour of sleep beyond the usual: more than 5 in a child (ICSD-3).
        bursts_per_h: bursts per hour of sleep beyond the usual. No published rate for a clip; a guess.
    """

    rhythm_asleep_medium_s: Seconds = 20.0
    rhythm_asleep_high_s: Seconds = 60.0
    rhythm_pause_s: Seconds = 2.0
    rhythm_any_high_s: Seconds = 300.0
    rhythm_awake_s: Duration = 15.0
    persists_s: Duration = 10.0
    spasms_high: Annotated[int, Meta(ge=4)] = 5
    masked_s: Seconds = 300.0
    merge_s: Duration = 180.0
    release_s: Seconds | None = None
    technical_release_s: Seconds | None = 300.0
    lost_s: Annotated[float, Meta(ge=5)] = 30.0
    weak_s: Duration = 60.0
    broker_lost_s: Duration = 30.0
    monitoring_off_s: Duration = 1800.0
    mute_max_min: Annotated[float, Meta(gt=0, le=240)] = 60.0
    summary_after_s: Seconds = 1800.0
    summary_sleep_s: Seconds = 7200.0
    periodic_per_h: Duration = 5.0
    bursts_per_h: Duration = 60.0
