"""A real S3-compatible server (moto) over HTTP on loopback, which checks keys and signatures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config

BUCKET = "pulse"


@dataclass(frozen=True)
class S3:
    """Where it listens, the options that open it, and a client of another make to look into it."""

    url: str
    options: dict[str, Any]
    client: Any

    @property
    def port(self) -> int:
        """Of its listener."""
        return int(self.url.rpartition(":")[2])

    def names(self) -> list[str]:
        """All objects."""
        found = self.client.list_objects_v2(Bucket=BUCKET)
        return sorted(entry["Key"] for entry in found.get("Contents", []))

    def content(self, name: str) -> bytes:
        """One object."""
        content: bytes = self.client.get_object(Bucket=BUCKET, Key=name)["Body"].read()
        return content


@contextmanager
def s3_server() -> Iterator[S3]:
    """One bucket, and one user who may use it; whoever else asks is refused."""
    with pytest.MonkeyPatch.context() as environment:
        # Making the user takes three calls that need no rights; from the fourth on they are checked.
        environment.setenv("INITIAL_NO_AUTH_ACTION_COUNT", "3")
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        from moto.server import ThreadedMotoServer

        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        try:
            host, port = server.get_host_and_port()
            url = f"http://{host}:{port}"
            user = _client("iam", url, "nobody", "nothing")
            user.create_user(UserName="station")
            key = user.create_access_key(UserName="station")["AccessKey"]
            rights = (
                '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
            )
            user.put_user_policy(UserName="station", PolicyName="files", PolicyDocument=rights)
            options = {"endpoint_url": url, "key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}
            client = _client("s3", url, options["key"], options["secret"])
            client.create_bucket(Bucket=BUCKET)
            yield S3(url, options, client)
        finally:
            server.stop()


def _client(kind: str, url: str, key: str, secret: str) -> Any:
    return boto3.client(
        kind,  # type: ignore[call-overload]
        endpoint_url=url, aws_access_key_id=key, aws_secret_access_key=secret, region_name="us-east-1",
        config=Config(retries={"total_max_attempts": 1}),
    )  # fmt: skip
