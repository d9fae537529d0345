"""The whole way from a policy to a receiver, through a real mosquitto that is down, killed, full, strict or silent."""

import asyncio
import contextlib
import json
import random
import resource
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import aiomqtt
import jsonschema
import msgspec
import pytest

from alerts.alert import Alert, ConditionKind
from alerts.homeassistant import Device
from alerts.mqtt import AccessDeniedError, BrokerSettings, PortClosedError
from alerts.notify import NotifySettings
from alerts.outbox import Outbox, OutboxSettings
from alerts.policy import Policy, PolicySettings
from alerts.service import AlertService, ServedClip, ServiceSettings
from processing.events import Movement, Rhythmic, SpasmCluster, State, Stiffening

WORDS = {"availability": {b"online", b"offline", b""}, "monitoring": {b"ON", b"OFF", b""}}
FAST = {"retry_s": 0.02, "retry_max_s": 0.1, "timeout_s": 1.0, "keepalive_s": 1, "will_delay_s": 0}


def settings(port: int, outbox: Path | None = None, **rest: Any) -> ServiceSettings:
    broker = msgspec.structs.replace(BrokerSettings(host="127.0.0.1", port=port, client_id="sleepclip"), **FAST)
    kept = OutboxSettings(path=None if outbox is None else str(outbox), late_s=0.5)
    return msgspec.structs.replace(ServiceSettings(mqtt=broker, outbox=kept, tick_s=0.02, heartbeat_s=0.2), **rest)


def clip(name: str, time: Any, policy: PolicySettings | None = None) -> ServedClip:
    return ServedClip(device=Device(clip=name), policy=Policy(policy), time=time)


class Receiver:
    """An ordinary MQTT client that listens to everything, and checks each message against its schema."""

    def __init__(self, port: int, validate: Callable[[str, object], None], **login: Any) -> None:
        self._port = port
        self._login = login
        self._validate = validate
        self._task: asyncio.Task[None] | None = None
        self.listening = asyncio.Event()
        self.messages: list[aiomqtt.Message] = []
        self.invalid: list[str] = []

    async def start(self) -> None:
        self.listening.clear()
        self._task = asyncio.create_task(self._listen())
        await asyncio.wait_for(self.listening.wait(), 10)

    async def catch_up(self) -> None:
        """Wait until everything the broker has taken so far is here."""
        self.messages = [m for m in self.messages if str(m.topic) != "caught/up"]
        await publish(self._port, "caught/up", b"", **self._login)
        await until(lambda: self.last("caught/up") is not None)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, aiomqtt.MqttError):
                await self._task

    async def _listen(self) -> None:
        async with aiomqtt.Client(
            "127.0.0.1", self._port, protocol=aiomqtt.ProtocolVersion.V5, **self._login
        ) as client:
            await client.subscribe("#", qos=1)
            self.listening.set()
            async for message in client.messages:
                self.messages.append(message)
                self._check(message)

    def _check(self, message: aiomqtt.Message) -> None:
        topic, payload = str(message.topic), bytes(message.payload)
        prefix, _, name = topic.rpartition("/")
        if not topic.startswith("sleepclip/") or "/cmd/" in topic:
            return
        words = WORDS.get(name)
        if words is not None:
            if payload not in words:
                self.invalid.append(f"{topic}: {payload!r} is no word of the contract")
        elif prefix.count("/") != 1 or name not in {"alert", "fault", "event", "state", "diag"}:
            self.invalid.append(f"{topic} is no topic of the contract")
        elif payload:  # an empty one removes
            self._check_json(topic, name, payload)

    def _check_json(self, topic: str, name: str, payload: bytes) -> None:
        try:
            self._validate(name, json.loads(payload))
        except jsonschema.ValidationError as error:
            self.invalid.append(f"{topic}: {error.message}")

    def told(self, topic: str) -> list[dict[str, Any]]:
        """Give the payloads of a topic, without doubles by (id, revision), as every receiver should."""
        seen, payloads = set(), []
        for message in self.messages:
            if str(message.topic) == topic:
                payload = json.loads(message.payload)
                key = (payload["id"], payload["revision"])
                if payload["id"] is not None and key not in seen:
                    seen.add(key)
                    payloads.append(payload)
        return payloads

    def last(self, topic: str) -> bytes | None:
        return next((bytes(m.payload) for m in reversed(self.messages) if str(m.topic) == topic), None)


