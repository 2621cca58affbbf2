#!/bin/sh
# A court's system with curl and openssl only: court.sh whoami | refer CLINIC DOCKET GIVEN FAMILY BORN | read CASE
# See docs/court-integration.md; session.sh says what the environment holds.
set -eu
. "$(dirname "$0")/session.sh"

refer() {
  TOKEN=$(token)
  unit=$(call GET /v1/me | member unit_id)
  case_id=$(call POST /v1/cases '{"imposing_unit":"'"$unit"'","identifiers":[{"type":"docket","value":"'"$2"'"}]}' |
    member case_id)
  referral=$(call POST /v1/referrals '{"recipient":"'"$1"'","case_id":"'"$case_id"'","stage":"trial",
    "person":{"given_name":"'"$3"'","sur_name":"'"$4"'","birth_date":"'"$5"'"},
    "conditions":{"service_asked":"outpatient","cadence":"P1W","attendance_threshold":2},
    "identifier":{"system":"urn:example:referrals","value":"'"$2"'"}}' | member id)
  printf '%s %s\n' "$case_id" "$referral"
}

case $1 in
  whoami) call GET /v1/me && echo ;;
  refer) shift && refer "$@" ;;
  read) call GET "/v1/treatment-statuses?case=$2&purpose=${3:-condition_monitoring}" && echo ;;
  *) echo "court.sh: $1 is no command" >&2 && exit 2 ;;
esac
