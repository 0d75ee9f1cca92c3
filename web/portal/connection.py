"""The line to a portal, for its users and its workers: HTTP with a token, and errors as sentences."""

import ssl
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from ganglion.model.spec.errors import PortalError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Hosts that are this machine, from where nobody can listen on the way."""

TIMEOUT = 60.0

PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between attempts, where nothing answers or there is no room; the last again and again."""


class Connection:
    """HTTP with a token.

    Args:
        url: such as https://portal.example.org.
        token: of a user or a worker; None where a demo needs none.
        certificate: of the portal, to trust alone; None trusts those that this machine does.
        insecure: send the token though it can be read on the way.
        patience: seconds for which a request is repeated where nothing answers.

    Raises:
        PortalError: no address of a portal, or one where the token could be read on the way.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        certificate: str | Path | None = None,
        insecure: bool = False,
        patience: float = 30.0,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise PortalError(f"a portal has an address such as https://portal.example.org, not '{url}'")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK and not insecure:
            raise PortalError(
                f"{url} is not encrypted, and the token could be read on its way: use https",
                python="or say insecure=True",
                command="or say --insecure",
            )
        verify: ssl.SSLContext | bool = pinned(certificate) if certificate else True
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.Client(
            base_url=url, headers=headers, timeout=TIMEOUT, verify=verify, trust_env=parts.hostname not in LOOPBACK
        )
        self.url, self.patience = url.rstrip("/"), patience

    def send(
        self,
        method: str,
        path: str,
        *,
        again: Callable[[], bool] = lambda: True,
        **arguments: Any,
    ) -> httpx.Response:
        """A request, sent again while nothing answers. One that changes something must be as good twice as once.

        Args:
            method: of HTTP.
            path: below the portal's address.
            again: asked before each repetition whether it still matters.
            arguments: of `httpx.Client.request`. Files are bytes, which can be sent twice.

        Raises:
            PortalError: the portal refuses it, with its own words and status, or nothing answers in time.
        """
        ends, attempt = time.monotonic() + self.patience, 0
        while True:
            try:
                response = self._client.request(method, path, **arguments)
            except httpx.TransportError as error:
                if time.monotonic() > ends or not again():
                    raise PortalError(f"nothing answers at {self.url}: {error or type(error).__name__}") from None
            else:
                if response.status_code < 500 or time.monotonic() > ends or not again():
                    return _checked(response)
            time.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
            attempt += 1

    def stream(self, path: str, headers: Mapping[str, str] | None = None) -> Any:
        """A response whose lines are read as they come; a context manager."""
        return self._client.stream("GET", path, headers=headers, timeout=httpx.Timeout(TIMEOUT, read=None))

    def close(self) -> None:
        """Lets go of the line. Safe to call twice."""
        self._client.close()


def pinned(certificate: str | Path) -> ssl.SSLContext:
    """Trust in one certificate alone, whoever signed it and whatever name it has.

    Raises:
        PortalError: there is no such certificate.
    """
    try:
        context = ssl.create_default_context(cafile=str(certificate))
    except OSError as error:
        raise PortalError(f"{certificate} is no certificate: {error.strerror or error}") from None
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    return context


def _checked(response: httpx.Response) -> httpx.Response:
    """A response that is none of an error."""
    if response.is_success:
        return response
    try:
        words = str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        words = response.text.strip()[:300] or f"the portal answered {response.status_code}"
    raise PortalError(words, status=response.status_code)
