"""The /v1 driver: the same scenario over the real application, by the calls that its people make."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from app.settings import SettingsError
from tests.scenarios.answers import dig, held_to, one_of
from tests.scenarios.cast import instant, status
from tests.scenarios.filled import filled, named_cases
from tests.scenarios.forms import form_of
from tests.scenarios.operator import operated
from tests.scenarios.reading import Step
from tests.scenarios.shelf import make_past, move_back, rewrite
from tests.scenarios.v1_bases import broken_glass, entered
from tests.scenarios.v1_stage import Stage


class Service(Stage):
    """One scenario at one instance, step by step."""

    async def play(self) -> None:
        """Arrange the world, then every step in order."""
        await self._arrange()
        for step in self.scenario.under(self.at.profile):
            where = f"{self.scenario.file}: {self.scenario.name}: step {step.id} under {self.at.profile}"
            for verb, what in step.does.items():
                if verb != "core":
                    await getattr(self, f"_{verb}")(what, step, where)

    async def _propose(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        label = what.get("label", "new")
        form = form_of({n: v for n, v in what.items() if n != "label"}, self.at.profile, self.id_of, self.now)
        answer = await self.party(what.get("by", "clinic")).post("/v1/consents", form)
        if "reject" in step.then:
            assert answer.status_code == 422, f"{where}: {answer.text[:300]}"
            found = {one["code"] for one in answer.json()["errors"]}
            assert found == set(step.then["reject"]), f"{where}: {sorted(found)}"
        else:
            self.known[label], self.forms[label] = (await must(answer, 201))["id"], form

    async def _sign(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        answer = await self._signed(what["consent"], what, self.party(what.get("by", "clinic")))
        if "reject" in step.then:
            assert answer.status_code == 422, f"{where}: {answer.text[:300]}"
            assert {one["code"] for one in answer.json()["errors"]} == set(step.then["reject"]), where
            return
        told = await must(answer, 201)
        assert told.get("still_missing", []) == list(step.then.get("missing", ())), f"{where}: {told}"

    async def _decline(self, what: str, step: Step, where: str) -> None:
        await must(await self.party("clinic").post(f"/v1/consents/{self.known[what]}/decline", None))

    async def _revoke(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        chosen = {name: what[name] for name in ("elements", "purposes", "channel") if name in what}
        if "consents" in what:
            chosen["consents"] = [self.known[one] for one in what["consents"]]
        if "recipients" in what:
            chosen["recipients"] = [self.of(one)[0] for one in what["recipients"]]
        path = f"/v1/patients/{self.known[what.get('of', 'maria')]}/revocations"
        answer = await self.party("clinic").post(path, chosen or {"all": True})
        state = step.then.get("state", "in_force")
        told = await must(answer, 202 if state == "pending" else 200)
        assert told["state"] == state, f"{where}: {told}"
        self.answers[step.id] = answer

    async def _event(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        by = what.get("by", "judge")
        body = {"code": what["code"], "occurred_at": self.id_of(what.get("occurred", "now"))}
        path = f"/v1/cases/{await self.case_of(by, what.get('case', 'X'))}/events"
        self.answers[step.id] = await self.party(by).post(path, body)
        await must(self.answers[step.id], 202)

    async def _file(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        clinic, patient = self.party("clinic"), self.known[what.get("of", "maria")]
        if "week" in what:
            today = self.now.date()
            monday = today - timedelta(days=today.weekday())
            await must(await clinic.post("/v1/treatment-statuses", status(patient, monday, **what["week"])), 201)
        elif "correct" in what:
            body = status(patient, past_mondays(1)[0], **what["correct"], supersedes=self.known["status"])
            self.known["status"] = (await must(await clinic.post("/v1/treatment-statuses", body), 201))["id"]
        else:
            await self._report(clinic, patient, what)

    async def _clock(self, what: str, step: Step, where: str) -> None:
        labels = [self.known[one] for one in self.scenario.world.consents if one in self.known]
        reached = self.base + self.ahead
        ahead = instant(what, reached if what[0] in "+-" else self.base) - reached
        move_back(self.at.url, labels, ahead)
        self.ahead += ahead

    async def _ask(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        case = await self.case_of(what["as"], what.get("case", "X"))
        purpose = what.get("purpose", "condition_monitoring")
        acting = {"Acting_User": f'"{what["person"]}"'} if "person" in what else {}
        before = self.trail.mark()
        answer = await self.party(what["as"]).get(f"/v1/cases/{case}/report?purpose={purpose}", **acting)
        self.answers[step.id] = answer
        labels = {identifier: label for label, identifier in self.known.items() if isinstance(identifier, str)}
        self.trail.check(answer, step, before, labels, where)
        held_to(answer, step, self.answers, where)

    async def _stored(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        for label, patch in what.items():
            rewrite(self.at.url, self.known[label], patch, self.now, self.id_of)

    async def _order(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        answer = await entered(self.party("clinic"), what, self.at.profile, self.id_of, self.now)
        self._kept(answer, step, where)
        if "label" in what and answer.is_success:
            self.known[what["label"]] = answer.json()["id"]

    async def _emergency(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        self._kept(await broken_glass(self.party(what["as"]), what, self.id_of), step, where)

    def _kept(self, answer: httpx.Response, step: Step, where: str) -> None:
        self.answers[step.id] = answer
        if "reject" in step.then:
            assert answer.status_code == 422, f"{where}: {answer.text[:400]}"
            assert {one["code"] for one in answer.json()["errors"]} == set(step.then["reject"]), (
                f"{where}: {answer.text}"
            )
        held_to(answer, step, self.answers, where)

    async def _operator(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        refused: Exception | None = None
        try:
            await operated(self.at.w.hub, self.at.w.settings, self._acted(what), self.parties, self.units)
        except SettingsError as error:
            refused = error
        wanted = step.then.get("refuses")
        assert (refused is not None) is (wanted is not None), f"{where}: {refused!r}"
        assert wanted is None or wanted in str(refused), f"{where}: {refused}"

    def _acted(self, what: Mapping[str, Any]) -> dict[str, Any]:
        return {act: self.id_of(on) if act == "erase" else on for act, on in what.items()}

    async def _passed(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        make_past(self.at.url, what, self.known[what["of"]])

    async def _http(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        by = what["as"]
        method, _, path = what["call"].partition(" ")
        for case in named_cases(path, what.get("body")):
            self.known[f"case:{case}"] = await self.case_of(by, case)
        path, body = filled(path, self.id_of), filled(what.get("body"), self.id_of)
        answer = await self.party(by).call(method, path, body, **what.get("headers", {}))
        self.answers[step.id] = answer
        held_to(answer, step, self.answers, where)
        self.known |= one_of(answer, filled(step.then.get("last"), self.id_of), where)
        for name, at in step.then.get("save", {}).items():
            self.known[name] = dig(answer.json(), at)
