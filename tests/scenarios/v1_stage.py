"""The world of a scenario over the API: made by the calls that its people make, arranged by SQL where no call can."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from app.vocabulary import Role
from tests.scenarios.cast import BIRTH, actor, assessment, instant, referral, signing, status
from tests.scenarios.core_forms import signed_with
from tests.scenarios.forms import form_of
from tests.scenarios.place import Place
from tests.scenarios.reading import Scenario
from tests.scenarios.shelf import rewrite
from tests.scenarios.zones import born

WEEKS: Final = 8


class Stage:
    """What one scenario has at one instance, and what it knows everything by."""

    def __init__(self, scenario: Scenario, at: Place) -> None:
        self.scenario = scenario
        self.at = at
        self.own = at.fresh()
        self.parties: dict[str, Party] = {}
        self.units: dict[str, tuple[str, Role]] = {}
        self.known: dict[str, Any] = {"first week": past_mondays(WEEKS)[0].isoformat()}
        self.cases: dict[tuple[str, str], str] = {}
        self.answers: dict[str, httpx.Response] = {}
        self.forms: dict[str, dict[str, Any]] = {}
        self.trail = at.trail
        self.base, self.ahead = self.now, timedelta(0)

    @property
    def now(self) -> datetime:
        """By this machine's clock; what is to be long ago is moved back where it is stored."""
        return datetime.now(UTC)

    def party(self, name: str) -> Party:
        """Of this scenario or of the sandbox."""
        return self.parties[name] if name in self.parties else self.at.party(name)

    def of(self, name: str) -> tuple[str, Role]:
        """Unit and role."""
        return self.units[name] if name in self.units else actor(name)

    def id_of(self, name: str) -> Any:
        """What the service knows a scenario's name by."""
        if name.startswith("name of "):
            return f"{self._given(name.removeprefix('name of '))} Lopez{self.own}"
        if name.startswith("unit of "):
            return self.of(name.removeprefix("unit of "))[0]
        if name == "surname":
            return f"Lopez{self.own}"
        if name in self.known:
            return self.known[name]
        if name in self.units:
            return self.units[name][0]
        if any(
            isinstance(what, dict) and what.get("label") == name
            for one in self.scenario.steps
            for what in one.does.values()
        ):
            return "0" * 32  # what another profile refused to make
        if name.startswith("day "):
            return instant(name.removeprefix("day "), self.now).date().isoformat()
        return instant(name, self.now).replace(microsecond=0).isoformat()

    def _given(self, person: str) -> str:
        return str(self.scenario.world.people.get(person, {}).get("given", person.title()))

    def words_of(self, person: str) -> dict[str, str]:
        """The person as everybody names them; ``as`` says that two are of one name and birth date."""
        spec = self.scenario.world.people.get(person, {})
        twin = spec.get("as", person)
        return {
            "given_name": self._given(twin),
            "sur_name": f"Lopez{self.own}",
            "birth_date": born(spec.get("born", BIRTH), self.base),
        }

    def _record_of(self, person: str) -> dict[str, str]:
        """With a record number that says that nobody real is meant (``exchange/synthetic.py``)."""
        return self.words_of(person) | {"local_id": f"TEST-{self.own}-{person}"}

    async def case_of(self, name: str, case: str) -> str:
        """The case as this client knows it; whoever asks registers it first, known or not."""
        unit = self.of(name)[0]
        if (unit, case) not in self.cases:
            by: Mapping[str, Any] = next(
                (one for one in self.scenario.world.referrals.values() if one.get("case", "X") == case), {}
            )
            imposing = self.of(by.get("imposing", by.get("by", "judge")))[0]
            number = f"CR-{self.own}-{case}"
            self.cases[unit, case] = await steps.register_case(self.party(name), imposing, "docket", number)
        return self.cases[unit, case]

    async def _arrange(self) -> None:
        world = self.scenario.world
        for name, spec in world.units.items():
            joined = self.of(spec["in"])[0] if "in" in spec else None
            overlay = spec.get("overlay", {}).get(self.at.profile)
            profile = f"{spec.get('profile', self.at.profile)}@1" + (f"+{overlay}" if overlay else "")
            unit, self.parties[name] = await self.at.another(spec["like"], joined, profile)
            self.units[name] = (unit, actor(spec["like"])[1])
        referrals = world.referrals or {"R": {}}
        for label, spec in referrals.items():
            await self._refer(label, spec)
        for label, spec in world.consents.items():
            await self._give(label, spec)

    async def _refer(self, label: str, spec: Mapping[str, Any]) -> None:
        """Refer, add the patient, match and answer; the first referral of a person also brings the usual reports."""
        by, to, person = spec.get("by", "judge"), spec.get("to", "clinic"), spec.get("of", "maria")
        words = {name: value for name, value in spec.items() if name not in ("by", "to", "of", "case", "imposing")}
        case, clinic = await self.case_of(by, spec.get("case", "X")), self.party(to)
        body = {name: value for name, value in (referral(self.now) | words).items() if value is not None}
        sent = await steps.refer(self.party(by), self.of(to)[0], case, self.words_of(person), **body)
        self.known[label] = sent["id"]
        new = person not in self.known
        if new:
            self.known[person] = await steps.add_patient(clinic, self._record_of(person))
        await steps.match(clinic, sent["id"], self.known[person])
        filed = self.scenario.world.filed
        site = {"start": self.id_of("+7d"), "site": "Site 1"}
        answered = filed.get("response", {"decision": "accepted", "appointment": site})
        if answered:
            await must(await clinic.post(f"/v1/referrals/{sent['id']}/response", answered), 201)
        if new:
            await self._report(clinic, self.known[person], filed)

    async def _report(self, clinic: Party, patient: str, filed: Mapping[str, Any]) -> None:
        if filed.get("status", {}) is not None:
            for monday in past_mondays(2):
                body = status(patient, monday, **filed.get("status", {}))
                told = await must(await clinic.post("/v1/treatment-statuses", body), 201)
                self.known["status"] = told["id"]
        if filed.get("assessment", {}) is not None:
            body = assessment(patient, **filed.get("assessment", {}))
            self.known["assessment"] = (await must(await clinic.post("/v1/assessments", body), 201))["id"]

    async def _give(self, label: str, spec: Mapping[str, Any]) -> None:
        plain = {name: value for name, value in spec.items() if name not in ("stored", "signing")}
        form = form_of(plain, self.at.profile, self.id_of, self.now)
        clinic = self.party(spec.get("by", "clinic"))
        self.known[label] = (await must(await clinic.post("/v1/consents", form), 201))["id"]
        self.forms[label] = form
        signed = await self._signed(label, spec.get("signing", {}), clinic)
        assert (await must(signed, 201))["state"] == "active", f"{self.scenario.name}: {label}: {signed.text[:300]}"
        if "stored" in spec:
            rewrite(self.at.url, self.known[label], spec["stored"], self.now, self.id_of)

    async def _signed(self, label: str, changes: Mapping[str, Any], clinic: Party) -> httpx.Response:
        form = self.forms[label]
        usual = signing(self.now, form["subject"]["name_on_form"], form.get("language", "en"))
        body = signed_with(usual, changes, self.now)
        return await clinic.post(f"/v1/consents/{self.known[label]}/signatures", body)
