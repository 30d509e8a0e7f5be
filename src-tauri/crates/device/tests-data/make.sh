#!/usr/bin/env bash
# Makes the credentials of the tests, as large as AWS's: a claim (RSA of 2048 bits), two identities (P-256), a CA.
# They are nobody's. The certificates are checked in, so that a seeded test is the same each time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/ca.key" -out ca.pem -days 36500 -subj "/C=US/O=Amazon/CN=Amazon Root CA 1" 2>/dev/null

issue() { # name, subject, key's arguments
    local name=$1 subject=$2
    shift 2
    openssl genpkey "$@" -out "$name.key.pem" 2>/dev/null
    openssl req -new -key "$name.key.pem" -subj "$subject" |
        openssl x509 -req -CA ca.pem -CAkey "$work/ca.key" -days 36500 -set_serial "0x$(openssl rand -hex 19)" \
            -extfile <(printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n') \
            -out "$name.pem" 2>/dev/null
}
issue claim "/CN=AWS IoT Certificate" -algorithm RSA -pkeyopt rsa_keygen_bits:2048
issue identity-1 "/CN=AWS IoT Certificate" -algorithm EC -pkeyopt ec_paramgen_curve:P-256
issue identity-2 "/CN=AWS IoT Certificate" -algorithm EC -pkeyopt ec_paramgen_curve:P-256
