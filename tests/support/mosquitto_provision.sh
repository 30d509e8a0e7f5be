#!/usr/bin/env bash
# Stands for a device that has nothing but mosquitto's clients: it registers itself with the files that
# Fieldkey wrote onto a drive, in two connections: create a certificate, then provision the thing.
#
#   mosquitto_provision.sh DRIVE
#
# Prints the thing's name. Its keys live in a private folder for as long as it runs.
set -euo pipefail
umask 077

drive=${1:?usage: mosquitto_provision.sh DRIVE}
answer_within=10
private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT

# The manifest, one value a line: what to connect to, what to ask for.
mapfile -t manifest < <(python3 - "$drive/provisioning.json" <<'PYTHON'
import json, sys
manifest = json.load(open(sys.argv[1]))
files = manifest["files"]
print(manifest["endpoint"], manifest["port"], manifest["templateName"], manifest["thingName"], sep="\n")
print(json.dumps(manifest["parameters"]), files["certificate"], files["privateKey"], files["ca"], sep="\n")
PYTHON
)
((${#manifest[@]} == 8)) || { echo "no whole provisioning.json on $drive" >&2; exit 1; }
endpoint=${manifest[0]} port=${manifest[1]} template=${manifest[2]} thing=${manifest[3]}
parameters=${manifest[4]} certificate=${manifest[5]} private_key=${manifest[6]} ca=${manifest[7]}

# Publishes what comes on standard input and prints the answer to it. The message goes by mosquitto's
# own options file: others on this machine can read arguments, and with -f or -s mosquitto_rr 2.0.11
# sends an empty message.
ask() {
    local topic=$1
    { printf -- '-m '; cat; echo; } >"$private/mosquitto_rr"
    XDG_CONFIG_HOME=$private mosquitto_rr -h "$endpoint" -p "$port" --protocol-version mqttv311 -q 1 \
        --cafile "$drive/$ca" --cert "$drive/$certificate" --key "$drive/$private_key" \
        -i "$thing" -t "$topic" -e "$topic/accepted" -W "$answer_within" ||
        { echo "$topic was not accepted" >&2; return 1; }
}

# Takes one member out of the JSON on standard input.
member() {
    python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

# shellcheck disable=SC2016 # $aws is not a variable
created=$(printf '{}' | ask '$aws/certificates/create/json')
member certificatePem <<<"$created" >"$private/certificate.pem"
member privateKey <<<"$created" >"$private/private.key"

request=$(PARAMETERS=$parameters python3 -c '
import json, os, sys
token = json.load(sys.stdin)["certificateOwnershipToken"]
print(json.dumps({"certificateOwnershipToken": token, "parameters": json.loads(os.environ["PARAMETERS"])}))
' <<<"$created")
registered=$(printf '%s' "$request" | ask "\$aws/provisioning-templates/$template/provision/json")
thing=$(member thingName <<<"$registered")

# The new identity is good: the broker takes it, and acknowledges what the thing says.
mosquitto_pub -h "$endpoint" -p "$port" --protocol-version mqttv311 -q 1 -i "$thing" \
    --cafile "$drive/$ca" --cert "$private/certificate.pem" --key "$private/private.key" \
    -t "dt/$thing/hello" -m hello

echo "$thing"
