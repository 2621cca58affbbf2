# The decision of app/consent/decide.py about one person, for the comparison in benchmarks/engines.py.
package decision

import rego.v1

never := 4611686018427387904

happened(clock) := input.events[clock.event]

fires(clock) := clock.at if not happened(clock)

fires(clock) := happened(clock) if clock.at == null

fires(clock) := min([clock.at, happened(clock)]) if clock.at != null

ends(consent) := never if fires(consent.expiry) == null

ends(consent) := at if {
	at := fires(consent.expiry)
	at != null
}

order := sort([[0 - ends(consent), consent.effective_from, id] | some id, consent in data.consents])

objection(c) := "entered_in_error" if {
	c.entered_in_error
} else := "suspended" if {
	c.suspended
} else := "profile_unknown" if {
	not data.profiles[c.profile]
} else := "kind_unknown" if {
	not data.profiles[c.profile].kinds[c.kind]
} else := "role_outside_kind" if {
	not input.role in data.profiles[c.profile].kinds[c.kind].roles
} else := "purpose_outside_kind" if {
	not input.purpose in data.profiles[c.profile].kinds[c.kind].purposes
} else := "condition_not_imposed" if {
	data.profiles[c.profile].kinds[c.kind].needs_condition
	not c.condition_imposed
} else := "purpose_not_for_role" if {
	not input.purpose in data.purposes[input.role]
} else := "consent_deficient" if {
	not c.complete
} else := "other_case" if {
	c.case != input.case
} else := "not_yet_effective" if {
	input.at < c.effective_from
} else := "expired" if {
	input.at >= ends(c)
} else := "superseded" if {
	c.superseded_at != null
	input.at >= c.superseded_at
} else := unnamed(c)

unnamed(c) := why if {
	every grant in c.grants {
		refused(grant)
	}
	own := [refused(grant) | some grant in c.grants; grant.unit == input.unit]
	reasons := array.concat(["unit_not_named"], own)
	why := reasons[count(own)]
}

refused(grant) := "unit_not_named" if {
	grant.unit != input.unit
} else := "role_not_named" if {
	grant.role != input.role
} else := "person_not_named" if {
	grant.person != null
	grant.person != input.person
} else := "purpose_not_granted" if {
	not input.purpose in grant.purposes
}

in_force(c, taken) if {
	input.at >= taken.at
	c.revocable_from == null
}

in_force(c, taken) if {
	input.at >= taken.at
	input.at >= fires(c.revocable_from)
}

touches(taken, grant) if {
	taken.unit in [null, grant.unit]
	taken.role in [null, grant.role]
	about(taken)
}

about(taken) if taken.purposes == null

about(taken) if input.purpose in taken.purposes

takes(taken, _) if taken.elements == null

takes(taken, element) if {
	some coarser in data.covers[element]
	coarser in taken.elements
}

lost(c, grant, element) if {
	some taken in c.revocations
	touches(taken, grant)
	in_force(c, taken)
	takes(taken, element)
}

granted(c) := {coarser |
	some grant in c.grants
	not refused(grant)
	some element in grant.elements
	some coarser in data.covers[element]
}

left(c) := {coarser |
	some grant in c.grants
	not refused(grant)
	some element in grant.elements
	not lost(c, grant, element)
	some coarser in data.covers[element]
}

ceiling(c) := {element | some element in data.profiles[c.profile].written[input.role]}

views := [view(data.consents[key[2]]) | some key in order]

view(c) := {"id": c.id, "objection": objection(c), "granted": set(), "ceiling": set(), "reach": set()}

view(c) := {"id": c.id, "objection": "element_not_granted", "granted": granted(c), "ceiling": top, "reach": left(c) & top} if {
	not objection(c)
	top := ceiling(c)
}

covered := {element: reaching[0] |
	some element in input.elements
	reaching := [v.id | some v in views; element in v.reach]
	count(reaching) > 0
}

once := {element: granting[0] |
	some element in input.elements
	granting := [v | some v in views; element in v.granted]
	count(granting) > 0
}

finer := {step |
	some ladder in data.ladders
	some place, step in ladder
	covered[step]
	some before, other in ladder
	before < place
	covered[other]
}

objections := array.concat(["no_instrument"], [v.objection | some v in views])

last := objections[count(views)]

reason(element) := "finer_step_leaves" if {
	element in finer
} else := "revoked" if {
	element in once[element].ceiling
} else := "element_above_role_ceiling" if {
	once[element]
} else := last

said(element) := {"fell": reason(element)} if {
	element in finer
} else := {"under": covered[element]} if {
	covered[element]
} else := {"fell": reason(element)}

verdict := {element: said(element) | some element in input.elements}
