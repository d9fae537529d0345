"""Events to feed a policy with, clips to serve, and real brokers to talk to."""

import asyncio
import contextlib
import datetime as dt
import itertools
import json
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, Self

import jsonschema
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from processing.events import (
    Event,
    Gap,
    Handling,
    Hiccups,
    Movement,
    MyoclonicBurst,
    OffBody,
    PeriodicMovements,
    PersistsAfterWaking,
    Rhythmic,
    SpasmCluster,
    State,
    StateInterval,
    Stiffening,
)
from processing.samples import GRID_HZ

USUAL: dict[type[Event], dict[str, Any]] = {
    StateInterval: {"cause": "posture still for 5 min"},
    Gap: {},
    OffBody: {"noise_mg": 0.4},
    MyoclonicBurst: {"jerks": 3, "peak_mg": 80.0, "size": 9.0},
    Movement: {"peak_mg": 300.0, "size": 20.0, "posture_change_deg": 12.0},
    Handling: {"mimic": "rocked", "frequency_hz": 0.8, "posture_change_deg": 30.0, "masked": False},
    PeriodicMovements: {"movements": 5, "interval_s": 25.0, "regularity": 0.8},
    Hiccups: {"jolts": 40, "interval_s": 5.0, "regularity": 0.9},
    Rhythmic: {
        "frequency_start_hz": 2.1,
        "frequency_end_hz": 1.8,
        "regularity": 0.8,
        "jerks": 20,
        "size": 12.0,
        "state_now": None,
        "longest_pause_s": 0.6,
        "recent_pause_s": 0.6,
        "margin": 1.0,
    },
    SpasmCluster: {"contractions": 3, "interval_s": 8.0, "held_deg": 6.0, "size": 15.0, "margin": 1.0},
    Stiffening: {"tilt_deg": 14.0, "tremor_hz": 9.0, "size": 10.0, "margin": 1.0},
    PersistsAfterWaking: {
        "waking": None,
        "waking_evidence": "posture changed by 20 degrees",
        "jerks_before": 8,
        "jerks_after": 6,
        "same_direction": 0.9,
        "size": 11.0,
        "margin": 1.0,
    },
}


class MakeEvent(Protocol):
    """Makes a snapshot; times in stream seconds, `now_s` being when it was known."""

    def __call__(
        self,
        kind: type[Event],
        onset_s: float,
        end_s: float,
        *,
        now_s: float | None = None,
        state: State = State.ASLEEP,
        goes_on: bool = True,
        **evidence: Any,
    ) -> Event: ...


def make_event(
    kind: type[Event],
    onset_s: float,
    end_s: float,
    *,
    now_s: float | None = None,
    state: State = State.ASLEEP,
    goes_on: bool = True,
    **evidence: Any,
) -> Event:
    given = USUAL[kind] | evidence
    updated = round((end_s if now_s is None else now_s) * GRID_HZ)
    onset = round(onset_s * GRID_HZ)
    if kind is Rhythmic and given["state_now"] is None:
        given |= {"state_now": state}
    if kind is PersistsAfterWaking:
        given |= {"waking": onset if given["waking"] is None else round(given["waking"] * GRID_HZ)}
    return kind(
        onset=onset, end=round(end_s * GRID_HZ), reported=onset, updated=updated, open=goes_on, state=state, **given
    )


@pytest.fixture(scope="session", name="make_event")
def make_event_fixture() -> MakeEvent:
    return make_event


@pytest.fixture(scope="session")
def every_kind(make_event: MakeEvent) -> tuple[Event, ...]:
    """One closed event of each kind and state."""
    states = (make_event(StateInterval, 0, 10, state=s, goes_on=False) for s in State)
    others = (make_event(kind, 10, 40, goes_on=False) for kind in USUAL if kind is not StateInterval)
    return tuple(itertools.chain(states, others))


