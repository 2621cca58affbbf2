#!/bin/sh
# make_key.sh NAME: a new RSA key pair as NAME.pem, for you alone, and NAME.public.jwk, for the operator. Needs openssl and awk.
set -eu
for there in "$1.pem" "$1.public.jwk"; do
  if [ -e "$there" ] || [ -h "$there" ]; then
    # A key that is lost or replaced by mistake locks its client out.
    echo "$there is there already and is kept: go on with it, or move it away to make a new pair." >&2
    exit 1
  fi
done
umask 077
openssl genrsa -out "$1.pem" 3072 2>/dev/null
umask 022

# base64url of a number in hexadecimal: three digits are twelve bits and give two characters.
modulus=$(openssl rsa -in "$1.pem" -noout -modulus | sed 's/^Modulus=//' | awk '
  BEGIN { set = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" }
  function digit(at) { return index("0123456789ABCDEF", substr($0, at, 1)) - 1 }
  {
    for (at = 1; at + 2 <= length($0); at += 3) {
      bits = digit(at) * 256 + digit(at + 1) * 16 + digit(at + 2)
      printf "%s%s", substr(set, int(bits / 64) + 1, 1), substr(set, bits % 64 + 1, 1)
    }
    if (at + 1 == length($0)) {
      bits = (digit(at) * 16 + digit(at + 1)) * 16
      printf "%s%s", substr(set, int(bits / 64) + 1, 1), substr(set, bits % 64 + 1, 1)
    }
  }')
# A kid is yours to choose; take a new one with every new key. 65537, the exponent that openssl takes, is AQAB.
printf '{"kty":"RSA","alg":"RS384","kid":"%s-1","n":"%s","e":"AQAB"}\n' "$(basename "$1")" "$modulus" >"$1.public.jwk"
