from __future__ import annotations

import datetime as dt
import ssl
from datetime import timedelta
from shutil import copyfile

import pytest

from floe_dagster.channels import open_channels
from floe_dagster.delivery import Delivery
from floe_dagster.settings import Settings
from floe_dagster.state.store import open_store
from tests.delivery.parcels import START
from tests.delivery.receiver import receiver as a_receiver


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now

    def pass_by(self, **span):
        self.now += timedelta(**span)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def receiver():
    with a_receiver() as server:
        yield server


@pytest.fixture
def other_receiver():
    with a_receiver() as server:
        yield server


@pytest.fixture
def store_url(made_store, tmp_path):
    return f"sqlite:///{copyfile(made_store, tmp_path / 'floe.db')}"


@pytest.fixture
def store(store_url):
    with open_store(store_url) as opened:
        yield opened


@pytest.fixture
def post(store):
    """Writes parcels into the outbox."""

    def write(*parcels):
        with store.writing() as transaction:
            transaction.save(parcels=parcels)

    return write


@pytest.fixture
def platform(store, clock, tmp_path):
    """A delivery over channels as they would stand in floe.yaml."""

    def build(*, lineage=None, jitter=1.0, broken=None, client=None, outbox=None, alerts=None, **channels):
        settings = Settings.model_validate(
            {
                "root": tmp_path,
                "alerts": {"channels": channels, **(alerts or {})},
                "lineage": lineage or {},
                "broken": broken or {},
            }
        )
        return Delivery(
            outbox or store,
            open_channels(settings),
            settings,
            clock,
            client,
            jitter=jitter if callable(jitter) else lambda: jitter,
        )

    return build


@pytest.fixture
def hook(platform, receiver):
    """A delivery with one webhook, `hook`, to the receiver."""
    return platform(hook={"type": "webhook", "url": receiver.url, "timeout_seconds": 1})


@pytest.fixture
def states(store):
    """The state of every parcel, by key."""
    return lambda: {each.key: str(each.state) for each in store.parcels()}


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for hook.example, and the context of a server that shows it."""
    x509 = pytest.importorskip("cryptography.x509", reason="makes the certificate of the TLS receiver")
    hashes = pytest.importorskip("cryptography.hazmat.primitives.hashes")
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    ec = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hook.example")])
    now = dt.datetime.now(dt.UTC)
    certified = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hook.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    file, secret = folder / "hook.pem", folder / "hook.key"
    file.write_bytes(certified.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    return file, context