@pytest.fixture
async def receiver(validate: Callable[[str, object], None]) -> AsyncIterator[Callable[..., Receiver]]:
    made: list[Receiver] = []

    def make(port: int, **login: Any) -> Receiver:
        made.append(Receiver(port, validate, **login))
        return made[-1]

    yield make
    for each in made:
        await each.stop()
        assert each.invalid == []


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110  brokers and files set no asyncio.Event
            await asyncio.sleep(0.01)


async def retained(port: int, **login: Any) -> dict[str, bytes]:
    """Give what a broker tells a client that has just come."""
    found: dict[str, bytes] = {}
    async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5, **login) as client:
        await client.subscribe("#", qos=1)
        await client.publish("end", b"", qos=1)
        async for message in client.messages:
            if str(message.topic) == "end":
                return found
            if message.retain:
                found[str(message.topic)] = bytes(message.payload)
    return found


async def publish(port: int, topic: str, payload: bytes, *, retain: bool = False, **login: Any) -> None:
    """Publish as somebody else; again after 2 s, for aiomqtt clients of one loop may miss an answer."""
    v5 = aiomqtt.ProtocolVersion.V5
    for _ in range(3):
        with contextlib.suppress(aiomqtt.MqttError):
            async with aiomqtt.Client("127.0.0.1", port, protocol=v5, timeout=2, **login) as client:
                return await client.publish(topic, payload, qos=1, retain=retain)
    raise AssertionError(f"{topic} could not be published")


def raised(told: Sequence[dict[str, Any]]) -> list[str]:
    """Give the ids in the order in which they were first told of."""
    return list(dict.fromkeys(payload["id"] for payload in told))


class Night:
    """Gives one alert after another, each a kind of its own in turn, far enough apart to be another."""

    def __init__(self, service: AlertService, served: ServedClip, time: Any, make_event: Any) -> None:
        self._service, self._served, self._time, self._make = service, served, time, make_event
        self.ids: list[str] = []

    def alert(self, *, acknowledge: bool = True) -> Alert:
        """Raise the next alert and, so that it will be at the top, acknowledge it."""
        self._time.stream_s += 400.0
        now_s = self._time.stream_s
        event = self._make(Stiffening, now_s - 5, now_s, state=State.AWAKE, goes_on=False)
        (alert,) = (a for a in self._served.policy.event(event) if a.raising)
        self._service.put(self._served.name, [event, alert])
        if acknowledge:
            self._service.put(self._served.name, self._served.policy.acknowledge(now_s, alert.id))
        self.ids.append(alert.id)
        return alert

    def told(self, receiver: Receiver) -> list[str]:
        """Give the ids a receiver was told of, as the policy knows them."""
        return [i.partition(":")[2] for i in raised(receiver.told(f"sleepclip/{self._served.name}/alert"))]


async def test_everything_is_published_and_fits_the_contract(
    mosquitto: Any, receiver: Any, make_event: Any, hand_time: Any
) -> None:
    broker = mosquitto().start()
    listener = receiver(broker.port)
    await listener.start()
    served = clip("nursery", hand_time)
    async with AlertService(settings(broker.port), [served]) as service:
        service.available("nursery", online=True)
        service.diag("nursery", battery=81, rssi_dbm=-70, rate_hz=50.02)
        for event in (
            make_event(Movement, 1, 2, goes_on=False),
            make_event(Rhythmic, 20, 41),
            make_event(Rhythmic, 20, 80),
            make_event(Rhythmic, 20, 90, goes_on=False),
            make_event(SpasmCluster, 100, 130, contractions=6, state=State.AWAKE, goes_on=False),
        ):
            hand_time.stream_s = event.updated_s
            service.put("nursery", [event, *served.policy.event(event)])
        await until(lambda: len(listener.told("sleepclip/nursery/event")) == 4)
        await until(lambda: json.loads(listener.last("sleepclip/nursery/diag") or b"{}").get("battery") == 81)
        kept = json.loads((await retained(broker.port))["sleepclip/nursery/alert"])
    assert (kept["active"], kept["raising"]) == (True, None)
    raising = [m["raising"] for m in listener.told("sleepclip/nursery/alert")]
    assert raising == ["rhythmic", "rhythmic", None, "spasm_cluster"]
    events = [(e["event_type"], e["revision"], e["open"]) for e in listener.told("sleepclip/nursery/event")]
    assert events == [
        ("movement", 1, False),
        ("rhythmic", 1, True),
        ("rhythmic", 2, False),
        ("spasm_cluster", 1, False),
    ]


