"""When a code about court orders, emergencies and notices comes, and what to do."""

from types import MappingProxyType
from typing import Final

BASES: Final = MappingProxyType(
    {
        "order_not_of_patient": (
            "The order names a referral that is not one of this patient to your clinic.",
            "Match the referral first. An order about somebody else opens nothing here.",
        ),
        "order_not_of_court": (
            "The unit that is to receive is no registered court.",
            "See `GET /v1/units?kind=court`.",
        ),
        "order_ref_missing": ("The court's number of the order is blank.", "Copy it from the first page."),
        "order_type_not_admitted": (
            "The profile of your clinic knows no order of this type, or none at all.",
            "Under us-42cfr2 it is 2.64, 2.65 or 2.66, under eu-gdpr-led national_law. Ask counsel.",
        ),
        "order_research_or_audit": (
            "The records are held for research or audit.",
            "No order reaches them. Ask counsel.",
        ),
        "order_findings_missing": (
            "The order does not record the findings that its section asks the court to make.",
            "Do not disclose. Ask counsel to have the order completed.",
        ),
        "order_notice_missing": (
            "Patient or holder had no notice and chance to answer.",
            "Do not disclose. Ask counsel to be heard.",
        ),
        "order_scope_empty": ("No element is named.", "Name what the order lets you disclose, and nothing beside it."),
        "order_scope_wildcard": ("An order to everything.", "Name each essential part; ask counsel about the rest."),
        "order_confidential_ground_missing": (
            "The order reaches what the patient said in confidence and names no ground of 42 CFR 2.63(a).",
            "Do not disclose. Ask counsel.",
        ),
        "order_confidential_not_covered": (
            "The element holds what the patient said in treatment, and the order does not cover that expressly.",
            "Leave it out, or enter `covers_confidential_communications` with its ground if the order says so.",
        ),
        "order_notes_not_admitted": (
            "The profile never lets counselling notes leave for a court.",
            "Leave them out. The operator switches on `counselling_notes_to_justice` where the law allows it.",
        ),
        "order_persons_missing": (
            "The order names nobody.",
            "Name the role at the court, and the person if it says so.",
        ),
        "order_role_not_of_court": ("A person on the order is of no court role.", "judge or court_team."),
        "order_dates_reversed": ("The order ends before it begins.", "Compare the two days with the order."),
        "order_expired": ("The order has ended.", "Nothing may leave under it. Ask for a new one."),
        "order_not_waiting": ("The order has its mandate, or is over.", "`GET /v1/court-orders/{order_id}`."),
        "order_not_compelled": (
            "The order came without a subpoena or similar mandate: it authorises and does not compel.",
            "Enter the mandate with `POST /v1/court-orders/{order_id}/mandate`, or refuse.",
        ),
        "order_decided": (
            "The order was decided or is over.",
            "`GET /v1/court-orders/{order_id}` shows what became of it.",
        ),
        "order_not_in_force": (
            "Between entry and decision something changed: the order ended, the referral or the profile.",
            "Read `errors`; enter the order anew if it still stands.",
        ),
        "vacated_in_future": ("The day on which it was vacated lies ahead.", "Leave it to `valid_to`, or wait."),
        "role_not_allowed": (
            "The role may not do this, whomever it is about: an emergency is asked for by a clinician.",
            "Custody and police staff call prison health or an ambulance.",
        ),
        "emergency_not_treatment": ("The purpose is not treatment.", "There is no emergency for another purpose."),
        "emergency_receiver_missing": (
            "Who receives, or at which facility, is blank.",
            "Write both; nothing leaves before.",
        ),
        "emergency_nature_missing": ("The nature of the emergency is blank.", "Say it in a few words."),
        "emergency_nature_not_admitted": (
            "One of the two profiles knows no emergency of this nature.",
            "Under unodc-generic it is a threat to life, under eu-gdpr-led a vital interest.",
        ),
        "emergency_consent_obtainable": (
            "The ground does not go with the emergency: the person has to be incapable, or the programme closed in a "
            "declared disaster.",
            "If the person can be asked, ask them.",
        ),
        "emergency_elements_missing": ("No element is named.", "Name what the treatment needs."),
        "emergency_element_not_admitted": ("The element never leaves in an emergency.", "Leave it out."),
        "notice_basis": ("The ground is none of a notice.", "crime_on_premises or child_abuse_report."),
        "notice_element": ("The law does not let this be told on that ground.", "Only the fixed list of the ground."),
        "notice_law": ("A report without its law, or a notice of a crime with one.", "Name the law of a report alone."),
        "basis_of_notice": ("A notice was entered as a disclosure on paper.", "Use `POST /v1/notices`."),
    }
)
