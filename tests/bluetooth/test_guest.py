"""The real bluetoothd, the kernel's Bluetooth and bleak, in a QEMU guest without a radio; one run, several scenarios.

The guest runs `guest/inside.py`, whose results are looked at here. Its kernel is made once for all clones, by
`guest/prepare.sh`, in the user's cache.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "guest"
ROOT = Path(__file__).parents[2]
RECIPE = HERE / "prepare.sh"
CACHES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
CACHE = CACHES / "sleepclip" / f"guest-{hashlib.sha256(RECIPE.read_bytes()).hexdigest()[:8]}"
NEEDS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "busybox": "busybox-static",
    "cpio": "cpio",
    "depmod": "kmod",
    "dbus-daemon": "dbus",
    "apt-get": "apt",
}
RUN_S = 500
pytestmark = pytest.mark.timeout(RUN_S + 200)


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    """Run the guest and give what each scenario told."""
    missing = [package for program, package in NEEDS.items() if shutil.which(program) is None]
    if not Path("/usr/libexec/bluetooth/bluetoothd").exists():
        missing.append("bluez")
    if missing:
        pytest.skip(f"not installed (Debian packages): {', '.join(missing)}")
    made = subprocess.run([RECIPE, CACHE], capture_output=True, text=True, check=False)
    if made.returncode:
        no = pytest.fail if "CI" in os.environ else pytest.skip
        no(f"no kernel for the guest: {made.stderr.strip()[-300:]}")
    told = subprocess.run(
        command(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=RUN_S, check=False
    )
    lines = [
        json.loads(line.removeprefix("RESULT ")) for line in told.stdout.splitlines() if line.startswith("RESULT ")
    ]
    assert "GUEST exit 0" in told.stdout, told.stdout[-5000:] + told.stderr[-1000:]
    return {line["scenario"]: line["clips"] for line in lines}


def command() -> list[str]:
    arguments = {"guest": HERE / "guest.sh", "folder": ROOT, "python": sys.executable, "script": HERE / "inside.py"}
    kernel = ["console=ttyS0", "quiet", "loglevel=4", "panic=-1", "mitigations=off", "random.trust_cpu=on"]
    kernel += [f"{name}={value}" for name, value in arguments.items()]
    share = "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap"
    return [
        *("qemu-system-x86_64", "-M", "q35", "-accel", "tcg,thread=multi", "-cpu", "max"),
        *("-m", "1024", "-smp", "2", "-display", "none", "-no-reboot", "-nodefaults", "-serial", "stdio"),
        *("-kernel", str(CACHE / "vmlinuz"), "-initrd", str(CACHE / "initrd.gz"), "-append", " ".join(kernel)),
        *("-device", "virtio-rng-pci", "-fsdev", share, "-device", "virtio-9p-pci,fsdev=root,mount_tag=root"),
    ]


def test_two_clips_stream_without_a_loss(results: dict[str, Any]) -> None:
    for clip in results["stream"]:
        assert clip["received"] >= 100
        assert clip["missing"] == clip["doubles"] == clip["malformed"] == 0
        assert not clip["causes"]


def test_a_lost_link_comes_back_and_the_other_clip_never_notices(results: dict[str, Any]) -> None:
    lost, other = results["link lost"]
    assert (lost["sessions"], lost["doubles"], lost["missing"]) == (2, 0, 0)
    assert lost["causes"] == ["the link to the clip was lost"]
    assert (other["sessions"], other["causes"]) == (1, [])


def test_both_come_back_after_bluetoothd_was_killed(results: dict[str, Any]) -> None:
    for clip, sessions in zip(results["bluetoothd killed"], (3, 2), strict=True):
        assert clip["sessions"] >= sessions
        assert clip["doubles"] == clip["missing"] == 0
        assert any("sent nothing for" in cause for cause in clip["causes"])


def test_both_come_back_after_the_adapter_was_pulled(results: dict[str, Any]) -> None:
    for clip, sessions in zip(results["adapter pulled"], (4, 3), strict=True):
        assert clip["sessions"] >= sessions
        assert clip["doubles"] == clip["missing"] == 0
        assert "there is no Bluetooth adapter" in clip["causes"]


def test_every_other_family_streams_and_comes_back(results: dict[str, Any]) -> None:
    """A busy guest may take more than one attempt to connect; that is no session."""
    for clip in results["other families"]:
        assert (clip["sessions"], clip["doubles"], clip["malformed"]) == (1, 0, 0), clip
    for clip in results["other families lost"]:
        assert (clip["sessions"], clip["doubles"], clip["malformed"]) == (2, 0, 0), clip
        assert "the link to the clip was lost" in clip["causes"]
    polar, *_ = results["other families lost"]
    assert polar["missing"] == 0
