"""The errors that everybody meets in the first hour, for docs/errors.md and /docs/errors: seen, caused, mended."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Meeting:
    """One error as a newcomer meets it: the answer, its cause, and the steps that end it."""

    heading: str
    seen: str
    cause: str
    steps: tuple[str, ...]


LEAD: Final = (
    "In production a refusal says no more than it must. The sandbox (`make run`) adds a hint: `hint` in the answer "
    "of the token endpoint and of a problem, the header `Sandbox-Hint` beside an empty list. Each section says "
    "which. `docs/court-integration.md` and `docs/clinic-integration.md` lead through the hour itself."
)

FIRST_HOUR: Final = (
    Meeting(
        "The clocks differ",
        '401 `{"error": "invalid_client"}` from `/oauth/token`. Hint: `iat is in the future`, `expired` or `exp is '
        "more than 300 seconds ahead`, with what the clock here reads.",
        "`iat` of the assertion may be at most 10 seconds ahead of this service's clock and 360 behind, `exp` must "
        "be ahead of it, and by at most 300 seconds. Mostly the client's clock is wrong; sometimes the instants "
        "are in milliseconds or in local time. They are whole seconds since 1970-01-01T00:00Z.",
        (
            "Compare your `date -u +%s` with the `Date` header of any answer (`curl -sI` is refused with 405; use "
            "`curl -si`), or with the clock in the hint.",
            "Set the clock by NTP. Do not correct for the difference in code: it drifts.",
            "Make a new assertion for each request, `iat` now and `exp` 60 seconds on, with a new `jti`. An "
            "assertion that was used is refused as well.",
        ),
    ),
    Meeting(
        "The audience is another",
        '401 `{"error": "invalid_client"}` from `/oauth/token`. Hint: `aud must be exactly the string …`.',
        "`aud` must be one string, not a list, equal to `token_endpoint` of "
        "`/.well-known/oauth-authorization-server`, letter for letter: scheme, host, port, no slash at the end. "
        "For a client that was registered with `--assertion-profile rfc10070` it is `issuer` of the same document "
        "instead. What you call may have another name than what the service calls itself, behind a proxy or by an "
        "alias.",
        (
            "`GET /.well-known/oauth-authorization-server`, and copy `token_endpoint` into `aud`.",
            "If that is no address under which you can reach the service, its operator has to set "
            "`THROUGHCARE_ISSUER`.",
        ),
    ),
    Meeting(
        "The key is not known",
        '401 `{"error": "invalid_client"}` from `/oauth/token`. Hint: `kid and alg must fit exactly one registered '
        "key`; `no live client of this id` if it is the client that is not known.",
        "The header of the assertion names a `kid` that the operator did not register for this client, or an `alg` "
        "that is not the key's: RS384 for RSA, ES384 for P-384, ES256 for P-256. Or the key was retired, or the "
        "client suspended.",
        (
            "Compare `kid` in the header with `kid` in the public JWK that you gave to the operator. It is part of "
            "the registration, and case counts.",
            "A new key: send the new public JWK to the operator, who runs `python -m app client rotate --client ID "
            "--jwk FILE`. The old one works until `client retire`.",
            "`iss` and `sub` are both the id that `client add` printed, not a name of your own.",
        ),
    ),
    Meeting(
        "The purpose is not one of the role",
        "403 `purpose_not_for_role` from a gated read. `hint` lists the purposes of your role.",
        "A purpose is a reason that the role may have under the law, whoever it is about: a judge monitors a "
        "condition, a diversion officer follows up an offer. It is refused before anything is looked up, so it "
        "says nothing of a person.",
        (
            "`GET /v1/me`: `purposes` is the whole list.",
            "If the right purpose is not there, the client has the wrong role, or you use the wrong one of several "
            "clients: a token acts in one unit and role. `assignments` of the same answer shows others.",
            "A purpose of the role that the patient did not allow is no error. It is an empty list.",
        ),
    ),
    Meeting(
        "The case was never registered",
        "200 with an empty list from a gated read: the same answer as for every other reason. In the sandbox the "
        "header `Sandbox-Hint` (`curl -i` shows it) says that the `case_id` is none of yours. When you refer, it "
        "is 422 with `case_unknown`.",
        "A `case_id` belongs to the unit that registered it. Another unit's, another client's of another unit, a "
        "docket number as you write it, or one from another instance is nobody's.",
        (
            "`POST /v1/cases` with the imposing unit and the identifier gives your own `case_id`; the same words "
            "give the same id again, so nothing has to be kept.",
            "Use it in the referral and in every read. The one that the clinic sees is the clinic's own.",
            "No hint, and still empty: see the seven things to check.",
        ),
    ),
)
