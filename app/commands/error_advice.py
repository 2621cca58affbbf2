"""When a code comes and what to do: the words of docs/errors.md that no sentence in the source says already."""

from types import MappingProxyType
from typing import Final

from app.commands.error_advice_bases import BASES
from app.commands.error_advice_consents import CONSENTS
from app.commands.error_advice_rights import RIGHTS

ADVICE: Final = MappingProxyType(
    {
        # the request
        "json_malformed": ("The body is empty, not UTF-8 or no JSON.", "Send one JSON object in UTF-8."),
        "uri_malformed": ("The path or query holds a control character.", "Percent-encode real text only."),
        "header_malformed": ("A header holds a control character.", "Send visible characters only."),
        "request_malformed": ("The request cannot be read at all.", "Compare it with /openapi.json."),
        "missing_token": (
            "There is no `Authorization: Bearer` header.",
            "Get a token at /oauth/token and send it with every request.",
        ),
        "invalid_token": (
            "The token is expired (after 300 s), forged or for another service; or its key was retired, or client, "
            "unit or assignment is suspended.",
            "Ask for a new token once. If that fails, ask the operator. The sandbox says which check failed.",
        ),
        "insufficient_scope": (
            "The token was asked for with fewer scopes than this route needs, or the role has none for it.",
            "Leave `scope` out of the token request, or see `x-scope` of the operation.",
        ),
        "purpose_not_for_role": (
            "The role may never state this purpose, whoever it is about. Nothing was looked up.",
            "`GET /v1/me` lists the purposes of your role.",
        ),
        "cursor_too_old": (
            "The feed keeps news for 30 days, and the cursor is older.",
            "Read every case once (`POST /v1/treatment-statuses/search`), then ask `GET /v1/events` without `after`.",
        ),
        "kind_not_allowed": ("A clinic's route was called by justice, or the reverse.", "Use the right client."),
        "not_found_or_not_permitted": (
            "Unknown, another's, or not yours to see: one answer for all three.",
            "Check the id. Do not conclude anything about a person from it.",
        ),
        "route_unknown": ("No such path.", "See /openapi.json."),
        "method_not_allowed": ("The path exists without this method; HEAD is not served.", "See the `Allow` header."),
        "range_not_supported": ("`Range` on a gated read.", "Leave it out; lists are paged with `after`."),
        "request_timeout": ("Head or body took more than 20 seconds to arrive.", "Send it again, whole."),
        "body_too_large": ("The body has too many bytes.", "Split it."),
        "uri_too_long": ("The path or query is too long.", "Shorten it; lists are paged with `after`."),
        "unsupported_media_type": ("The body is no `application/json`, or is compressed.", "Send plain JSON."),
        "invalid_request": (
            "Something in the body or the parameters cannot be accepted.",
            "Read `errors`: each has a pointer, a code of this page and a sentence. All are reported at once.",
        ),
        "parameter_invalid": ("A query parameter is malformed or given twice.", "Correct it; `detail` names it."),
        "parameter_missing": ("A required query parameter is absent.", "Add it."),
        "parameter_unknown": (
            "The route has no such query parameter. A filter that is ignored could widen an answer.",
            "Check its spelling.",
        ),
        "cursor_invalid": ("`after` comes from another list, another filter or another unit.", "Begin without it."),
        "acting_user_malformed": ("The `Acting-User` header has another form.", "Quote the id and the name."),
        "idempotency_key_malformed": ("The `Idempotency-Key` header has another form.", "Use a UUID."),
        "idempotency_key_reused": ("The key came with another body within 30 days.", "Take a new key."),
        "idempotency_in_flight": ("The first request with this key still runs.", "Wait a second; repeat the same."),
        "internal_error": ("A fault of the service.", "Read back what you wrote; report the `X-Request-Id`."),
        "too_many_requests": (
            "The client sent more requests in this minute than its allowance. Nothing was looked up.",
            "Wait as `Retry-After` says. Read many cases with one search, and ask `GET /v1/events` what is new.",
        ),
        "unavailable": (
            "The database cannot answer, or a record could not be written durably. Nothing was disclosed.",
            "Wait as `Retry-After` says; repeat with the same Idempotency-Key.",
        ),
        "url_not_allowed": ("A webhook's URL is not https, its host not public.", "443, no user, no fragment."),
        "webhooks_too_many": ("The client has five webhooks.", "`DELETE /v1/webhooks/{webhook_id}` ends one."),
        # cases and referrals
        "identifiers_missing": ("A case has no identifier, or more than 20.", "Send 1 to 20."),
        "identifier_malformed": ("An identifier is blank, too long or not printable.", "Send it as it is written."),
        "unit_unknown": ("No such unit, or one of the wrong kind.", "`GET /v1/units` lists them."),
        "case_unknown": ("Your unit has not registered this `case_id`.", "`POST /v1/cases`, use the id it gives."),
        "staff_id_malformed": ("A staff id that `Acting-User` could not say.", "1 to 64 visible ASCII, no quote."),
        "case_move_malformed": (
            "A joinder without the other case or a transfer without the unit, or one of them with another event.",
            "`with` comes with `joined` alone, `to_unit` with `transferred` alone.",
        ),
        "occurred_in_future": ("A case event is dated in the future.", "Report it once it has happened."),
        "birth_date_in_future": ("The birth date has not come yet.", "Correct it."),
        "name_missing": ("A name is blank.", "Give it."),
        "name_malformed": ("A name without a letter, or with control characters.", "Type it anew; do not paste it."),
        "identifier_in_use": (
            "Your `identifier` already names a referral, transfer, report or assessment with other words, for ever.",
            "Take a new one for what is new; what was sent before is answered again if its words are the same.",
        ),
        "language_unknown": ("A unit's language is no code of the list.", "`languages` in `GET /v1/vocabulary`."),
        "threshold_out_of_range": ("The attendance threshold is no count of sessions.", "1 to 200, or leave it out."),
        "final_disposition_due_missing": ("A condition is imposed without the due date of the case.", "Add it."),
        "patient_unknown": ("The id is not of a patient of this clinic.", "`POST /v1/patients/search` finds your own."),
        "already_matched": (
            "The referral is matched with another of your patients.",
            "A match stays. Answer under that patient, or ask the sender for a new referral.",
        ),
        "referral_cancelled": ("The referral was cancelled before.", "Send a new referral."),
        "amendment_empty": ("The amendment changes nothing.", "Send the members that differ, each whole."),
        "patient_merged": (
            "The record was merged into another one of yours and takes nothing new.",
            "Use the record that `detail` names.",
        ),
        "patients_not_merged": ("The records are not merged, or the other way round.", "`merged_into` says how."),
        "merge_of_itself": ("A record cannot be merged into itself.", "Name the other record."),
        "referral_not_matched": ("The referral has no patient yet.", "Match it first."),
        "waitlist_weeks_unexpected": ("Weeks of waiting without the decision waitlisted.", "Drop one of them."),
        "appointment_unexpected": ("An appointment without an acceptance.", "Drop one of them."),
        "site_not_neutral": (
            "The site of an appointment is free text, which a court would read.",
            "`Site 1` to `Site 999`, or `Site A` to `Site Z`; tell the person the address yourself.",
        ),
        # reports
        "case_not_of_patient": (
            "A case that the message is restricted to is not of a referral of this patient to you.",
            "Take `case_id` from your received referrals.",
        ),
        "supersedes_unknown": (
            "What is to be corrected or replaced is not in force, or is of another record.",
            "Name the newest one. Of a record that was merged since: retract the report, file it anew on the survivor.",
        ),
        "message_superseded": (
            "The report was corrected since; it is in nothing that can be read.",
            "Retract the correction that stands in its place.",
        ),
        "status_out_of_order": (
            "A week says planned, or declined to start, after an earlier one of its episode was active.",
            "Correct the wrong one of the two with `supersedes`, or end the episode first.",
        ),
        "period_already_reported": ("The week was reported before.", "Name that status in `supersedes`."),
        "period_not_whole_weeks": ("The period is not whole ISO weeks.", "Monday to Sunday."),
        "period_in_future": ("The week has not begun.", "Report it when it has."),
        "period_too_long": ("The period has more than 53 weeks.", "Split it."),
        "session_outside_period": ("A session's date is not in the period.", "Correct one of them."),
        "counts_do_not_add_up": ("offered is not attended + excused + missed.", "Correct the counts."),
        "counts_and_sessions": ("Sessions and counts were both sent.", "Send the sessions."),
        "counts_out_of_range": ("A count below 0 or above 200.", "Correct the counts."),
        "sessions_too_many": ("More than 100 sessions in one status.", "Report shorter periods."),
        "closure_and_status": ("A closure without `ended`, or the reverse.", "Send both or none."),
        "end_date_unexpected": ("An end date without `ended`, or before the start.", "Correct it."),
        "assessed_in_future": ("The assessment is dated in the future.", "Correct the date."),
        "need_unclear": (
            "A completed assessment does not say whether there is a need.",
            "Say it, or file how far the assessment came in `status`.",
        ),
        "weeks_out_of_range": ("A recommendation for less than 1 or more than 520 weeks.", "Correct or drop it."),
        "purpose_switched": (
            "A correction would turn evidence into treatment, or the reverse.",
            "File a new assessment for the other purpose.",
        ),
        "substance_unknown": ("ASSIST without a substance, or another instrument with one.", "Correct it."),
        "score_out_of_range": ("The instrument has no such score.", "Correct it."),
        "diagnosis_code_unknown": ("The code has not the form of its system.", "Correct one of them."),
        "assessment_not_completed": (
            "A finding in an assessment that is requested, offered, declined or not possible.",
            "Send the status alone; of an assessment that a person declined nothing more is told.",
        ),
        "closure_reason_unknown": ("Its system has no such code.", "`mappings` in `GET /v1/vocabulary` lists them."),
        "closure_reason_mismatch": (
            "The code of the reason means another closure than the one stated.",
            "Correct one of them: who ended a treatment must not change on its way.",
        ),
        "level_of_care_unknown": (
            "The edition has no such level, such as 3.3 or 3.7-WM of the third.",
            "`levels_of_care` in `GET /v1/vocabulary` lists them.",
        ),
        "panel_and_result": ("The result of a test is not the gravest of its panel.", "Correct one of them."),
        "panel_unusable": ("A panel is empty, too long or has an analyte twice.", "Send each analyte once."),
        "result_without_test": ("A result of a test that was not given.", "Drop it."),
        "asi_rating_unusable": ("The Addiction Severity Index cannot give this rating.", "Correct it."),
        # transfers
        "element_not_consented": (
            "A transfer holds what no live consent of kind tpo allows the recipient; nothing was stored.",
            "Have the patient sign a tpo consent that names it for that unit and role, or leave it out.",
        ),
        "person_not_of_patient": (
            "Name or birth date in a transfer are not those of the patient's record.",
            "Make sure whom you mean; a transfer never goes out under another patient's consent.",
        ),
        "transfer_empty": ("A transfer hands nothing over.", "Give at least one field beside the person."),
        "dose_out_of_range": ("A dose is not above 0 and at most 10000.", "Send the single dose in its unit."),
        "last_dose_in_future": ("The last dose is dated in the future.", "Send when it was taken, with its offset."),
        "appointment_past": ("The next appointment is over.", "Send the coming one, or leave it out."),
        "language_malformed": ("The language is no BCP 47 tag.", "Send a tag such as `es`."),
        # accounting
        "recipient_unclear": ("The recipient is named twice or not at all.", "Give `unit_id` or `name`."),
        "element_of_other_kind": ("An element stands in another kind of message.", "Correct `kind` or drop it."),
        "basis_and_consent": ("A consent without the basis consent, or the reverse.", "Send both or none."),
        "consent_unknown": (
            "The patient has no consent of this id at this discloser.",
            "`GET /v1/patients/{patient_id}/consents` lists them.",
        ),
        "disclosed_in_future": ("A disclosure is dated in the future.", "Record it once it was made."),
        **CONSENTS,
        **RIGHTS,
        **BASES,
    }
)
"""Code -> (when it comes, what to do)."""

