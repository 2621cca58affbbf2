"""The fictional sandbox: agencies, units and clients with fixed ids. No real person or office is meant."""

from dataclasses import dataclass
from typing import Final

from app.vocabulary import AgencyKind as K
from app.vocabulary import Role as R


@dataclass(frozen=True, slots=True)
class SeedUnit:
    """A unit and the roles of its clients: one client a role."""

    id: str
    name: str
    roles: tuple[R, ...]
    alias: str = "A treatment provider"
    services: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en", "es")


@dataclass(frozen=True, slots=True)
class SeedAgency:
    """An agency with its units."""

    id: str
    kind: K
    name: str
    units: tuple[SeedUnit, ...]


_CARE: Final = ("assessment", "outpatient", "intensive_outpatient", "medication")
AGENCIES: Final = (
    SeedAgency(
        "a-police",
        K.POLICE,
        "Port Ellery Police",
        (
            SeedUnit("u-police-diversion", "Diversion Unit", (R.POLICE_DIVERSION,)),
            SeedUnit("u-police-patrol", "Patrol Unit", (R.POLICE_OFFICER,)),
        ),
    ),
    SeedAgency(
        "a-prosecutor",
        K.PROSECUTOR,
        "Ellery County Prosecutor",
        (SeedUnit("u-prosecutor", "Charging Division", (R.PROSECUTOR_DEFERRING, R.PROSECUTOR)),),
    ),
    SeedAgency(
        "a-court",
        K.COURT,
        "Ellery Superior Court",
        (
            SeedUnit("u-court-treatment", "Treatment Court Part", (R.JUDGE, R.COURT_TEAM)),
            SeedUnit("u-court-family", "Family Part", (R.JUDGE,)),
        ),
    ),
    SeedAgency(
        "a-pretrial",
        K.PRETRIAL,
        "Ellery Pretrial Services",
        (SeedUnit("u-pretrial", "Supervision", (R.PRETRIAL_OFFICER,)),),
    ),
    SeedAgency(
        "a-probation",
        K.PROBATION,
        "Ellery Probation",
        (
            SeedUnit("u-probation-adult", "Adult Unit", (R.PROBATION_OFFICER, R.PAROLE_OFFICER)),
            SeedUnit("u-probation-juvenile", "Juvenile Unit", (R.PROBATION_OFFICER,)),
        ),
    ),
    SeedAgency(
        "a-prison-health",
        K.PRISON_HEALTH,
        "Ellery Prison Health",
        (SeedUnit("u-prison-health", "Medical Wing", (R.PRISON_CLINICIAN,), services=("medication",)),),
    ),
    SeedAgency(
        "a-custody",
        K.CUSTODY,
        "Ellery County Jail",
        (SeedUnit("u-custody", "Custody", (R.CUSTODY_OFFICER,)),),
    ),
    SeedAgency(
        "a-defence",
        K.DEFENCE,
        "Ellery Public Defender",
        (SeedUnit("u-defence", "Felony Team", (R.DEFENCE_COUNSEL,)),),
    ),
    SeedAgency(
        "a-clinic-harbor",
        K.CLINIC,
        "Harbor Clinic",
        (
            SeedUnit(
                "u-clinic-harbor",
                "Harbor Clinic",
                (R.CLINICIAN, R.CLINIC_STAFF),
                "Treatment provider A",
                _CARE,
            ),
        ),
    ),
    SeedAgency(
        "a-clinic-hillside",
        K.CLINIC,
        "Hillside Recovery",
        (
            SeedUnit(
                "u-clinic-hillside",
                "Hillside Recovery",
                (R.CLINICIAN, R.CLINIC_STAFF),
                "Treatment provider B",
                ("residential", "withdrawal_management", "aftercare"),
            ),
        ),
    ),
    SeedAgency("a-auditor", K.AUDITOR, "Ellery Audit Office", (SeedUnit("u-auditor", "Audit", (R.AUDITOR,)),)),
    SeedAgency(
        "a-privacy",
        K.PRIVACY_OFFICE,
        "Ellery Privacy Office",
        (SeedUnit("u-privacy", "Privacy Office", (R.PRIVACY_OFFICER,)),),
    ),
)
APPOINTMENTS: Final = (("u-privacy", "u-clinic-harbor"), ("u-privacy", "u-clinic-hillside"))


def client_id(unit: SeedUnit, role: R) -> str:
    """The fixed id of the sandbox client of a unit's role."""
    return f"c-{unit.id.removeprefix('u-')}-{role.value.replace('_', '-')}"