async def test_a_broker_that_is_down_for_an_hour(
    mosquitto: Any, receiver: Any, make_event: Any, hand_time: Any, tmp_path: Path
) -> None:
    broker = mosquitto("persistence false")
    siren = tmp_path / "siren"
    served = clip("nursery", hand_time, PolicySettings(broker_lost_s=1))
    told = NotifySettings(command=("tee", "-a", str(siren)))
    async with AlertService(settings(broker.port, tmp_path / "outbox.db", notify=told), [served]) as service:
        night = Night(service, served, hand_time, make_event)
        for _ in range(9):  # each is 400 s of stream: an hour, in which nobody listens
            night.alert()
            await asyncio.sleep(0.06)
        standing = night.alert(acknowledge=False)
        await asyncio.sleep(0.6)
        assert isinstance(service.broker_error, PortClosedError)
        listener = receiver(broker.start().port)
        await listener.start()
        await until(lambda: service.waiting == 0)
        await until(lambda: service.broker_error is None)
        assert (await retained(broker.port))["sleepclip/nursery/alert"].count(standing.id.encode()) == 1
    lines = [json.loads(line) for line in siren.read_text().splitlines()]
    assert "broker_lost" in [line["kind"] for line in lines]
    assert [line["id"] for line in lines if line["kind"] == "stiffening"] == night.ids


async def test_what_was_missed_arrives_once_in_order_and_raises_nothing(
    mosquitto: Any, receiver: Any, make_event: Any, hand_time: Any, gate: Any
) -> None:
    broker = mosquitto().start()
    relay = gate(broker.port)
    await relay.open()
    listener = receiver(broker.port)
    await listener.start()
    served = clip("nursery", hand_time)
    async with AlertService(settings(relay.port), [served]) as service:
        night = Night(service, served, hand_time, make_event)
        night.alert()
        await until(lambda: service.waiting == 0)
        await relay.shut()
        for _ in range(5):
            night.alert()
        standing = night.alert(acknowledge=False)
        await asyncio.sleep(0.6)  # late_s is 0.5
        await relay.open()
        await until(lambda: service.waiting == 0)
        await until(lambda: night.told(listener) == night.ids)
    history = listener.told("sleepclip/nursery/alert")
    late = [payload for payload in history if payload["late"]]
    assert {payload["id"].partition(":")[2] for payload in late} == set(night.ids[1:])
    assert all(payload["raising"] is None for payload in late)
    assert all(payload["active"] for payload in late)  # one alert stands at last: nothing says otherwise between
    assert [payload["superseded"] for payload in late] == [True] * 10 + [False]
    assert (history[-1]["id"].partition(":")[2], history[-1]["superseded"]) == (standing.id, False)


async def test_a_broker_killed_20_times(
    mosquitto: Any, receiver: Any, make_event: Any, hand_time: Any, gate: Any, tmp_path: Path
) -> None:
    broker = mosquitto("persistence false").start()
    relay = gate(broker.port)
    await relay.open()
    listener = receiver(broker.port)
    await listener.start()
    served = clip("nursery", hand_time)
    chance = random.Random(20)
    async with AlertService(settings(relay.port, tmp_path / "outbox.db"), [served]) as service:
        night = Night(service, served, hand_time, make_event)
        for _ in range(20):
            for _ in range(chance.randint(1, 6)):
                night.alert()
                await asyncio.sleep(chance.uniform(0, 0.01))
            relay.freeze()  # at any moment: a publish may be on its way, or its confirmation
            await listener.catch_up()  # or the broker takes what it has confirmed with it
            broker.kill()
            await relay.shut()
            await listener.stop()
            broker.start()
            await listener.start()
            relay.thaw()
            await relay.open()
        await until(lambda: service.waiting == 0)
        await until(lambda: night.told(listener) == night.ids)
    keys = [(p["id"], p["revision"]) for p in listener.told("sleepclip/nursery/alert")]
    assert keys == sorted(keys, key=lambda key: (night.ids.index(key[0].partition(":")[2]), key[1]))
    assert len(keys) == 2 * len(night.ids)