@pytest.fixture(scope="session")
def validate() -> Callable[[str, object], None]:
    """Check a payload against a schema of docs/."""
    folder = Path(__file__).parents[2] / "docs" / "schemas"
    validators = {
        path.name.removesuffix(".schema.json"): jsonschema.Draft202012Validator(json.loads(path.read_text()))
        for path in folder.glob("*.schema.json")
    }
    return lambda name, payload: validators[name].validate(payload)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class Mosquitto:
    """A real mosquitto on a free loopback port; only what it started is ever stopped."""

    def __init__(self, folder: Path, *lines: str, anonymous: bool = True) -> None:
        self.port = free_port()
        self.config = folder / "mosquitto.conf"
        # log_dest, persistence and the user it runs as are the tests' own; the rest is what a test asks for
        self.config.write_text(
            "\n".join(
                [
                    "log_dest file " + str(folder / "mosquitto.log"),
                    "user root",
                    f"allow_anonymous {str(anonymous).lower()}",
                    "per_listener_settings false",
                    *(line.format(folder=folder) for line in lines),
                    f"listener {self.port} 127.0.0.1",
                ]
            )
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, preexec: Callable[[], None] | None = None) -> Self:
        self._process = subprocess.Popen(
            ["mosquitto", "-c", str(self.config)],
            stderr=subprocess.DEVNULL,
            preexec_fn=preexec,  # noqa: PLW1509  a limit for the broker alone, set before it starts
        )
        while self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return self
            time.sleep(0.005)
        raise AssertionError(f"mosquitto ended with {self._process.returncode}")

    def kill(self) -> None:
        """End it as a power cut would."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """End it as an administrator would."""
        self._signal(signal.SIGTERM)

    def reload(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Callable[..., Mosquitto]]:
    """Make brokers: `mosquitto("persistence false").start()`."""
    if shutil.which("mosquitto") is None:
        pytest.skip("mosquitto is not installed (apt-get install mosquitto)")
    made: list[Mosquitto] = []

    def make(*lines: str, **rest: Any) -> Mosquitto:
        folder = tmp_path / f"broker{len(made)}"
        folder.mkdir()
        made.append(Mosquitto(folder, *lines, **rest))
        return made[-1]

    yield make
    for broker in made:
        broker.kill()


class Gate:
    """A TCP relay in front of a broker: it can refuse, cut, or go silent as a half-open link does."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self._to = port
        self._frozen = False
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Let connections through."""
        self._frozen = False
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Refuse connections, and cut those there are."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def freeze(self) -> None:
        """Swallow every byte, and tell nobody."""
        self._frozen = True

    def thaw(self) -> None:
        """Serve connections that come from here on."""
        self._frozen = False

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.transport.abort()
            return
        self._writers.add(far_writer)
        state = {"dead": False}
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._pump(source, sink, state))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, state: dict[str, bool]) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                state["dead"] = state["dead"] or self._frozen
                if not state["dead"]:
                    sink.write(data)
        if not state["dead"]:
            sink.close()


@pytest.fixture
async def gate() -> AsyncIterator[Callable[[int], Gate]]:
    """Make relays."""
    made: list[Gate] = []

    def make(port: int) -> Gate:
        made.append(Gate(port))
        return made[-1]

    yield make
    for each in made:
        await each.shut()


class Certificates:
    """An authority, a certificate it signed for the broker, and one for the client."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self._ca_key = ec.generate_private_key(ec.SECP256R1())
        self._ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, folder.name)])
        self._sign("ca", self._ca_key, self._ca_name, authority=True)
        for name in ("localhost", "client"):
            key = ec.generate_private_key(ec.SECP256R1())
            self._sign(name, key, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), authority=False)
            pem = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            (folder / f"{name}.key").write_bytes(pem)

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)

    def _sign(self, name: str, key: ec.EllipticCurvePrivateKey, subject: x509.Name, *, authority: bool) -> None:
        now = dt.datetime.now(dt.UTC)
        usage = dict.fromkeys(
            (
                "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign",
                "encipher_only", "decipher_only",
            ),
            False,
        )  # fmt: skip
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._ca_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(
                x509.KeyUsage(digital_signature=True, key_cert_sign=authority, **usage), critical=True
            )  # Python 3.13 refuses an authority without it
            .sign(self._ca_key, hashes.SHA256())
        )
        (self.folder / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


@pytest.fixture
def certificates(tmp_path: Path) -> Callable[[str], Certificates]:
    """Make authorities by name."""
    return lambda name: Certificates(tmp_path / name)


class HandTime:
    """A stream's time, moved by hand."""

    def __init__(self) -> None:
        self.stream_s = 0.0
        self.zero_unix_s = 1_790_000_000.0

    def now_s(self) -> float:
        return self.stream_s

    def unix_s(self, stream_s: float) -> float:
        return self.zero_unix_s + stream_s


@pytest.fixture
def hand_time() -> HandTime:
    return HandTime()
