"""How patient the radio is."""

from typing import Annotated

from msgspec import Meta, Struct

Seconds = Annotated[float, Meta(gt=0)]
Count = Annotated[int, Meta(gt=0)]


class RadioSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of a session and of the way to the next. docs/bluetooth.md tells what was measured."""

    adapter: str = ""
    """`hci0` and the like; empty for the first that is on."""
    scan_s: Seconds = 10.0
    """Look for a clip this long before saying that it is not in range. Clips advertise every 0.1 to 2 s."""
    turn_s: Seconds = 2.5
    """One clip's turn to scan; then another that waits has its turn."""
    connect_s: Seconds = 20.0
    """One connection with its attempts; other clips that were lost wait meanwhile. A good one takes 0.5 to 5 s."""
    attempts: Count = 3
    """Of one connection: the first often fails by a race within BlueZ."""
    reply_s: Seconds = 5.0
    """A clip answers a command or a read within this. An ATT transaction is dead after 30 s."""
    first_packet_s: Seconds = 10.0
    """A clip that is told to start sends within this."""
    silence_s: Seconds = 3.0
    """No valid packet for this long ends the session: a clip that falls silent stays `connected` for BlueZ. The slowest
    family sends once in 0.7 s."""
    probe_s: Seconds = 10.0
    """A clip that is silent while nothing moves is asked for its battery this often, to see whether it is there."""
    battery_s: Seconds = 600.0
    """Time between looks at the battery."""
    disconnect_s: Seconds = 12.0
    """A good `disconnect()` takes 2 s, a dead one 10 s."""
    backoff_min_s: Seconds = 0.5
    backoff_max_s: Seconds = 5.0
    """Pause before the next try: doubled from the shortest to the longest, times 0.5 to 1 by chance. A longer one would
    leave the baby unwatched for longer once the radio is back."""
    power_cycle_after: Count = 5
    """Failures in a row after which the adapter is switched off and on, if no other clip uses it."""
    power_cycle_rest_s: Seconds = 600.0
    """Not more often than this."""
    queue_items: Count = 6000
    """Packets that may wait to be taken: a minute at 100 a second. More end the session."""
