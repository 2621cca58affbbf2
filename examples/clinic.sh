#!/bin/sh
# A clinic's system with curl and openssl only. See docs/clinic-integration.md; session.sh says what the environment holds.
# clinic.sh inbox | accept REFERRAL GIVEN FAMILY BORN | report PATIENT MONDAY SUNDAY
#   | consent PATIENT REFERRAL NAME UNIT ROLE UNTIL SCAN | revoke PATIENT
set -eu
. "$(dirname "$0")/session.sh"

accept() {
  TOKEN=$(token)
  patient=$(call POST /v1/patients '{"given_name":"'"$2"'","sur_name":"'"$3"'","birth_date":"'"$4"'"}' | member id)
  call PATCH "/v1/referrals/$1/patient" '{"patient_id":"'"$patient"'"}' >/dev/null
  call POST "/v1/referrals/$1/response" '{"decision":"accepted"}' >/dev/null
  printf '%s\n' "$patient"
}

consent() {
  TOKEN=$(token)
  now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  hash=$(openssl dgst -sha256 "$7" | sed 's/.*= *//')
  unit=$(call GET /v1/me | member unit_id)
  made=$(call POST /v1/consents '{"patient_id":"'"$1"'","kind":"named_disclosure","referral_id":"'"$2"'",
    "subject":{"name_on_form":"'"$3"'"},"disclosers":["'"$unit"'"],"recipients":[{"org_unit":"'"$4"'","role":"'"$5"'"}],
    "purposes":["condition_monitoring"],"elements":["enrolment.status"],"expiry":{"at":"'"$6"'"},
    "statements":{"revocation":true}}' | member id)
  signed=$(call POST "/v1/consents/$made/signatures" '{"signatures":[{"role":"patient","name":"'"$3"'","method":"wet",
    "signed_at":"'"$now"'","evidence_hash":"sha256:'"$hash"'"}],
    "capacity":{"status":"presumed","assessed_by":"the clerk","at":"'"$now"'"},
    "notice_given":{"version":"2026-02","at":"'"$now"'","language":"en"},"copy_given_at":"'"$now"'"}')
  [ "$(printf '%s' "$signed" | member state)" = active ] || { printf '%s\n' "$signed" >&2 && exit 1; }
  printf '%s\n' "$made"
}

case $1 in
  inbox) call GET /v1/referrals && echo ;;
  accept) shift && accept "$@" ;;
  report)
    call POST /v1/treatment-statuses \
      '{"patient_id":"'"$2"'","period":{"start":"'"$3"'","end":"'"$4"'"},"status":"active"}' && echo
    ;;
  consent) shift && consent "$@" ;;
  revoke) call POST "/v1/patients/$2/revocations" '{"on_behalf_of":"patient","all":true}' && echo ;;
  *) echo "clinic.sh: $1 is no command" >&2 && exit 2 ;;
esac
