"""Who takes part (design 4a): kinds of agency, their roles, the purposes a role may state, the scopes it holds."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class AgencyKind(StrEnum):
    """What an agency is; fixes the roles its units can have."""

    POLICE = "police"
    PROSECUTOR = "prosecutor"
    COURT = "court"
    PRETRIAL = "pretrial"
    PROBATION = "probation"
    PRISON_HEALTH = "prison_health"
    CUSTODY = "custody"
    DEFENCE = "defence"
    CLINIC = "clinic"
    PRIVACY_OFFICE = "privacy_office"
    AUDITOR = "auditor"


JUSTICE: Final = frozenset(
    {
        AgencyKind.POLICE,
        AgencyKind.PROSECUTOR,
        AgencyKind.COURT,
        AgencyKind.PRETRIAL,
        AgencyKind.PROBATION,
        AgencyKind.CUSTODY,
        AgencyKind.DEFENCE,
    }
)


class Role(StrEnum):
    """The capacity in which a client of a unit acts."""

    POLICE_DIVERSION = "police_diversion"
    POLICE_OFFICER = "police_officer"
    PROSECUTOR_DEFERRING = "prosecutor_deferring"
    PROSECUTOR = "prosecutor"
    JUDGE = "judge"
    COURT_TEAM = "court_team"
    PRETRIAL_OFFICER = "pretrial_officer"
    PROBATION_OFFICER = "probation_officer"
    PAROLE_OFFICER = "parole_officer"
    PRISON_CLINICIAN = "prison_clinician"
    CUSTODY_OFFICER = "custody_officer"
    DEFENCE_COUNSEL = "defence_counsel"
    CLINICIAN = "clinician"
    CLINIC_STAFF = "clinic_staff"
    PRIVACY_OFFICER = "privacy_officer"
    AUDITOR = "auditor"


class Purpose(StrEnum):
    """Why an actor asks; stated on every gated read and recorded with it."""

    REFERRAL_COORDINATION = "referral_coordination"
    CONDITION_MONITORING = "condition_monitoring"
    DISPOSITION_PLANNING = "disposition_planning"
    PROCEEDING = "proceeding"
    RELEASE_PLANNING = "release_planning"
    DEFENCE_PREPARATION = "defence_preparation"
    TREATMENT = "treatment"
    PAYMENT = "payment"
    OPERATIONS = "operations"
    OVERSIGHT = "oversight"
    AUDIT = "audit"


class Scope(StrEnum):
    """OAuth 2.0 scopes (RFC 6749 3.3), granted by role."""

    CASES_WRITE = "cases.write"
    REFERRALS_WRITE = "referrals.write"
    REFERRALS_READ = "referrals.read"
    REPORTS_READ = "reports.read"
    PATIENTS_WRITE = "patients.write"
    REPORTS_WRITE = "reports.write"
    CONSENTS_WRITE = "consents.write"
    ACCOUNTING_READ = "accounting.read"
    ACCOUNTING_WRITE = "accounting.write"
    REGISTRY_READ = "registry.read"
    REGISTRY_WRITE = "registry.write"
    REQUESTS_WRITE = "requests.write"
    LEDGER_READ = "ledger.read"


K, R, P, S = AgencyKind, Role, Purpose, Scope
_COORDINATE, _MONITOR = P.REFERRAL_COORDINATION, P.CONDITION_MONITORING

# role -> (kind of agency, purposes it may state)
_ROLES: Final[dict[Role, tuple[AgencyKind, frozenset[Purpose]]]] = {
    R.POLICE_DIVERSION: (K.POLICE, frozenset({_COORDINATE})),
    R.POLICE_OFFICER: (K.POLICE, frozenset()),
    R.PROSECUTOR_DEFERRING: (K.PROSECUTOR, frozenset({_COORDINATE, _MONITOR})),
    R.PROSECUTOR: (K.PROSECUTOR, frozenset()),
    R.JUDGE: (K.COURT, frozenset({_COORDINATE, P.DISPOSITION_PLANNING, _MONITOR, P.PROCEEDING})),
    R.COURT_TEAM: (K.COURT, frozenset({_COORDINATE, P.DISPOSITION_PLANNING, _MONITOR, P.PROCEEDING})),
    R.PRETRIAL_OFFICER: (K.PRETRIAL, frozenset({_COORDINATE, _MONITOR})),
    R.PROBATION_OFFICER: (K.PROBATION, frozenset({_COORDINATE, _MONITOR, P.RELEASE_PLANNING})),
    R.PAROLE_OFFICER: (K.PROBATION, frozenset({_COORDINATE, _MONITOR, P.RELEASE_PLANNING})),
    R.PRISON_CLINICIAN: (K.PRISON_HEALTH, frozenset({P.TREATMENT, P.RELEASE_PLANNING})),
    R.CUSTODY_OFFICER: (K.CUSTODY, frozenset()),
    R.DEFENCE_COUNSEL: (K.DEFENCE, frozenset({P.DEFENCE_PREPARATION})),
    R.CLINICIAN: (K.CLINIC, frozenset({P.TREATMENT, P.OPERATIONS})),
    R.CLINIC_STAFF: (K.CLINIC, frozenset({P.TREATMENT, P.OPERATIONS})),
    R.PRIVACY_OFFICER: (K.PRIVACY_OFFICE, frozenset({P.OVERSIGHT})),
    R.AUDITOR: (K.AUDITOR, frozenset({P.AUDIT})),
}
KIND_OF_ROLE: Final = MappingProxyType({role: kind for role, (kind, _) in _ROLES.items()})
PURPOSES_OF_ROLE: Final = MappingProxyType({role: purposes for role, (_, purposes) in _ROLES.items()})
JUSTICE_ROLES: Final = frozenset(role for role, (kind, _) in _ROLES.items() if kind in JUSTICE)

_JUSTICE_SCOPES = frozenset(
    {S.REGISTRY_READ, S.CASES_WRITE, S.REFERRALS_WRITE, S.REFERRALS_READ, S.REPORTS_READ, S.REQUESTS_WRITE}
)
_CARE_SCOPES = frozenset(
    {S.REGISTRY_READ, S.REFERRALS_READ, S.PATIENTS_WRITE, S.REPORTS_WRITE, S.CONSENTS_WRITE, S.ACCOUNTING_READ}
    | {S.REGISTRY_WRITE, S.ACCOUNTING_WRITE}
)
_OTHER_SCOPES: Final = {
    K.CLINIC: _CARE_SCOPES,
    K.PRISON_HEALTH: frozenset(
        {S.REGISTRY_READ, S.REFERRALS_READ, S.PATIENTS_WRITE, S.CONSENTS_WRITE, S.ACCOUNTING_READ}
        | {S.REGISTRY_WRITE, S.ACCOUNTING_WRITE}
    ),
    K.PRIVACY_OFFICE: frozenset({S.REGISTRY_READ, S.ACCOUNTING_READ, S.ACCOUNTING_WRITE}),
    K.AUDITOR: frozenset({S.REGISTRY_READ, S.LEDGER_READ}),
}
SCOPES_OF_ROLE: Final = MappingProxyType(
    {role: _JUSTICE_SCOPES if kind in JUSTICE else _OTHER_SCOPES[kind] for role, (kind, _) in _ROLES.items()}
)
