"""Assessments: file and correct. Bands are derived now, by the published cut-offs; item answers are not taken."""

from typing import Any, Final

from pydantic import TypeAdapter

from app.errors import Flaw, Invalid
from app.exchange.authenticate import Caller
from app.exchange.filing import add_row, mark_news, readers_of
from app.exchange.hub import Hub
from app.exchange.identified import guarded
from app.exchange.statuses import filing_of, hold_patient, restricted_to, store, superseded
from app.exchange.withdrawals import live_rows, withdraw
from app.messages.assessment import Assessment, AssessmentPurpose, flaws_of_assessment
from app.messages.derive import of_assessment
from app.storage import messages
from app.storage.database import Transaction
from app.vocabulary import MessageKind
from app.vocabulary.calendar import day_of

WORDS: Final = TypeAdapter(Assessment)


async def file(hub: Hub, caller: Caller, assessment: Assessment, tx: Transaction) -> dict[str, Any]:
    """File an assessment of one of the clinic's own patients; ``supersedes`` corrects an earlier one whole."""
    guard = await guarded(hub, caller, MessageKind.ASSESSMENT, assessment.identifier, (WORDS, assessment), tx)
    if guard.first is not None:
        return guard.first
    await hold_patient(tx, caller.unit, assessment.patient_id)
    now = await tx.now()
    case_keys, flaws = await restricted_to(tx, caller.unit, assessment.patient_id, assessment.cases)
    flaws += flaws_of_assessment(assessment, day_of(now))
    kind = MessageKind.ASSESSMENT
    old = await superseded(tx, caller.unit, assessment.patient_id, assessment.supersedes, kind, flaws)
    flaws += _switched(hub, assessment, old)
    if flaws:
        raise Invalid(tuple(flaws))
    before = await live_rows(tx, caller.unit, assessment.patient_id) if old is not None else ()
    filing = await filing_of(tx, hub, caller.unit, assessment.patient_id, kind, now)
    day = assessment.assessed_on.toordinal()
    await store(tx, filing, assessment, case_keys, (day, day, 0), guard.blind)
    if old is not None:
        await tx.run(messages.SUPERSEDE, message=old["id"], by=filing.message)
        await tx.run(messages.BURY_MESSAGE, patient=assessment.patient_id, message=old["id"])
    for case_key in sorted(case_keys) or [""]:
        for stated in of_assessment(assessment):
            await add_row(tx, filing, stated, case_key, live=True)
    await mark_news(tx, assessment.patient_id)
    if old is not None:
        await tx.narrow(await readers_of(tx, assessment.patient_id))
        await withdraw(tx, hub, caller.unit, assessment.patient_id, old, before)
    return {"id": filing.message, "patient_id": assessment.patient_id}


def _switched(hub: Hub, assessment: Assessment, old: Any) -> list[Flaw]:
    """A correction that would make evidence of treatment, or treatment of evidence."""
    if old is None:
        return []
    stored: Any = hub.vault.open(old["sealed"], assessment.patient_id, old["id"], "message")
    was = AssessmentPurpose(stored["words"]["purpose"])
    evidence = AssessmentPurpose.EVIDENCE_ONLY
    if was is assessment.purpose or evidence not in (was, assessment.purpose):
        return []
    detail = "An assessment made as evidence only, or not, stays so: file a new one for another purpose."
    return [Flaw("/purpose", "purpose_switched", detail, "42 CFR 2.12(e)(4)(i)")]
