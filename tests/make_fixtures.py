"""`make fixtures`: writes fixtures/ and its manifest. The same program and the same libraries give the same bytes.

python -m tests.make_fixtures              # the simulated recordings
python -m tests.make_fixtures FOLDER       # the real ones too, from tables NAME.csv (t,x,y,z in s and g) in FOLDER
"""

import hashlib
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from processing.labels import Label, labels_to_tsv
from sensor.convert import carried, record
from sensor.simulator import simulate
from sensor.stream import Arrival, StreamItem
from sensor.tables import read_csv

FIXTURES = Path(__file__).parents[1] / "fixtures"
LONGEST_S = 1200.0

HEAD = """\
# Recordings for demo and tests, written by `python -m tests.make_fixtures`.
# Real ones are of adults: nothing here was measured on a baby, and none of it supports a claim about babies.
"""
AXES = "clip axes; at rest the axis that points up reads +1"
MSCARDIO = {
    "origin": "https://github.com/TaebiLab/MSCardio, commit 1efe1ad; acceleration only, m/s2 divided by 9.80665",
    "licence": "MIT",
    "licence_file": "real/LICENSE-chest_at_rest-MIT.txt",
    "wearer": "adult",
}
MOBGAP = {
    "origin": "https://github.com/mobilise-d/mobgap, commit 34aa8ae, example data; acceleration only",
    "licence": "Apache-2.0",
    "licence_file": "real/LICENSE-walking_lower_back-Apache-2.0.txt",
    "wearer": "adult",
}
REAL: Mapping[str, Mapping[str, str]] = {
    **{
        f"chest_at_rest_{n}": {
            "what": "phone on the chest of a resting adult; the first seconds are handling",
            **MSCARDIO,
        }
        for n in (1, 2, 3)
    },
    **{f"walking_lower_back_{n}": {"what": "walking tests, sensor on the lower back", **MOBGAP} for n in (1, 2)},
}
SIMULATED: Mapping[str, tuple[str, int, str]] = {
    "twitches": ("twitches", 1, "twitches asleep, as every baby has them"),
    "rhythmic_asleep": ("rhythmic-asleep", 1, "a sustained rhythm in sleep"),
    "rhythmic_awake": ("rhythmic-awake", 6, "a sustained rhythm, awake"),
    "persists_after_waking": ("persists-after-waking", 1, "jerking that goes on after waking"),
    "stops_on_waking": ("stops-on-waking", 16, "the benign counterpart: a long series of jerks that stops on waking"),
}
"""File name: scenario, seed, and what happens. Seeds whose movements are well above the baby's own quiet."""


def main() -> None:
    """Write the files, then the manifest of all that are there."""
    if len(sys.argv) > 1:
        for name in REAL:
            make_real(Path(sys.argv[1]) / f"{name}.csv", FIXTURES)
    for name in SIMULATED:
        make_simulated(name, FIXTURES)
    (FIXTURES / "manifest.toml").write_text(manifest(FIXTURES))


def make_real(table: Path, folder: Path) -> Path:
    """Carry a table in the packets of a sleepclip clip at 100 Hz, as it would have sent them."""
    path = folder / "real" / f"{table.stem}.mcap"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    record(path, carried(read_csv(table), rate_hz=100.0))
    return path


def make_simulated(name: str, folder: Path) -> Path:
    """Simulate a stream and write it with its true labels, cut at `LONGEST_S`."""
    scenario, seed, _ = SIMULATED[name]
    simulation = simulate(scenario, seed=seed)
    path = folder / "simulated" / f"{name}.mcap"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    record(path, _until(simulation.items, LONGEST_S))  # type: ignore[arg-type]  # a simulated clip sends no tables
    labels = labels_to_tsv(_clipped(simulation.labels, min(LONGEST_S, float(simulation.time_s[-1]))))
    path.with_name(f"{name}.events.tsv").write_text(labels)
    return path


def _until(items: tuple[StreamItem, ...], end_s: float) -> Iterator[StreamItem]:
    start = items[0]
    assert isinstance(start, Arrival)
    return (item for item in items if isinstance(item, Arrival) and item.at_s < start.at_s + end_s)


def _clipped(labels: tuple[Label, ...], end_s: float) -> Iterator[Label]:
    return (
        replace(label, duration_s=min(label.duration_s, end_s - label.onset_s))
        for label in labels
        if label.onset_s < end_s
    )


def manifest(folder: Path) -> str:
    """Give the manifest of a folder's recordings."""
    entries = [_entry(folder, f"real/{name}.mcap", {"rate_hz": 100, **facts}) for name, facts in REAL.items()]
    for name, (scenario, seed, what) in SIMULATED.items():
        facts: dict[str, str | int] = {
            "rate_hz": 50,
            "what": what,
            "origin": f"sleepclip simulate {scenario} --seed {seed}, its first {LONGEST_S / 60:g} min",
            "licence": "MIT",
            "licence_file": "../LICENSE",
            "wearer": "simulated baby",
            "labels": f"simulated/{name}.events.tsv",
        }
        entries.append(_entry(folder, f"simulated/{name}.mcap", facts))
    return HEAD + "".join(entries)


def _entry(folder: Path, file: str, facts: Mapping[str, str | int]) -> str:
    rows = {"file": file, "sha256": _sha256(folder / file), "unit": "g", "axes": AXES, **facts}
    if "labels" in rows:
        rows["labels_sha256"] = _sha256(folder / str(rows["labels"]))
    lines = (f"{key} = {value}" if isinstance(value, int) else f'{key} = "{value}"' for key, value in rows.items())
    text = "\n[[recording]]\n" + "\n".join(lines) + "\n"
    tomllib.loads(text)
    return text


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
