"""How a unit knows a person in a case: a random reference, never made from a patient id and unmoved by merges."""

import secrets
from collections.abc import Mapping

from app.exchange.hub import Hub
from app.storage import referrals
from app.storage.database import Transaction


async def name_subject(
    tx: Transaction, hub: Hub, unit: str, case_key: str, referral: str, person: Mapping[str, str]
) -> None:
    """Mint or find the reference of the person of a referral for one unit and case.

    The issuer and the supervising units get theirs with the referral, any other recipient when a consent first names
    it. The same person in the same case keeps it, whichever referral it comes by.
    """
    index = hub.vault.blind("person", person["given_name"], person["sur_name"], person["birth_date"])
    place = {"unit_id": unit, "case_key": case_key, "person_index": index}
    await tx.run(referrals.ADD_SUBJECT_REF, ref=secrets.token_hex(16), **place)
    await tx.run(referrals.ADD_REFERRAL_SUBJECT, referral=referral, **place)