async def test_a_half_open_link(mosquitto: Any, receiver: Any, make_event: Any, hand_time: Any, gate: Any) -> None:
    broker = mosquitto().start()
    relay = gate(broker.port)
    await relay.open()
    listener = receiver(broker.port)
    await listener.start()
    served = clip("nursery", hand_time)
    async with AlertService(settings(relay.port), [served]) as service:
        night = Night(service, served, hand_time, make_event)
        night.alert()
        await until(lambda: service.waiting == 0)
        relay.freeze()
        night.alert()  # is swallowed: no error, no confirmation
        await asyncio.sleep(0.1)
        relay.thaw()  # for the connection that follows; the silent one stays silent
        await until(lambda: service.waiting == 0)
        await until(lambda: night.told(listener) == night.ids)


async def test_an_idle_half_open_link_is_noticed(mosquitto: Any, receiver: Any, hand_time: Any, gate: Any) -> None:
    broker = mosquitto().start()
    relay = gate(broker.port)
    await relay.open()
    served = clip("nursery", hand_time)
    quiet = settings(relay.port, heartbeat_s=30)  # nothing to say: the keepalive alone can tell
    async with AlertService(quiet, [served]) as service:
        listener = receiver(broker.port)
        await listener.start()
        await until(lambda: listener.last("sleepclip/nursery/diag") is not None)
        relay.freeze()
        await until(lambda: service.broker_error is not None)
        relay.thaw()
        await until(lambda: service.broker_error is None)


async def test_a_broker_whose_disk_is_full(
    mosquitto: Any, receiver: Any, make_event: Any, hand_time: Any, tmp_path: Path
) -> None:
    def no_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # every write fails, as on a full disk

    broker = mosquitto("persistence true", "persistence_location {folder}/", "autosave_interval 1", "log_type none")
    broker.start(preexec=no_room)
    listener = receiver(broker.port)
    await listener.start()
    served = clip("nursery", hand_time)
    async with AlertService(settings(broker.port, tmp_path / "outbox.db"), [served]) as service:
        night = Night(service, served, hand_time, make_event)
        for _ in range(3):
            night.alert()
        standing = night.alert(acknowledge=False)
        await until(lambda: night.told(listener) == night.ids)
        broker.kill()  # what it should have kept is gone
        await listener.stop()
        broker.start(preexec=no_room)
        await listener.start()
        await until(lambda: service.broker_error is None and service.waiting == 0)
        told = {}
        while "sleepclip/nursery/alert" not in told:
            told = await retained(broker.port)
        shown = json.loads(told["sleepclip/nursery/alert"])
        assert (shown["active"], shown["raising"]) == (True, None)
        assert standing.id in shown["id"]
        assert night.told(listener) == night.ids


EVERYTHING_BUT = "user reader\ntopic read #\nuser clip\ntopic read sleepclip/#\ntopic read homeassistant/status\n"
STATES = "".join(
    f"topic write sleepclip/{t}\n"
    for t in ("bridge/availability", "nursery/state", "nursery/diag", "nursery/monitoring", "nursery/fault")
)


@pytest.fixture
async def guarded(mosquitto: Any, tmp_path: Path) -> tuple[Any, Path]:
    """A broker that lets `clip` write states only, and its access list; `reader` may read everything."""
    access = tmp_path / "acl"
    access.write_text(EVERYTHING_BUT + STATES)
    access.chmod(0o600)
    (tmp_path / "passwords").write_text("")
    for user in ("clip", "reader"):
        process = await asyncio.create_subprocess_exec(
            "mosquitto_passwd", "-b", str(tmp_path / "passwords"), user, "pw"
        )
        await process.wait()
    (tmp_path / "password").write_text("pw")
    return mosquitto(f"password_file {tmp_path}/passwords", f"acl_file {access}", anonymous=False).start(), access


