#!/bin/bash
# Makes the certificates, keys and PKCS#12 files of these tests anew, with tools that are not ours:
# OpenSSL 3, GnuTLS's certtool (gnutls-bin), NSS's certutil and pk12util (libnss3-tools), Python 3.
# Every key here is a throw-away: it opens nothing. Passwords: `test`, or empty where the name says so.
set -euo pipefail
cd "$(dirname "$0")"
rm -f ./*.pem ./*.cer ./*.der ./*.p12
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
days=$(((2493072000 - $(date +%s)) / 86400)) # to 2049-01-01

# certificate NAME SUBJECT SIGNER|self [openssl req options]
certificate() {
    local name=$1 subject=$2 signer=$3
    shift 3
    local ca=()
    [ "$signer" = self ] || ca=(-CA "$signer.pem" -CAkey "$signer-key.pem")
    openssl req -x509 -new -key "$name-key.pem" -utf8 -subj "$subject" -days "$days" "${ca[@]}" "$@" -out "$name.pem"
}
key() { openssl genpkey -out "$1-key.pem" "${@:2}"; }
curve() { key "$1" -algorithm EC -pkeyopt "ec_paramgen_curve:$2"; }
leaf=(-addext basicConstraints=critical,CA:FALSE -addext keyUsage=digitalSignature)

curve ca P-256
certificate ca '/C=JP/O=Example, Inc./CN=Example CA' self
curve impostor P-256
certificate impostor '/C=JP/O=Example, Inc./CN=Example CA' self
curve p256 P-256
certificate p256 '/C=JP/ST=東京都/O=Example, Inc./CN=Fleet_Index_A1' ca "${leaf[@]}"
curve p384 P-384
certificate p384 '/CN=Fleet_Index_P384' ca "${leaf[@]}" -sha384
curve p521 P-521
certificate p521 '/CN=Fleet_Index_P521' self -sha512
key rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
certificate rsa '/CN=Fleet_Index_RSA' self
certificate rsa '/CN=Fleet_Index_RSA' self -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32
mv rsa.pem rsa-pss.pem
certificate rsa '/CN=Fleet_Index_RSA' self

# What AWS IoT does not take
key ed25519 -algorithm ED25519
certificate ed25519 '/CN=Fleet_Index_Ed' self
key rsa1024 -algorithm RSA -pkeyopt rsa_keygen_bits:1024
certificate rsa1024 '/CN=Fleet_Index_1024' self
curve secp256k1 secp256k1
certificate secp256k1 '/CN=Fleet_Index_K1' self
cp p256-key.pem sha1-key.pem
certificate sha1 '/CN=Fleet_Index_SHA1' self -sha1

# Other encodings of the same
openssl x509 -in p256.pem -outform DER -out p256.cer
openssl pkcs8 -topk8 -nocrypt -in p256-key.pem -outform DER -out p256-pkcs8.der
openssl ec -in p256-key.pem -out p256-sec1.pem
openssl ec -in p256-key.pem -outform DER -out p256-sec1.der
openssl ec -in p256-key.pem -no_public -out p256-no-public.pem
openssl ec -in p521-key.pem -no_public -out p521-no-public.pem
openssl rsa -in rsa-key.pem -traditional -out rsa-pkcs1.pem
openssl rsa -in rsa-key.pem -traditional -outform DER -out rsa-pkcs1.der
openssl rsa -in rsa-key.pem -traditional -aes256 -passout pass:test -out rsa-old-encryption.pem
encrypted() { openssl pkcs8 -topk8 -in p256-key.pem -passout pass:test -out "encrypted-$1.pem" "${@:2}"; }
encrypted aes
encrypted aes-sha1 -v2 aes128 -v2prf hmacWithSHA1
encrypted des3 -v2 des3
encrypted scrypt -scrypt -scrypt_N 1024
encrypted pkcs12-3des -v1 PBE-SHA1-3DES
encrypted md5-des -v1 PBE-MD5-DES -provider legacy -provider default
openssl pkcs8 -topk8 -in p256-key.pem -passout pass:test -outform DER -out encrypted-aes.der
openssl req -new -key p256-key.pem -subj /CN=x -out request.pem
openssl crl2pkcs7 -nocrl -certfile p256.pem -out bundle-pkcs7.pem
openssl crl2pkcs7 -nocrl -certfile p256.pem -outform DER -out bundle-pkcs7.der

# PKCS#12 by OpenSSL
p12() { openssl pkcs12 -export -in p256.pem -inkey p256-key.pem -name lamp -passout "pass:$2" -out "$1.p12" "${@:3}"; }
p12 openssl3 test
p12 openssl3-legacy test -legacy
p12 openssl3-empty ''
p12 openssl3-legacy-empty '' -legacy
p12 openssl3-no-mac test -nomac
p12 openssl3-chain test -certfile ca.pem
p12 openssl3-sha1-prf test -certpbe AES-128-CBC -keypbe AES-128-CBC -macalg SHA1
p12 openssl3-unencrypted test -certpbe NONE -keypbe NONE
p12 openssl3-rc2-128 test -legacy -certpbe PBE-SHA1-RC2-128 -keypbe PBE-SHA1-2DES -macalg SHA512
p12 openssl3-rc4 test -legacy -certpbe PBE-SHA1-RC4-128 -keypbe PBE-SHA1-3DES
p12 openssl3-unicode 'パス𠮟word' -legacy
p12 quick-legacy test -legacy -iter 1
p12 quick-aes test -iter 1
openssl pkcs12 -export -nokeys -in p256.pem -passout pass:test -out openssl3-no-key.p12
cat p256.pem p384.pem > "$work/two.pem"
openssl pkcs12 -export -nokeys -in "$work/two.pem" -passout pass:test -out openssl3-two-no-key.p12
openssl pkcs12 -in openssl3.p12 -passin pass:test -nodes -out bag-attributes.pem
# As Keychain Access exports: certificate in RC2-40, key in 3DES
p12 keychain test -legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-3DES -macalg SHA1
# As Windows exports: a key usage inside the key, the provider's name beside it
windows=(-CSP 'Microsoft Software Key Storage Provider' -iter 2000)
p12 windows-3des test -legacy -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg SHA1 -keyex "${windows[@]}"
p12 windows-aes test -certpbe AES-256-CBC -keypbe AES-256-CBC -macalg SHA256 -keysig "${windows[@]}"

# PKCS#12 with a null password, that is without the two closing zeros: by OpenSSL's library, the command has none
python3 - <<'PYTHON'
import ctypes, ctypes.util

crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
for name in ["BIO_new_file", "PEM_read_bio_PrivateKey", "PEM_read_bio_X509", "PKCS12_create"]:
    getattr(crypto, name).restype = ctypes.c_void_p
open_bio = lambda path, mode: ctypes.c_void_p(crypto.BIO_new_file(path, mode))
key = ctypes.c_void_p(crypto.PEM_read_bio_PrivateKey(open_bio(b"p256-key.pem", b"r"), None, None, None))
certificate = ctypes.c_void_p(crypto.PEM_read_bio_X509(open_bio(b"p256.pem", b"r"), None, None, None))
for path, cipher in [(b"null-3des.p12", b"PBE-SHA1-3DES"), (b"null-aes.p12", b"AES-256-CBC")]:
    nid = crypto.OBJ_txt2nid(cipher)
    pfx = crypto.PKCS12_create(None, b"lamp", key, certificate, None, nid, nid, 2048, 2048, 0)
    out = open_bio(path, b"w")
    assert crypto.i2d_PKCS12_bio(out, ctypes.c_void_p(pfx)) == 1
    crypto.BIO_free(out)
PYTHON

# PKCS#12 by GnuTLS: two identities in one file, too
certtool --to-p12 --load-certificate p256.pem --load-privkey p256-key.pem --p12-name lamp --password test --outder \
    --outfile certtool.p12
cat p256-key.pem p384-key.pem > "$work/two-keys.pem"
certtool --to-p12 --load-certificate "$work/two.pem" --load-privkey "$work/two-keys.pem" --p12-name two \
    --password test --outder --outfile certtool-two.p12

# PKCS#12 by NSS, thus as Firefox
certutil -N -d "sql:$work" --empty-password
pk12util -i openssl3.p12 -d "sql:$work" -W test
pk12util -o nss.p12 -n lamp -d "sql:$work" -W test
pk12util -o nss-empty.p12 -n lamp -d "sql:$work" -W ''

# PBMAC1 (RFC 9579): openssl3-no-mac.p12 with a MAC by Python's hashlib, as OpenSSL 3.0 does not make one yet
python3 - <<'PYTHON'
import hashlib, hmac

def tlv(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + body

def inside(data, start=0):
    """Where the contents of the value at `start` begin and end."""
    size, at = data[start + 1], start + 2
    if size & 0x80:
        count = size & 0x7F
        size, at = int.from_bytes(data[at:at + count], "big"), at + count
    return at, at + size

pfx = open("openssl3-no-mac.p12", "rb").read()
begin, end = inside(pfx)
fields = pfx[begin:end]
at = 3                                  # past the version
at, _ = inside(fields, at)              # into ContentInfo
_, at = inside(fields, at)              # past its type
at, _ = inside(fields, at)              # into [0]
content = fields[slice(*inside(fields, at))]
salt, count = bytes(range(8)), 2048
mac = hmac.new(hashlib.pbkdf2_hmac("sha256", b"test", salt, count, 32), content, "sha256").digest()
oid = lambda text: tlv(6, bytes.fromhex(text))
null = b"\x05\x00"
sha256 = tlv(0x30, oid("2a864886f70d0209"), null)
derivation = tlv(0x30, tlv(4, salt), tlv(2, count.to_bytes(2, "big")), tlv(2, b"\x20"), sha256)
pbmac1 = tlv(0x30, oid("2a864886f70d01050e"), tlv(0x30, tlv(0x30, oid("2a864886f70d01050c"), derivation), sha256))
mac_data = tlv(0x30, tlv(0x30, pbmac1, tlv(4, mac)), tlv(4, b"NOT USED"), tlv(2, b"\x01"))
open("pbmac1.p12", "wb").write(tlv(0x30, fields, mac_data))
PYTHON
