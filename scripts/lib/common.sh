# shellcheck shell=bash
# What the scripts share: where things are, what must be installed by hand, how long each phase took.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/fieldkey
# One build folder for all clones of this machine, so that a fresh clone need not build the world again.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
# Scripts go from folder to folder.
case $CARGO_TARGET_DIR in
/* | [A-Za-z]:*) ;;
*) CARGO_TARGET_DIR=$PWD/$CARGO_TARGET_DIR ;;
esac

if [[ -t 1 ]]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi

fail() {
    echo "$*" >&2
    exit 1
}

# only WHAT FILE…: prints what a pattern found, if that is one file and no more.
only() {
    (($# == 2)) && [[ -f $2 ]] || fail "there should be one $1, but there is: ${*:2}"
    echo "$2"
}

# The languages are not installed by us: everybody has an own way to have them.
need_languages() {
    command -v cargo >/dev/null || fail "Rust is missing: see https://rustup.rs, then run this again"
    command -v node >/dev/null && command -v npm >/dev/null ||
        fail "Node is missing: install Node 20.19 or newer, with npm, then run this again"
    node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
        fail "Node is $(node --version): 20.19 or newer is needed"
    command -v python3 >/dev/null || fail "Python is missing: install Python 3.10 or newer, then run this again"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        fail "$(python3 --version) is too old: 3.10 or newer is needed"
}

milliseconds() {
    # Bash before 5 knows whole seconds only.
    local now=${EPOCHREALTIME:-$SECONDS.000000}
    echo $((${now//[.,]/} / 1000))
}

# phase NAME: says what comes now, and how long took what came before.
phase() {
    phase_done
    phase_name=$1 phase_since=$(milliseconds)
    echo "${bold}== $phase_name${plain}"
}

phase_done() {
    [[ -n ${phase_name:-} ]] || return 0
    local took=$(($(milliseconds) - phase_since))
    printf '   %s took %d.%01d s\n' "$phase_name" $((took / 1000)) $((took % 1000 / 100))
    phase_name=
}

# start_beside LOG COMMAND…: runs it in the background, in a process group of its own; its id is $beside.
start_beside() {
    local log=$1
    shift
    set -m
    (set -e; "$@") </dev/null >"$log" 2>&1 &
    beside=$!
    set +m
}

end_group() {
    kill -- "-$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}