async def test_an_access_list_that_denies(
    guarded: tuple[Any, Path], receiver: Any, make_event: Any, hand_time: Any, tmp_path: Path
) -> None:
    broker, access = guarded
    right = settings(broker.port)
    login = msgspec.structs.replace(right.mqtt, username="clip", password_file=str(tmp_path / "password"))
    listener = receiver(broker.port, username="reader", password="pw")  # noqa: S106  of a broker that lives a second
    await listener.start()
    served = clip("nursery", hand_time)
    async with AlertService(msgspec.structs.replace(right, mqtt=login), [served]) as service:
        night = Night(service, served, hand_time, make_event)
        night.alert()
        await until(lambda: isinstance(service.broker_error, AccessDeniedError))
        assert "sleepclip/nursery/alert" in str(service.broker_error)
        assert service.waiting
        assert listener.told("sleepclip/nursery/alert") == []
        access.write_text(EVERYTHING_BUT + "topic write sleepclip/#\n")  # but not homeassistant/device/#
        broker.reload()
        await until(lambda: service.waiting == 0)
        await until(lambda: night.told(listener) == night.ids)
        await until(lambda: "homeassistant/device" in str(service.broker_error))
        night.alert()  # a denied description keeps no alert back
        await until(lambda: night.told(listener) == night.ids)
        access.write_text(EVERYTHING_BUT + "topic write sleepclip/#\ntopic write homeassistant/device/#\n")
        broker.reload()
        await publish(broker.port, "x", b"", username="reader", password="pw")  # noqa: S106  likewise
        service.resend()
        await until(lambda: service.broker_error is None)


def stiff(served: ServedClip) -> int:
    return sum(alert.kind == "stiffening" for alert in served.policy.standing)


async def test_two_clips_and_one_acknowledgement(
    mosquitto: Any, receiver: Any, make_event: Any, hand_time: Any
) -> None:
    broker = mosquitto().start()
    listener = receiver(broker.port)
    await listener.start()
    clips = [clip("left", hand_time), clip("right", hand_time)]
    async with AlertService(settings(broker.port), clips) as service:
        nights = [Night(service, served, hand_time, make_event) for served in clips]
        for night in nights:
            night.alert(acknowledge=False)
        await until(lambda: all(listener.told(f"sleepclip/{side}/alert") for side in ("left", "right")))
        (told,) = listener.told("sleepclip/left/alert")
        await publish(broker.port, "sleepclip/right/cmd/ack", json.dumps({"id": told["id"]}).encode())
        await publish(broker.port, "sleepclip/left/cmd/ack", json.dumps({"id": told["id"]}).encode())
        await until(lambda: stiff(clips[0]) == 0)
        assert stiff(clips[1]) == 1
        await publish(broker.port, "sleepclip/right/cmd/ack", b"ACK")
        await until(lambda: stiff(clips[1]) == 0)
        await until(lambda: service.waiting == 0)
        shown = await retained(broker.port)
    assert [json.loads(shown[f"sleepclip/{side}/alert"])["active"] for side in ("left", "right")] == [False, False]
    assert (
        len({payload["id"] for side in ("left", "right") for payload in listener.told(f"sleepclip/{side}/alert")}) == 2
    )


async def test_what_stands_survives_a_restart_and_what_does_not_is_gone(
    mosquitto: Any, receiver: Any, make_event: Any, hand_time: Any, tmp_path: Path
) -> None:
    broker = mosquitto().start()
    first = clip("nursery", hand_time)
    chosen = settings(broker.port, tmp_path / "outbox.db")
    async with AlertService(chosen, [first]) as service:
        night = Night(service, first, hand_time, make_event)
        night.alert()
        standing = night.alert(acknowledge=False)
    before = json.loads((await retained(broker.port))["sleepclip/nursery/alert"])
    assert standing.id in before["id"]

    hand_time.zero_unix_s += 10_000  # the stream of the next run begins later
    hand_time.stream_s = 0
    second = clip("nursery", hand_time)
    async with AlertService(chosen, [second]) as service:
        (restored,) = second.policy.standing
        assert not restored.present
        listener = receiver(broker.port)
        await listener.start()
        await until(lambda: service.waiting == 0)
        after = json.loads((await retained(broker.port))["sleepclip/nursery/alert"])
        for same in ("id", "kind", "since", "raised", "text"):
            assert after[same] == before[same]
        assert after["revision"] > before["revision"]
        assert (after["active"], after["present"], after["raising"]) == (True, False, None)
        await publish(broker.port, "sleepclip/nursery/cmd/ack", json.dumps({"id": before["id"]}).encode())
        await until(lambda: not second.policy.standing)

    third = clip("nursery", hand_time)
    async with AlertService(chosen, [third]) as service:
        assert third.policy.standing == ()
        await until(lambda: service.waiting == 0)
        assert json.loads((await retained(broker.port))["sleepclip/nursery/alert"])["active"] is False


