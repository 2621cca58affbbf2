"""What the corpus must show: the numbered cases of domain rules 6, and every test that sections 1 to 3 ask for."""

from types import MappingProxyType
from typing import Final

CASES: Final = range(1, 88)
TRAPS: Final = MappingProxyType(
    {
        "receipts_are_identical": "1.1",
        "evidence_only_is_never_switched": "1.1",
        "general_designation_not_for_justice": "1.1",
        "notice_cannot_be_stripped": "1.1",
        "proceedings_and_notes_stand_alone": "1.2",
        "tpo_never_reaches_justice": "1.2",
        "corrupt_row_denies": "1.3",
        "notice_and_scope_everywhere": "1.4",
        "redisclosure_rule_is_stored": "1.5",
        "revocation_waits_for_its_clock": "1.6",
        "police_outside_2_35": "1.6",
        "five_refusals_alike": "1.7",
        "eighteenth_birthday": "1.8",
        "impaired_not_adjudicated": "1.9",
        "delivery_after_revocation_is_an_incident": "1.10",
        "no_notice_no_activation": "1.11",
        "restriction_subtracts": "1.12",
        "ledger_is_the_accounting": "1.13",
        "custody_breaks_no_glass": "1.14",
        "order_for_testing_only": "1.15",
        "state_rule_is_stricter_only": "1.16",
        "revoking_is_as_easy_as_giving": "2.1 GDPR 7",
        "agreement_needs_a_lawful_basis": "2.1 recital 43",
        "purpose_mismatch_denies": "2.1 GDPR 5",
        "rule_needs_article_9": "2.1 GDPR 6, 9",
        "offence_text_has_no_place": "2.1 GDPR 10",
        "accounting_names_units": "2.1 GDPR 15",
        "correction_reaches_past_recipients": "2.1 GDPR 16, 19",
        "restricted_element_vanishes": "2.1 GDPR 18",
        "no_automatic_finding_of_violation": "2.1 GDPR 22",
        "no_start_without_dpia": "2.1 GDPR 35",
        "epistemic_mark_required": "2.2",
        "every_route_is_one_of_six": "2.2",
        "erasure_leaves_the_chain": "2.4",
        "three_profiles_three_matrices": "2.5",
        "refused_is_never_asked": "3.3",
        "never_cells_stay_empty": "3.4",
    }
)
"""Name -> where domain rules ask for it."""
