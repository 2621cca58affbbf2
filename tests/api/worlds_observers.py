"""What observers do after each step: every route that they can reach, by every means that they have.

A look is a list of requests that depends on the observer's own earlier answers alone, so that both worlds are asked the
same as long as they answer the same.
"""

import json
import random
from typing import Any, Final

from app.vocabulary import PURPOSES_OF_ROLE, Purpose
from tests.api.worlds_clinic import MARIA
from tests.api.worlds_http import Answered, Asked
from tests.api.worlds_scene import UNKNOWN, Scene, token_request

GATED: Final = ("assessments", "treatment-statuses")
ROBIN: Final = {"given_name": "Robin", "sur_name": "Example", "birth_date": "1990-01-31"}
_PURPOSES: Final = [purpose.value for purpose in Purpose]


class Observer:
    """One client in one world: what it asks, what it was answered, and what it remembers of it."""

    def __init__(self, scene: Scene, who: str) -> None:
        self.scene = scene
        self.who = who
        self.unit: str = scene.clients[who]["unit_id"]
        self.seen: list[tuple[Asked, Answered]] = []
        self.own: list[str] = []
        """Ids of referrals that its own list has told it."""
        self._etags: dict[str, str] = {}
        self._stood: str | None = None
        self._posted: tuple[str, bytes] | None = None
        self.mine = [scene.kept[f"{name} of {who}"] for name in ("court case", "diversion") if who in scene.justice]
        self.purposes = sorted(purpose.value for purpose in PURPOSES_OF_ROLE[scene.role(who)])
        self.usual = "condition_monitoring" if "condition_monitoring" in self.purposes else "referral_coordination"

    async def get(self, label: str, target: str, method: str = "GET", **headers: str) -> Answered:
        """Ask, and keep the answer; ``headers`` with underscores for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._ask(Asked(self.who, label, method, target, b"", named))

    async def send(self, label: str, target: str, body: Any, method: str = "POST", **headers: str) -> Answered:
        """Send JSON (or bytes as they are), and keep the answer."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._ask(Asked(self.who, label, method, target, content, named))

    async def _ask(self, asked: Asked) -> Answered:
        answered = await self.scene.ask(asked)
        self.seen.append((asked, answered))
        if asked.method == "GET" and answered.header("etag") is not None:
            self._etags[asked.target] = answered.header("etag") or ""
        return answered

    async def glance(self, chance: random.Random) -> None:
        """What a clerk does every day: the list, the newest referral, the cases for a purpose."""
        listed = await self.get("list", "/v1/referrals")
        if listed.status == 200:  # and not 429
            self.own = [item["id"] for item in listed.json()["items"]]
        for number, referral in enumerate(self.own[:2]):
            purpose = self.usual if number == 0 else chance.choice(self.purposes or _PURPOSES)
            await self.get(f"own {number} {purpose}", f"/v1/referrals/{referral}?purpose={purpose}")
        for number, case_id in enumerate(self.mine):
            for kind in GATED:
                purpose = self.usual if number == 0 else chance.choice(self.purposes or _PURPOSES)
                await self.get(f"{kind} {number} {purpose}", _gated(kind, case_id, purpose))
        if self.mine:
            await self._newer()

    async def look(self, chance: random.Random) -> None:
        """Everything: the registry, tokens, cases, referrals, gated reads, and what others have."""
        await self.registry()
        await self.tokens()
        if self.mine:
            await self.cases(chance)
            await self.sending(chance)
            await self.reading(chance)
            await self.at_scale(chance)
            await self.news(chance)
            await self.bells(chance)
            await self.wishes()
        await self.lists()
        await self.own_referrals()
        await self.cancelling()

    async def registry(self) -> None:
        """Public facts."""
        for path in ("me", "units", "units?kind=clinic&service=outpatient", "units?kind=nothing", "vocabulary"):
            await self.get(path, f"/v1/{path}")
        for path in ("units?language=es", "units/u-clinic-harbor", "units/u-nobody"):
            await self.get(path, f"/v1/{path}")
        for path in ("/healthz", "/readyz", "/.well-known/oauth-authorization-server", "/.well-known/jwks.json"):
            await self.get(path, path)

    async def tokens(self) -> None:
        """The token endpoint, with the right secret and the wrong one."""
        secret = self.scene.clients[self.who]["client_secret"]
        wrong = token_request(self.who, "0" * 64)
        for asked in (token_request(self.who, secret), wrong, token_request(self.who, secret, scope="reports.write")):
            await self._ask(asked)
        await self.get("no token", "/v1/me", Authorization="")
        await self.get("bad token", "/v1/me", Authorization="Bearer 0.0.0")

    async def cases(self, chance: random.Random) -> None:
        """Register again, in another spelling; aliases and events of cases that it does and does not impose."""
        own = {"imposing_unit": "u-court-treatment", "identifiers": [{"type": "docket", "value": " cr-2026-0417 "}]}
        await self.send("again", "/v1/cases", own)
        another = await self.send("another", "/v1/cases", own | {"identifiers": [{"type": "tracking", "value": "T-1"}]})
        await self.send("neighbour's", "/v1/cases", own | {"imposing_unit": "u-county-court"})
        await self.send("bad case", "/v1/cases", {"imposing_unit": "u-clinic-harbor", "identifiers": []})
        event = {"code": "treatment_ended", "occurred_at": "2026-01-05T10:00:00Z"}
        for label, case_id in (("own", self.mine[0]), ("unknown", UNKNOWN)):
            alias = {"type": "supervision", "value": f"S-{chance.randint(1, 3)}"}
            await self.send(f"alias {label}", f"/v1/cases/{case_id}/identifiers", alias)
            await self.send(f"event {label}", f"/v1/cases/{case_id}/events", event)
            joined = event | {"code": "joined", "with": self.mine[-1]}
            await self.send(f"joined {label}", f"/v1/cases/{case_id}/events", joined)
        for case_id in (another.json().get("case_id", UNKNOWN), UNKNOWN):  # not where it reads: it would read no more
            await self.send("assign", f"/v1/cases/{case_id}/assignments", {"staff_id": f"o-{chance.randint(1, 3)}"})
            await self.send("leave", f"/v1/cases/{case_id}/assignments/ending", {})
            handed = event | {"code": "transferred", "to_unit": "u-court-family"}
            await self.send("hand over", f"/v1/cases/{case_id}/events", handed)

    async def sending(self, chance: random.Random) -> None:
        """Referrals of its own: new, replayed, replayed with other words, malformed."""
        body = {
            "recipient": chance.choice(["u-clinic-harbor", "u-clinic-hillside"]),
            "case_id": chance.choice(self.mine),
            "stage": "trial",
            "person": chance.choice([MARIA, ROBIN]),
            "conditions": {"service_asked": "outpatient"},
        }
        key = f"k{chance.randint(0, 9)}"
        await self.send("refer", "/v1/referrals", body, Idempotency_Key=key)
        await self.send("replay", "/v1/referrals", body, Idempotency_Key=key)
        await self.send("other words", "/v1/referrals", body | {"urgency": "urgent"}, Idempotency_Key=key)
        await self.send("unknown case", "/v1/referrals", body | {"case_id": UNKNOWN})
        await self.send("malformed", "/v1/referrals", b'{"recipient": "u-clinic-harbor", "recipient": ')
        await self.send("unknown field", "/v1/referrals", body | {"total": 1})

    async def reading(self, chance: random.Random) -> None:
        """Gated reads: every purpose, by referral, by page to the end, conditional, with a bad cursor, HEAD."""
        for kind in GATED:
            for number, case_id in enumerate(self.mine):
                for purpose in _PURPOSES if number == 0 else self.purposes:
                    await self.get(f"{kind} {number} {purpose}", _gated(kind, case_id, purpose), Acting_User='"ofc-12"')
            purpose = chance.choice([self.usual, *self.purposes])
            path = _gated(kind, self.mine[0], purpose)
            for label, named in (("own", self.own[0] if self.own else UNKNOWN), ("none", UNKNOWN)):
                await self.get(f"by {label}", f"{path}&referral={named}")
            await self.page(f"pages of {kind}", f"{path}&limit=1")
            await self.get("if changed", path, If_None_Match=self._etags.get(path, '"none"'))
            await self.get("bad cursor", f"{path}&after=00ff")
            await self.get("unknown case", _gated(kind, UNKNOWN, purpose))
            await self.get("no purpose", f"/v1/{kind}?case={self.mine[0]}")
            await self.get("unknown parameter", f"{path}&elements=all")
            await self.get("head", path, "HEAD")

    async def at_scale(self, chance: random.Random) -> None:
        """Search and report: every purpose, unknown cases among its own, conditional, printed, and malformed."""
        for kind in GATED:
            for purpose in self.purposes or _PURPOSES[:1]:
                cases = chance.sample([*self.mine, UNKNOWN], 1 + len(self.mine))
                body = {"cases": cases, "purpose": purpose, "windows": chance.choice([1, 20])}
                await self.send(f"search {kind} {purpose}", f"/v1/{kind}/search", body)
            await self.send(
                f"search {kind} twice", f"/v1/{kind}/search", {"cases": [UNKNOWN] * 2, "purpose": self.usual}
            )
        for number, case_id in enumerate([*self.mine, UNKNOWN]):
            for purpose in _PURPOSES if number == 0 else self.purposes:
                path = f"/v1/cases/{case_id}/report?purpose={purpose}"
                await self.get(f"report {number} {purpose}", path)
                await self.get(f"report {number} {purpose} again", path, If_None_Match=self._etags.get(path, '"none"'))
                await self.get(f"print {number} {purpose}", path + "&format=html&windows=3")

    async def news(self, chance: random.Random) -> None:
        """Its feed: from where it stood, from the beginning by page, from a place of nobody."""
        await self._newer()
        following = ""
        for number in range(chance.randint(1, 3)):
            page = await self.get(f"news {number}", f"/v1/events?limit=1{following}")
            following = f"&after={page.json()['next']}" if page.status == 200 else ""
        await self.get("news of nobody", "/v1/events?after=00ff")

    async def bells(self, chance: random.Random) -> None:
        """Webhooks of its own: one more, listed, one ended, twice; a URL that nobody may ring."""
        added = await self.send("bell", "/v1/webhooks", {"url": "http://127.0.0.1:9/"})
        await self.send("bell elsewhere", "/v1/webhooks", {"url": chance.choice(["https://10.0.0.1/", "ftp://a/"])})
        listed = (await self.get("bells", "/v1/webhooks")).json().get("items", [])
        mine = [one["id"] for one in listed[-1:]] if added.status == 201 else []
        for identifier in [*mine * 2, UNKNOWN]:
            await self.get("end a bell", f"/v1/webhooks/{identifier}", "DELETE")

    async def _newer(self) -> None:
        stood = f"?after={self._stood}" if self._stood is not None else ""
        answered = await self.get("news", f"/v1/events{stood}")
        self._stood = answered.json().get("next", self._stood) if answered.status == 200 else self._stood

    async def wishes(self) -> None:
        """That the clinic ask for a consent: of its own newest referral twice, of nobody's, for a purpose of others."""
        for label, referral in (("own", self.own[0] if self.own else UNKNOWN), ("unknown", UNKNOWN)):
            for purpose in (self.usual, self.usual, "treatment"):
                body = {"referral_id": referral, "purpose": purpose}
                await self.send(f"wish {label} {purpose}", "/v1/consent-requests", body)

    async def lists(self) -> None:
        """Its own list: filtered, by page to the end, with a cursor of another list."""
        await self.page("pages of wishes", "/v1/consent-requests?limit=1")  # a clinic's; for justice there is none
        for status in ("sent", "cancelled", "accepted"):
            await self.get(status, f"/v1/referrals?status={status}")
        await self.page("pages of referrals", "/v1/referrals?limit=1")
        await self.get("bad cursor", "/v1/referrals?after=00ff")
        await self.get("received", "/v1/referrals?direction=received")

    async def own_referrals(self) -> None:
        """Each of its referrals for every purpose, then the first one amended and the last one cancelled, twice."""
        for number, referral in enumerate(self.own[:1]):
            path = f"/v1/referrals/{referral}"
            for purpose in _PURPOSES:
                await self.get(f"own {number} {purpose}", f"{path}?purpose={purpose}")
            await self.get(f"own {number} if changed", path, If_None_Match=self._etags.get(path, '"none"'))
        for label, referral in (("own", self.own[0] if self.own else UNKNOWN), ("unknown", UNKNOWN)):
            asked = {"service_asked": "outpatient", "attendance_threshold": 1 + len(self.seen) % 3}
            body = {"conditions": asked, "urgency": "soon" if len(self.seen) % 2 else "urgent"}
            await self.send(f"amend {label}", f"/v1/referrals/{referral}/amendments", body)
        for referral in [*self.own[2:][-1:], UNKNOWN]:
            for _ in range(2):
                await self.get("cancel", f"/v1/referrals/{referral}/cancellation", "POST")

    async def cancelling(self) -> None:
        """A referral to which nobody was told an answer, cancelled twice: one court's own, unknown to others."""
        path = f"/v1/referrals/{self.scene.kept['quiet referral']}"
        for label, target in (("once", "/cancellation"), ("twice", "/cancellation")):
            await self.get(f"cancel {label}", path + target, "POST")
        await self.get("cancelled", path)

    async def page(self, label: str, target: str) -> None:
        """Every page to the end."""
        following: str | None = ""
        number = 0
        while following is not None and number < 100:
            answered = await self.get(f"{label} {number}", target + (f"&after={following}" if following else ""))
            following = answered.json().get("next") if answered.status == 200 else None
            number += 1


def _gated(kind: str, case_id: str, purpose: str) -> str:
    return f"/v1/{kind}?case={case_id}&purpose={purpose}"
