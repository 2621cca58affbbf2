# Sourced by court.sh and clinic.sh: a token by private_key_jwt and calls that come through an outage, with curl and openssl.
# Environment: THROUGHCARE_URL, THROUGHCARE_CLIENT (the id that the operator gave you), THROUGHCARE_KEY (your RSA key as PEM),
# THROUGHCARE_KID (the kid of its public JWK; the file's own name with -1 unless set).

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# member NAME: the first string of that name in JSON on standard input; fails if there is none. Enough for ids and states:
# for names with quotes or backslashes in them, here and in what is sent, take a tool that knows JSON.
member() {
  found=$(tr ',{' '\n\n' | sed -n 's/^"'"$1"'":"\([^"]*\)".*/\1/p' | head -n 1)
  [ -n "$found" ] && printf '%s' "$found"
}

# Again on 408, 429, 500, 502, 503 and 504, as Retry-After says, and while nobody answers or an answer is cut off; never
# without an end.
through() { curl -sS --retry 20 --retry-all-errors --retry-max-time "${THROUGHCARE_PATIENCE:-600}" "$@"; }

# A token lasts 300 seconds, an assertion is good once: a short script asks once at its beginning.
token() {
  audience=$(through "$THROUGHCARE_URL/.well-known/oauth-authorization-server" | member token_endpoint)
  kid=${THROUGHCARE_KID:-$(basename "$THROUGHCARE_KEY" .pem)-1}
  now=$(date +%s)
  header=$(printf '{"alg":"RS384","typ":"JWT","kid":"%s"}' "$kid" | base64url)
  claims=$(printf '{"iss":"%s","sub":"%s","aud":"%s","iat":%d,"exp":%d,"jti":"%s"}' "$THROUGHCARE_CLIENT" \
    "$THROUGHCARE_CLIENT" "$audience" "$now" "$((now + 60))" "$(openssl rand -hex 16)" | base64url)
  signature=$(printf '%s.%s' "$header" "$claims" | openssl dgst -sha384 -sign "$THROUGHCARE_KEY" -binary | base64url)
  answer=$(curl -sS --retry 20 --retry-connrefused --retry-max-time "${THROUGHCARE_PATIENCE:-600}" -d grant_type=client_credentials \
    -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
    -d "client_assertion=$header.$claims.$signature" "$THROUGHCARE_URL/oauth/token")
  printf '%s' "$answer" | member access_token || { printf 'no token: %s\n' "$answer" >&2 && exit 1; }
}

# call METHOD PATH [BODY]: the answer's body; a refusal goes to standard error, and the script ends. A write has a key of
# its own, made before the first try and the same in all: it is carried out once.
call() {
  [ -n "${TOKEN:-}" ] || TOKEN=$(token)
  set -- "$1" "$2" "${3:-}" "$(mktemp)"
  if [ -n "$3" ]; then
    status=$(through -o "$4" -w '%{http_code}' -X "$1" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
      -H "Idempotency-Key: \"$(openssl rand -hex 16)\"" -d "$3" "$THROUGHCARE_URL$2")
  else
    status=$(through -o "$4" -w '%{http_code}' -X "$1" -H "Authorization: Bearer $TOKEN" "$THROUGHCARE_URL$2")
  fi
  case $status in
    2*) cat "$4" && rm -f "$4" ;;
    *) printf '%s %s: %s %s\n' "$1" "$2" "$status" "$(cat "$4")" >&2 && rm -f "$4" && exit 1 ;;
  esac
}