async def test_a_clip_that_is_served_no_more_leaves_nothing_behind(
    mosquitto: Any, make_event: Any, hand_time: Any, tmp_path: Path
) -> None:
    broker = mosquitto().start()
    chosen = settings(broker.port, tmp_path / "outbox.db")
    both = [clip(name, hand_time) for name in ("left", "right")]
    async with AlertService(chosen, both) as service:
        for served in both:
            Night(service, served, hand_time, make_event).alert(acknowledge=False)
            service.available(served.name, online=True)
        await until(lambda: service.waiting == 0 and service.broker_error is None)
    async with AlertService(chosen, both[1:]):
        while any("left" in topic for topic in await retained(broker.port)):  # noqa: ASYNC110  as in `until`
            await asyncio.sleep(0.01)
        assert "homeassistant/device/sleepclip_right/config" in await retained(broker.port)


async def test_what_stood_but_cannot_be_read_is_passed_over(
    mosquitto: Any, hand_time: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chosen = settings(mosquitto().start().port, tmp_path / "outbox.db")
    outbox = Outbox(chosen.outbox, time.monotonic, "older")
    outbox.put([], {"nursery": b'[{"alert": {"of": "another version"}}]'})
    outbox.close()
    served = clip("nursery", hand_time)
    async with AlertService(chosen, [served]) as service:
        await until(lambda: service.waiting == 0)
    assert served.policy.standing == ()
    assert "cannot be read" in caplog.text


async def test_states_expire_and_death_is_told(mosquitto: Any, receiver: Any, hand_time: Any, gate: Any) -> None:
    broker = mosquitto().start()
    relay = gate(broker.port)
    await relay.open()
    listener = receiver(broker.port)
    async with AlertService(settings(relay.port), [clip("nursery", hand_time)]) as service:
        await listener.start()
        await until(lambda: listener.last("sleepclip/nursery/state") is not None)
        (state, *_) = (m for m in listener.messages if str(m.topic) == "sleepclip/nursery/state")
        assert state.properties.MessageExpiryInterval in {59, 60}
        assert listener.last("sleepclip/bridge/availability") == b"online"
        await relay.shut()
        await until(lambda: listener.last("sleepclip/bridge/availability") == b"offline")
        await relay.open()
        await until(lambda: listener.last("sleepclip/bridge/availability") == b"online")
        await until(lambda: service.broker_error is None)
    assert (await retained(broker.port))["sleepclip/bridge/availability"] == b"offline"


HOSTILE = [
    b"ack",
    b"ACK ",
    b"ON\x00",
    b"on",
    b"OFF\n",
    b"-1",
    b"61",
    b"1e9",
    b"nan",
    b"inf",
    b"0x10",
    b"",
    b"10 ",
    b"\xff\xfe",
    b'{"id": 7}',
    b'{"id": null}',
    b'{"id": "x", "y": 1}',
    b"[" * 5000,
    b"9" * 70_000,
    b'{"id": "nobody"',
    "\u0661\u0660".encode(),  # digits, but not ours
]


async def flood(port: int, chance: random.Random, payloads: int) -> None:
    """Send commands that are none."""
    async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        for number in range(payloads):
            name = chance.choice(["ack", "mute", "monitoring", "reboot", "ack/all", "", "мут"])
            if number % 10 == 0:  # what would be a command, but was retained
                name, payload = chance.choice([("ack", b"ACK"), ("mute", b"5"), ("monitoring", b"OFF")])
            elif chance.random() < 0.5:
                payload = chance.choice(HOSTILE)
            else:
                payload = b"\x01" + chance.randbytes(chance.randint(0, 300))
            await client.publish(f"sleepclip/nursery/cmd/{name}", payload, qos=1, retain=number % 10 == 0)


async def test_1000_hostile_payloads(mosquitto: Any, receiver: Any, make_event: Any, hand_time: Any) -> None:
    broker = mosquitto("message_size_limit 1000000").start()
    served = clip("nursery", hand_time)
    listener = receiver(broker.port)
    await listener.start()
    async with AlertService(settings(broker.port), [served]) as service:
        Night(service, served, hand_time, make_event).alert(acknowledge=False)
        await until(lambda: service.waiting == 0)
        before = served.policy.standing
        await flood(broker.port, random.Random(5), 1000)
        await until(lambda: service.commands_ignored == 1000)
        assert served.policy.standing == before
        assert served.policy.monitoring_on
        assert served.policy.muted_until_s(hand_time.now_s()) is None
        await until(
            lambda: json.loads(listener.last("sleepclip/nursery/diag") or b"{}").get("commands_ignored") == 1000
        )


async def test_commands_are_idempotent(mosquitto: Any, receiver: Any, hand_time: Any) -> None:
    broker = mosquitto().start()
    served = clip("nursery", hand_time)
    listener = receiver(broker.port)
    await listener.start()
    async with AlertService(settings(broker.port), [served]) as service:
        await until(lambda: listener.last("sleepclip/nursery/monitoring") == b"ON")
        for _ in range(2):
            await publish(broker.port, "sleepclip/nursery/cmd/monitoring", b"OFF")
            await publish(broker.port, "sleepclip/nursery/cmd/mute", b"10")
        await until(lambda: listener.last("sleepclip/nursery/monitoring") == b"OFF")
        await until(lambda: json.loads(listener.last("sleepclip/nursery/state") or b"{}")["mute_min"] == 10)
        assert served.policy.muted_until_s(0) == 600
        await publish(broker.port, "sleepclip/nursery/cmd/mute", b"0")
        await until(lambda: json.loads(listener.last("sleepclip/nursery/state") or b"{}")["mute_min"] == 0)
        assert service.commands_ignored == 0


async def test_monitoring_goes_on_again_in_the_evening(mosquitto: Any, receiver: Any, hand_time: Any) -> None:
    broker = mosquitto().start()
    served = clip("nursery", hand_time, PolicySettings(monitoring_off_s=0))
    wall = {"s": 1_790_000_000.0}
    listener = receiver(broker.port)
    await listener.start()
    chosen = settings(broker.port, monitoring_back_on="18:00")
    async with AlertService(chosen, [served], wall=lambda: wall["s"]):
        await until(lambda: listener.last("sleepclip/nursery/monitoring") == b"ON")
        await publish(broker.port, "sleepclip/nursery/cmd/monitoring", b"OFF")
        await until(lambda: listener.last("sleepclip/nursery/monitoring") == b"OFF")
        await until(lambda: listener.told("sleepclip/nursery/fault"))
        assert listener.told("sleepclip/nursery/fault")[-1]["kind"] == "monitoring_off"
        wall["s"] += 24 * 3600  # whatever the time zone, an evening has passed
        await until(lambda: listener.last("sleepclip/nursery/monitoring") == b"ON")
        assert served.policy.monitoring_on


async def test_home_assistant_comes_back(mosquitto: Any, receiver: Any, make_event: Any, hand_time: Any) -> None:
    broker = mosquitto().start()
    served = clip("nursery", hand_time)
    async with AlertService(settings(broker.port, heartbeat_s=30), [served]) as service:
        Night(service, served, hand_time, make_event).alert(acknowledge=False)
        listener = receiver(broker.port)
        await listener.start()
        await until(lambda: service.waiting == 0 and listener.last("sleepclip/nursery/diag"))
        for payload, retain in ((b"offline", False), (b"online", True)):
            await publish(broker.port, "homeassistant/status", payload, retain=retain)
        await publish(broker.port, "homeassistant/status", b"", retain=True)
        listener.messages.clear()
        await publish(broker.port, "homeassistant/status", b"online")
        expected = {"homeassistant/device/sleepclip_nursery/config"} | {
            f"sleepclip/nursery/{name}" for name in ("alert", "fault", "state", "diag", "monitoring")
        }
        await until(lambda: expected <= {str(m.topic) for m in listener.messages})
        shown = json.loads(listener.last("sleepclip/nursery/alert") or b"{}")
        assert (shown["active"], shown["raising"]) == (True, None)


async def test_the_embedded_broker_will_do(make_event: Any, hand_time: Any, caplog: Any) -> None:
    from alerts.broker import EmbeddedBroker  # noqa: PLC0415  as the demo does: amqtt is large

    served = clip("nursery", hand_time)
    async with EmbeddedBroker() as broker:
        chosen = msgspec.structs.replace(
            settings(1), mqtt=msgspec.structs.replace(broker.settings, protocol="auto", timeout_s=0.5)
        )
        async with AlertService(chosen, [served]) as service:
            Night(service, served, hand_time, make_event).alert()
            await until(lambda: service.waiting == 0)
        assert service.broker_error is None
    assert "the broker speaks MQTT 3.1.1 only" in caplog.text


async def test_a_notify_command_that_fails_is_a_fault(make_event: Any, hand_time: Any, mosquitto: Any) -> None:
    broker = mosquitto().start()
    served = clip("nursery", hand_time)
    told = NotifySettings(command=(sys.executable, "-c", "import sys; sys.exit('no credit left')"))
    async with AlertService(settings(broker.port, notify=told), [served]) as service:
        Night(service, served, hand_time, make_event).alert()
        await until(lambda: any(a.kind == ConditionKind.NOTIFY for a in served.policy.standing))
    (fault,) = (a for a in served.policy.standing if a.kind == ConditionKind.NOTIFY)
    assert "no credit left" in fault.text


async def test_what_was_muted_is_heard_when_sound_is_back(
    make_event: Any, hand_time: Any, mosquitto: Any, receiver: Any, tmp_path: Path
) -> None:
    broker = mosquitto().start()
    listener = receiver(broker.port)
    await listener.start()
    siren = tmp_path / "siren"
    served = clip("nursery", hand_time)
    told = NotifySettings(command=("tee", "-a", str(siren)))
    async with AlertService(settings(broker.port, notify=told), [served]) as service:
        await until(lambda: listener.last("sleepclip/nursery/monitoring") == b"ON")
        await publish(broker.port, "sleepclip/nursery/cmd/mute", b"10")
        await until(lambda: served.policy.muted_until_s(hand_time.now_s()) is not None)
        alert = Night(service, served, hand_time, make_event).alert(acknowledge=False)
        await until(lambda: listener.told("sleepclip/nursery/alert"))
        assert not siren.exists()
        hand_time.stream_s = 600.0
        served.policy.heard(600.0)
        await until(lambda: siren.exists() and siren.read_text().endswith("\n"))
        await until(lambda: len(listener.told("sleepclip/nursery/alert")) == 2)
    assert [json.loads(line)["id"] for line in siren.read_text().splitlines()] == [alert.id]
    muted, heard = listener.told("sleepclip/nursery/alert")
    assert (muted["id"], muted["raising"], heard["raising"]) == (heard["id"], "stiffening", "stiffening")
    assert muted["muted_until"] is not None
    assert heard["muted_until"] is None


async def test_an_error_of_the_body_passes_through(mosquitto: Any, hand_time: Any) -> None:
    broker = mosquitto().start()
    with pytest.raises(KeyError, match="mine"):
        async with AlertService(settings(broker.port), [clip("nursery", hand_time)]):
            raise KeyError("mine")


async def test_a_bug_ends_the_body(mosquitto: Any, hand_time: Any) -> None:
    broker = mosquitto().start()

    async def body() -> None:
        async with AlertService(settings(broker.port), [clip("nursery", hand_time)]):
            hand_time.stream_s = "not a number"
            await asyncio.sleep(30)

    with pytest.raises(ExceptionGroup) as caught:
        await body()
    assert caught.group_contains(TypeError)
