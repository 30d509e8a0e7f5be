# shellcheck shell=bash
# Building for Windows on Linux, and running the result under wine.

windows_target=x86_64-pc-windows-gnu
windows_packages=(gcc-mingw-w64-x86-64 wine64 nsis xvfb xauth)

# Does this Rust compile for Windows? `rustup target add` sees to it.
has_windows_target() {
    local libraries
    libraries=$(rustc --print target-libdir --target "$windows_target" 2>/dev/null) &&
        compgen -G "$libraries/libstd-*.rlib" >/dev/null
}

# wine COMMAND…: Debian's package wine64 puts it beside the path.
wine() {
    "$wine" "$@"
}

# windows_path FOLDER: what wine calls it.
windows_path() {
    local path=z:$1
    echo "${path//\//\\}"
}

# Makes a Windows for the tests, once, with a drive E: that can be taken away; about a minute.
need_wine() {
    wine=$(type -P wine64 || type -P wine || echo /usr/lib/wine/wine64)
    [[ -x $wine ]] || fail "wine is missing"
    export WINEPREFIX=$cache/wine WINEARCH=win64 WINEDEBUG=-all
    # Neither .NET nor wine's own browser: it would offer to fetch them.
    export WINEDLLOVERRIDES='mscoree=;mshtml='
    export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=$wine
    [[ ! -f $WINEPREFIX/ready ]] || return 0
    rm -rf "$WINEPREFIX"
    mkdir -p "$WINEPREFIX/stick"
    xvfb-run -a "$wine" wineboot --init >/dev/null 2>&1
    wine reg add 'HKLM\Software\Wine\Drives' /v e: /d floppy /f >/dev/null
    ln -s ../stick "$WINEPREFIX/dosdevices/e:"
    local random=$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll
    # Rust takes its random numbers from there; wine has had it since version 9.
    [[ -f $random ]] || x86_64-w64-mingw32-gcc -shared -O2 -s -o "$random" "$root/scripts/lib/bcryptprimitives.c" -ladvapi32
    touch "$WINEPREFIX/ready"
}