COMMAND_LINE: Final = frozenset(
    {
        *("sandbox_only", "role_not_of_unit", "unit_of_other_agency", "profile_unknown", "unit_closed", "unknown"),
        *("two_keys_live", "key_unknown", "key_registered"),
    }
)
"""Codes that only the operator's command line can meet: no route answers with them."""

OAUTH: Final = MappingProxyType(
    {
        "invalid_request": (400, "A field is missing, repeated or malformed; several assignments and none is named."),
        "invalid_client": (401, "The client is unknown or suspended, or its assertion is bad, expired or used before."),
        "invalid_scope": (400, "A scope that the role does not have was asked for."),
        "unsupported_grant_type": (400, "Only `client_credentials` is served."),
        "unauthorized_client": (400, "The client has no such assignment."),
        "invalid_token": (400, "Never given by the token endpoint; other routes answer `invalid_token` as a problem."),
    }
)
"""Code of RFC 6749 5.2 -> (status, when). These answers are ``{"error": code}``, with a hint in the sandbox only."""

MEANING_OF_NOTHING: Final = (
    "The token: `GET /v1/me` shows unit, role and purposes. A consent names exactly one unit and role.",
    "The purpose: it must be one that the patient allowed, not only one that your role may state.",
    "The case: another case, another imposing unit or another spelling is another `case_id`, and says nothing.",
    "The person named: if the form names an officer, `Acting-User` must be that officer's id.",
    "The kind: statuses and assessments are two routes; an answer is on `GET /v1/referrals/{referral_id}`.",
    "The days: a window is whole weeks that are over, on or after `records_from` of the consent; anything else must "
    "have been so on or after that day.",
    "The patient's will: not asked yet, not signed, expired, revoked, never a patient. You cannot tell and must not "
    "try: ask the person or the clinic.",
)
"""An empty list: seven things to check."""
