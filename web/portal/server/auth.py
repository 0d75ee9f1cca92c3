"""Who asks: by a bearer token at the API, by a session cookie on pages, or, in a demo, whoever sits at this machine.

Pages are protected from forged requests twice: what a browser says comes from elsewhere is refused for all that changes
anything (`guard.py`), and each form carries a token that only its own session can know.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from fastapi import Request, Response

from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.store.store import Store
from ganglion.web.portal.store.users import Kind, User

COOKIE = "ganglion_session"

DEMO = "demo"
"""The user of a demo."""


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who looks at a page."""

    user: User
    session: str
    """The value of the cookie."""


class Access:
    """Tells users from tokens and cookies.

    Args:
        store: where they are.
        demo: there is no login; whoever asks is the user `DEMO`.
    """

    def __init__(self, store: Store, *, demo: bool) -> None:
        self._store, self.demo = store, demo

    def user(self, request: Request) -> User:
        """Who calls the API.

        Raises:
            PortalError: there is no token, or one that does not count.
        """
        token = _bearer(request)
        if token is None and self.demo:
            return self._store.users.named(DEMO)
        user = self._store.users.who(token, Kind.USER) if token else None
        if user is None:
            raise PortalError(
                "this needs the token of a user, as in 'Authorization: Bearer ganglion_…'; there is none, or it has "
                "expired or was revoked",
                status=401,
            )
        return user

    def worker(self, request: Request) -> str:
        """The worker that calls.

        Raises:
            PortalError: there is no token of a worker, or one that does not count.
        """
        token = _bearer(request)
        name = self._store.users.worker(token) if token else None
        if name is None:
            raise PortalError("this needs a token of a worker; it is missing, or was revoked", status=401)
        return name

    def visitor(self, request: Request) -> Visitor | None:
        """Who looks at a page; None is somebody who has not logged in."""
        session = request.cookies.get(COOKIE, "")
        if self.demo:
            return Visitor(user=self._store.users.named(DEMO), session=session) if session else None
        user = self._store.users.who(session, Kind.SESSION) if session else None
        return Visitor(user=user, session=session) if user else None

    def log_in(self, request: Request, response: Response, token: str) -> None:
        """Begins a session of the user of a token, and sets its cookie.

        Raises:
            PortalError: the token does not count.
        """
        if self.demo:
            session = secrets.token_urlsafe(24)
        else:
            user = self._store.users.who(token.strip(), Kind.USER)
            if user is None:
                raise PortalError("this token is not known here, has expired, or was revoked", status=401)
            session = self._store.users.token(Kind.SESSION, user, "session", self._store.settings.session)
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, session, httponly=True, secure=secure, samesite="lax", path="/")

    def log_out(self, response: Response, visitor: Visitor) -> None:
        """Ends a session."""
        if not self.demo:
            self._store.users.revoke(hashlib.sha256(visitor.session.encode()).hexdigest(), visitor.user)
        response.delete_cookie(COOKIE, path="/")

    def form_token(self, visitor: Visitor) -> str:
        """What the forms of a session carry."""
        return hmac.new(self._store.database.secret, visitor.session.encode(), hashlib.sha256).hexdigest()

    def check_form(self, visitor: Visitor, token: object) -> None:
        """Whether a form is one that this session was given.

        Raises:
            PortalError: not.
        """
        if not isinstance(token, str) or not hmac.compare_digest(token.encode(), self.form_token(visitor).encode()):
            raise PortalError(
                "this form was not made for your session: load the page again, and send it from there", status=403
            )


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
