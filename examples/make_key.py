"""make_key.py NAME: a new P-384 key pair as NAME.private.jwk, for you alone, and NAME.public.jwk, for the operator."""

import base64
import json
import os
import sys

from cryptography.hazmat.primitives.asymmetric import ec


def main(name: str) -> None:
    for there in (path for path in (f"{name}.private.jwk", f"{name}.public.jwk") if os.path.lexists(path)):
        # A key that is lost or replaced by mistake locks its client out.
        sys.exit(f"{there} is there already and is kept: go on with it, or move it away to make a new pair.")
    numbers = ec.generate_private_key(ec.SECP384R1()).private_numbers()
    x, y, d = (
        base64.urlsafe_b64encode(number.to_bytes(48, "big")).rstrip(b"=").decode()
        for number in (numbers.public_numbers.x, numbers.public_numbers.y, numbers.private_value)
    )
    # A kid is yours to choose; take a new one with every new key.
    public = {"kty": "EC", "crv": "P-384", "alg": "ES384", "kid": f"{os.path.basename(name)}-1", "x": x, "y": y}
    for kind, jwk, mode in (("private", public | {"d": d}, 0o600), ("public", public, 0o644)):
        with open(os.open(f"{name}.{kind}.jwk", os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "w") as file:
            json.dump(jwk, file)


if __name__ == "__main__":
    main(sys.argv[1])
