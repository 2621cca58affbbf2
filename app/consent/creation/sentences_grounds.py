"""The same for the ground that a form stands on: its kind, the law beside an agreement, an intermediary."""

from typing import Final

GROUNDS: Final[dict[str, tuple[str, str]]] = {
    "kind_without_route": (
        "52",
        "Research has no form and no route here: the programme's director decides on it by 42 CFR 2.52, outside this "
        "service. Choose another kind.",
    ),
    "lawful_basis_missing": (
        "GDPR 6; LED 8",
        "The patient's agreement is not the legal ground. Name the paragraph of GDPR Article 6 and the law that are.",
    ),
    "lawful_basis_unexpected": (
        "31",
        "Under the rules of this clinic the consent itself is the legal ground. Take the other one off.",
    ),
    "lawful_basis_unknown": (
        "GDPR 6; LED 8",
        "This kind of consent cannot stand on that paragraph of GDPR Article 6. Choose one that the rules of this "
        "clinic name, such as 6(1)(e).",
    ),
    "lawful_basis_too_long": ("GDPR 6; LED 8", "Cite the law in at most 200 characters."),
    "intermediary_name_missing": ("31(a)(4)(ii)", "Name who passes the information on."),
    "intermediary_members_missing": (
        "31(a)(4)(ii)",
        "Name the members that may receive through it, or say that they are those who treat the patient.",
    ),
    "intermediary_member_no_recipient": (
        "31(a)(4)(ii)",
        "A member that may receive is a recipient of this form. Add it there, or take it off here.",
    ),
}
"""Code -> (paragraph of 42 CFR part 2, or another source written out; sentence)."""
