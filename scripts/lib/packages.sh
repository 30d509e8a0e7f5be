# shellcheck shell=bash
# The system's packages that builds and tests need, by their Debian names.

command_line_packages=(build-essential pkg-config openssl)
window_packages=(libwebkit2gtk-4.1-dev libxdo-dev librsvg2-dev libayatana-appindicator3-dev libdbus-1-dev libudev-dev)
test_packages=(webkit2gtk-driver xvfb xdotool imagemagick mosquitto mosquitto-clients gnome-keyring dbus)
# What the window is drawn with: GNOME's own, and Japanese.
test_packages+=(fonts-cantarell fonts-noto-cjk)
# Devices that run for real. Debian's other busybox, which needs libraries, cannot be installed beside this one.
device_packages=(busybox-static lrzsz qemu-system-arm firmware-microbit-micropython)
test_packages+=("${device_packages[@]}")
# What makes packages, and what they are held against. Their clean systems are made by debootstrap.
packaging_packages=(dpkg-dev rpm)
package_test_packages=(lintian debootstrap)
# What two windows are started on, to be measured.
bench_packages=(webkit2gtk-driver xvfb dbus)
# The lab's kernel comes from its package without being installed.
lab_packages=(qemu-system-x86 busybox-static lrzsz mtools dosfstools)

# need_packages NAME…: installs those that are missing; where it cannot, says which and how.
need_packages() {
    [[ $(uname -s) == Linux ]] || return 0
    # A Python from elsewhere brings venv along; only Debian's own has it in a package.
    python3 -c 'import ensurepip' 2>/dev/null || set -- "$@" python3-venv
    if ! command -v dpkg-query >/dev/null; then
        echo "This is not a Debian: if the build fails, install what is called here: $*" >&2
        return 0
    fi

    local package missing=() as_root=()
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0

    echo "Installing ${missing[*]}"
    if ((EUID != 0)); then
        # Where nobody can answer sudo's question, it must not ask.
        if [[ -t 0 ]]; then as_root=(sudo); else as_root=(sudo -n); fi
    fi
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends)
    if ! { "${as_root[@]}" apt-get update --quiet && "${as_root[@]}" "${install[@]}" "${missing[@]}"; } >&2; then
        echo "Packages are missing. Install them, then run this again:" >&2
        echo "  sudo apt-get install ${missing[*]}" >&2
        return 1
    fi
}
