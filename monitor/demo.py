"""`sleepclip demo`: recorded streams through the whole system, and a second MQTT client that hears the alerts.

The recordings are played as packets, as their clips would have sent them, faster than real time, into decoder, clock,
detector, policy and MQTT on the embedded broker.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from rich.console import Console

from alerts.alert import Priority
from alerts.outbox import OutboxSettings
from alerts.service import AlertService
from monitor import NOT_A_MEDICAL_DEVICE
from monitor.config import Config
from monitor.errors import FailureError
from monitor.listener import Heard, Listener, show
from monitor.progress import long
from monitor.replay import ARRIVES_S, Stage, broker
from processing.labels import CONCERNING, Label, parse_labels
from sensor.replay import open_source

SLACK_S: Final = 30.0
"""An alert belongs to a labelled movement if its cause began within it, or this much before or after."""


def fixtures() -> Path:
    """Find the recordings: beside this module in an installed wheel, beside the packages in a clone."""
    installed = Path(__file__).with_name("fixtures")
    return installed if installed.is_dir() else Path(__file__).parents[1] / "fixtures"


class Recorded(Struct, frozen=True, kw_only=True):
    """What the manifest says of a recording, as far as the demo needs it."""

    file: str
    what: str
    wearer: str
    labels: str | None = None


class _Manifest(Struct, frozen=True):
    recording: list[Recorded]


@dataclass(frozen=True, slots=True)
class Act:
    """One recording of the demo, and what should come of it.

    Attributes:
        stage: plays it.
        recorded: what the manifest says of it.
        expected: movements a family should be told of.
    """

    stage: Stage
    recorded: Recorded
    expected: Sequence[Label]

    @property
    def name(self) -> str:
        """Name of the recording."""
        return self.stage.source.path.stem

    def told(self, label: Label, alerts: Sequence[Heard]) -> Heard | None:
        """Give the first alert that tells of a movement."""
        return next((alert for alert in alerts if self._belongs(alert, label)), None)

    def false(self, alerts: Sequence[Heard]) -> list[Heard]:
        """Give the alerts about the baby that nothing explains."""
        return [
            alert
            for alert in alerts
            if not alert.technical
            and alert.priority != Priority.LOW.word
            and not any(self._belongs(alert, label) for label in self.expected)
        ]

    def _belongs(self, alert: Heard, label: Label) -> bool:
        since_s = alert.since.timestamp() - self.stage.start_wall_s
        return not alert.technical and label.onset_s - SLACK_S <= since_s <= label.end_s + SLACK_S


def demo(folder: Path | None = None) -> None:
    """Play every recording of a folder's manifest, by default of the fixtures.

    Raises:
        FailureError: an expected alert did not arrive, or a real recording raised one.
    """
    console = Console(highlight=False)
    console.print(f"{NOT_A_MEDICAL_DEVICE}\n", style="bold")
    if faults := asyncio.run(_play(acts(folder or fixtures()), console)):
        raise FailureError("; ".join(faults))


def acts(folder: Path) -> list[Act]:
    """Prepare the recordings of a folder, in the order of its manifest."""
    manifest = msgspec.toml.decode((folder / "manifest.toml").read_bytes(), type=_Manifest)
    return [_act(folder, recorded) for recorded in manifest.recording]


def _act(folder: Path, recorded: Recorded) -> Act:
    path = folder / recorded.file
    labels = parse_labels((folder / recorded.labels).read_text(encoding="utf-8"))[0] if recorded.labels else []
    name = re.sub(r"[^a-z0-9]+", "_", path.stem.lower())
    expected = [label for label in labels if label.kind in CONCERNING]
    return Act(Stage(open_source(path), name, Config()), recorded, expected)


async def _play(acts: Sequence[Act], console: Console) -> list[str]:
    """Play all; give what went wrong, a clause each."""
    began_s = time.monotonic()
    heard: list[Heard] = []
    faults: list[str] = []

    def take(alert: Heard) -> None:
        heard.append(alert)
        show(console, alert)

    async with broker(None) as settings:
        console.print(f"MQTT broker at {settings.address}, in this process. A second client listens to it.")
        async with (
            Listener(settings, take) as listener,
            AlertService(Config().service(settings, OutboxSettings()), [one.stage.clip for one in acts]) as service,
        ):
            raised = 0
            for one in acts:
                first = len(heard)
                console.print(f"\n[bold]{one.name}[/]  {one.recorded.wearer}: {one.recorded.what}")
                raised += await one.stage.play(service, console)
                if not await listener.wait_for(raised, ARRIVES_S):
                    faults.append(f"{one.name}: {raised - listener.count} alerts did not arrive at the second client")
                faults += _judge(one, heard[first:], console)
    _sum_up(acts, heard, time.monotonic() - began_s, console)
    return faults


def _judge(one: Act, alerts: Sequence[Heard], console: Console) -> list[str]:
    """Say whether what came is what should have come; give what fails the demo.

    A missed movement fails it, and so does an alert on a real recording. One too many on a simulated baby is shown as
    what it is: the detector errs on the side of telling.
    """
    length = long(one.stage.pipeline.at_s)
    missed = [
        f"{label.kind} at {long(label.onset_s)} was not told" for label in one.expected if not one.told(label, alerts)
    ]
    false = [f"{alert.kind} at {alert.since.astimezone():%H:%M:%S} has no cause" for alert in one.false(alerts)]
    for fault in missed:
        console.print(f"  [red]✗[/] {length}: {fault}")
    for fault in false:
        console.print(f"  [yellow]![/] {length}: a false alert, {fault}")
    if not (missed or false):
        told = f"{len(one.expected)} of {len(one.expected)} told" if one.expected else "no alert, as it should be"
        console.print(f"  [green]✓[/] {length}: {told}")
    return [f"{one.name}: {fault}" for fault in (*missed, *(() if one.recorded.labels else false))]


def _sum_up(acts: Sequence[Act], heard: Sequence[Heard], took_s: float, console: Console) -> None:
    streamed_s = sum(one.stage.pipeline.at_s for one in acts)
    labelled = sum(bool(one.recorded.labels) for one in acts)
    expected = sum(len(one.expected) for one in acts)
    about_baby = sum(not alert.technical for alert in heard)
    false = sum(len(one.false([alert for alert in heard if alert.clip == one.stage.clip.name])) for one in acts)
    console.print(
        f"\n{len(acts)} recordings ({len(acts) - labelled} real, of adults; {labelled} simulated), "
        f"{long(streamed_s)} of movement in {long(took_s)}.\n"
        f"Movements to tell of: {expected}; alerts: {about_baby}, false alerts: {false}.\n"
        "Next: 'sleepclip scan' finds your clip, 'sleepclip check' says whether all is ready."
    )
