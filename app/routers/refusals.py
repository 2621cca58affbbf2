"""What the edge refuses before any flow is called. ``problems`` maps each class to its status."""

from app.errors import Problem


class BadRequest(Problem):
    """The request cannot be read: no JSON, or a line of HTTP that no honest client sends."""


class TooSlow(Problem):
    """The body did not arrive in time."""

    def __init__(self) -> None:
        super().__init__("request_timeout", "The body did not arrive in time; send the request again.")


class HeadTooSlow(Problem):
    """The head of a request did not arrive in time, or none came at all."""

    def __init__(self) -> None:
        super().__init__("request_timeout", "The head of the request did not arrive in time; send it again.")


class TooLarge(Problem):
    """The body has more bytes than are read."""

    def __init__(self, limit: int) -> None:
        super().__init__("body_too_large", f"A body has at most {limit} bytes; send the content in several requests.")


class UriTooLong(Problem):
    """The path or the query has more bytes than are read."""

    def __init__(self) -> None:
        super().__init__("uri_too_long", "The path has at most 2048 bytes and the query 4096.")


class RangeRefused(Problem):
    """A part of a gated answer was asked for."""

    def __init__(self) -> None:
        super().__init__("range_not_supported", "This answer is given whole or not at all; leave Range out.")


class Unsupported(Problem):
    """The body is in a media type or coding that this operation does not take."""

    def __init__(self, detail: str) -> None:
        super().__init__("unsupported_media_type", detail)
