"""An independent client starts a test, listens, reads the result; nobody finds a secret in the log."""

from __future__ import annotations

import datetime
import ipaddress
import json
import logging
import ssl
import time
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from station.gateway.settings import GatewaySettings
from station.gateway.tokens import Tokens
from tests.station.gateway.conftest import running_gateway

Clients = dict[str | None, httpx.Client]


def test_start_listen_and_read(
    clients: Clients, url: str, tokens: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    live = url.replace("http", "ws") + "/v1/live"
    with connect(live, proxy=None) as line:
        line.send(json.dumps({"token": tokens["viewer"]}))
        body = {"channel": "2", "profile": "screen", "battery": "LIVE-1", "nominal_capacity_Ah": 20.0}
        run_id = clients["operator"].post("/v1/runs", json=body).json()["run_id"]
        seen: set[str] = set()
        end = time.monotonic() + 30
        while "result" not in seen and time.monotonic() < end:
            seen.add(json.loads(line.recv(timeout=30))["type"])
    assert {"state", "connection", "channel", "samples", "result"} <= seen
    run = clients["viewer"].get(f"/v1/runs/{run_id}").json()
    assert run["state"] == "ended"
    assert run["result"]["verdict"]
    assert run["files"]
    assert all("path" not in file for file in run["files"])
    assert clients["viewer"].get("/v1/batteries/LIVE-1").json()["runs"][0]["run_id"] == run_id
    figures = clients["viewer"].get("/v1/metrics").text
    assert "pulse_service_up 1.0" in figures
    assert 'route="/v1/runs/{run_id}"' in figures
    assert clients["viewer"].get("/v1/health").json()["ok"] is True
    for token in tokens.values():
        assert token not in caplog.text
        assert token.rpartition("_")[2] not in caplog.text


def test_nobody_listens_without_a_token(url: str) -> None:
    with connect(url.replace("http", "ws") + "/v1/live", proxy=None) as line:
        line.send(json.dumps({"token": "ps_none_none"}))
        with pytest.raises(ConnectionClosed):
            line.recv(timeout=10)


def test_without_its_service_the_gateway_says_so(tmp_path: Path) -> None:
    _, token = Tokens(tmp_path).add("x", "admin", days=1)
    with running_gateway(tmp_path, GatewaySettings(port=0)) as place:
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=place, headers=headers, trust_env=False) as client:
            assert client.get("/v1/health").json()["ok"] is False
            answer = client.get("/v1/state")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "service.unreachable")


def test_encrypted(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    files = {"certificate": tmp_path / "cert.pem", "key": tmp_path / "key.pem"}
    files["certificate"].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem = serialization.PrivateFormat.PKCS8
    files["key"].write_bytes(key.private_bytes(serialization.Encoding.PEM, pem, serialization.NoEncryption()))
    settings = GatewaySettings.model_validate({"port": 0, "tls": files})
    trust = ssl.create_default_context(cafile=files["certificate"])
    with running_gateway(tmp_path, settings) as place:
        assert place.startswith("https")
        assert httpx.get(f"{place}/v1/health", verify=trust, trust_env=False).status_code == 401
        with pytest.raises(httpx.TransportError):
            httpx.get(place.replace("https", "http") + "/v1/health", trust_env=False)
