"""The notify command: arguments, standard input, environment, time limit; and no shell, ever."""

import asyncio
import json
import sys
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from alerts.alert import Alert
from alerts.notify import NotifyError, NotifySettings, notify
from alerts.policy import Policy
from processing.events import PersistsAfterWaking, Rhythmic, State, Stiffening

TELL = """
import json, os, sys
told = {k: v for k, v in os.environ.items() if k.startswith("SLEEPCLIP_")}
json.dump([sys.argv[2:], sys.stdin.read(), told], open(sys.argv[1], "w"))
"""


@pytest.fixture
def alert(make_event: Any) -> Alert:
    (raised,) = Policy().event(make_event(Rhythmic, 20, 32, state=State.AWAKE))
    return raised


def python(code: str, *arguments: str, **rest: Any) -> NotifySettings:
    return NotifySettings(command=(sys.executable, "-c", code, *arguments), **rest)


async def test_the_alert_is_told_three_ways(alert: Alert, tmp_path: Path) -> None:
    out = tmp_path / "told"
    hostile = "{kind}; rm -rf / $(reboot) `id`"
    await notify(python(TELL, str(out), "{text}", hostile, "{other}"), "nursery", alert)
    arguments, line, environment = json.loads(out.read_text())
    assert arguments == [alert.text, "rhythmic; rm -rf / $(reboot) `id`", "{other}"]
    assert json.loads(line)["id"] == alert.id
    assert environment == {
        "SLEEPCLIP_CLIP": "nursery",
        "SLEEPCLIP_KIND": "rhythmic",
        "SLEEPCLIP_PRIORITY": "high",
        "SLEEPCLIP_TEXT": alert.text,
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (NotifySettings(command=("/nowhere/siren",)), "/nowhere/siren cannot be started"),
        (python("import sys; sys.exit('no credit left')"), "ended with 1: no credit left"),
        (python("import os; os.kill(os.getpid(), 9)"), "ended with -9"),
        (python("import time; time.sleep(60)", limit_s=0.3), "took more than 0.3 s and was killed"),
        (NotifySettings(command=("siren\0",)), "'siren\\x00' cannot be started (embedded null byte)"),
        (python("import sys; sys.stderr.buffer.write(b'\\xff' * 10**6); sys.exit(3)"), "ended with 3"),
    ],
)
async def test_what_goes_wrong_is_said(alert: Alert, given: NotifySettings, said: str) -> None:
    with pytest.raises(NotifyError) as caught:
        await notify(given, "nursery", alert)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 500


async def test_all_that_a_slow_command_started_is_killed(alert: Alert, tmp_path: Path) -> None:
    mark, child = tmp_path / "mark", tmp_path / "child.py"
    child.write_text("import sys, time; time.sleep(1.2); open(sys.argv[1], 'w')")
    code = "import subprocess, sys, time; subprocess.Popen([sys.executable, *sys.argv[1:]]); time.sleep(60)"
    with pytest.raises(NotifyError, match="was killed"):
        await notify(python(code, str(child), str(mark), limit_s=0.6), "nursery", alert)
    await asyncio.sleep(1.2)
    assert not mark.exists()


async def test_what_a_command_leaves_in_the_background_is_not_waited_for(alert: Alert, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    child = f"import time; time.sleep(0.5); open({str(mark)!r}, 'w')"
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', sys.argv[1]])"  # holds stderr open
    await notify(python(code, child, limit_s=60), "nursery", alert)
    assert not mark.exists()
    async with asyncio.timeout(10):
        while not mark.exists():  # noqa: ASYNC110  a siren goes on
            await asyncio.sleep(0.02)


async def test_a_slow_command_is_not_waited_for_because_of_what_fled_its_session(alert: Alert, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    child = f"import time; time.sleep(2); open({str(mark)!r}, 'w')"
    code = (
        "import subprocess, sys, time; "
        "subprocess.Popen([sys.executable, '-c', sys.argv[1]], start_new_session=True); time.sleep(60)"
    )
    with pytest.raises(NotifyError, match="was killed"):
        await notify(python(code, child, limit_s=0.5), "nursery", alert)
    assert not mark.exists()


async def test_a_complaint_without_end_is_not_kept(alert: Alert) -> None:
    code = "import sys; [sys.stderr.write('no credit left ' * 70_000) for _ in range(100)]; sys.exit(1)"
    tracemalloc.start()
    try:
        with pytest.raises(NotifyError, match="ended with 1: no credit left") as caught:
            await notify(python(code), "nursery", alert)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(str(caught.value)) < 500
    assert peak < 10_000_000  # of 105 MB


async def test_a_command_that_reads_nothing_is_fine(alert: Alert) -> None:
    await notify(python("import os; os.close(0)"), "nursery", alert)


@pytest.mark.parametrize(
    ("priorities", "technical", "wanted"),
    [
        (("high",), True, ["persists_after_waking"]),
        (("high", "medium"), True, ["stiffening", "persists_after_waking", "link_lost"]),
        (("high", "medium"), False, ["stiffening", "persists_after_waking"]),
        ((), True, []),
    ],
)
def test_chosen_alerts_alone(make_event: Any, priorities: Sequence[Any], technical: Any, wanted: list[str]) -> None:
    policy = Policy()
    alerts = policy.event(make_event(Stiffening, 10, 14, goes_on=False))
    alerts += policy.event(make_event(PersistsAfterWaking, 20, 35))
    alerts += policy.acknowledge(40)
    alerts += policy.tick(100)
    chosen = NotifySettings(command=("siren",), priorities=tuple(priorities), technical=technical)
    assert [alert.kind for alert in alerts if chosen.wants(alert)] == wanted
    assert not any(NotifySettings().wants(alert) for alert in alerts)
