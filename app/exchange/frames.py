"""The frames of referrals: a threshold and a grid of windows each. An amendment makes a new one and changes none.

Windows are derived for every frame a referral ever had, since a consent keeps the one that it froze when it was signed.
"""

from collections.abc import Collection, Sequence
from typing import Any

from app.exchange import keys
from app.exchange.filing import Filing, derive_windows
from app.exchange.hub import Hub
from app.exchange.reported import Told, told
from app.storage import referrals
from app.storage.database import Reader, Row, Transaction
from app.vocabulary import MessageKind
from app.vocabulary.calendar import Frame


async def frames_of(reader: Reader, unit: str, patient: str) -> list[tuple[str, str]]:
    """(case key, frame key) of every frame of the referrals of this patient's records at this clinic."""
    rows = await reader.all(referrals.FRAMES, patient=patient, unit=unit)
    return sorted((row["case_key"], row["scope"]) for row in rows)


def newest(hub: Hub, referral: Row) -> str:
    """The key of the frame that a consent signed now freezes: that of the referral's words as they stand."""
    stored: Any = hub.vault.open(referral["sealed"], "referral", referral["id"])
    return Frame.parse(stored.get("scope", referral["scope"])).key


async def derive(
    tx: Transaction, hub: Hub, unit: str, patient: str, touched: range, known: Sequence[Told] | None = None
) -> None:
    """Derive again, in every frame, the windows that ``touched`` (day ordinals) meets.

    ``known`` is all that is in force about the patient, if the caller has opened it.
    """
    known = await told(tx, hub, unit, patient) if known is None else known
    filing = await _derived(tx, hub, unit, patient)
    for case_key, scope in await frames_of(tx, unit, patient):
        await derive_windows(tx, hub, filing, scope, case_key, touched, known)


async def derive_all(tx: Transaction, hub: Hub, unit: str, patient: str, named: Collection[str]) -> None:
    """Derive every window of every frame of these referrals."""
    known, filing = await told(tx, hub, unit, patient), await _derived(tx, hub, unit, patient)
    for case_key, scope in await frames_of(tx, unit, patient):
        if Frame.parse(scope).referral in named:
            await derive_windows(tx, hub, filing, scope, case_key, None, known)


async def complete(tx: Transaction, hub: Hub, unit: str, patient: str, referral: Row) -> None:
    """Derive all windows of the newest frame of an amended referral: its earlier weeks were filed before it.

    It is done when the clinic acts on the consent that will freeze it, never when the sender amends: how long that took
    would tell the sender whether the clinic knows the person and how much it has filed.
    """
    scope = newest(hub, referral)
    if scope != referral["scope"]:
        known, filing = await told(tx, hub, unit, patient), await _derived(tx, hub, unit, patient)
        await derive_windows(tx, hub, filing, scope, referral["case_key"], None, known)


async def _derived(tx: Transaction, hub: Hub, unit: str, patient: str) -> Filing:
    """What is derived now; each row names the message that it follows from."""
    key = await keys.of(tx, hub, patient)
    return Filing("", patient, unit, MessageKind.TREATMENT_STATUS, await tx.now(), key)
