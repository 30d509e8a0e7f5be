#!/usr/bin/env bash
# The installer under wine: for one person and for the computer, over itself, and gone again.
#     tests/windows/installer.sh SETUP.exe VERSION
# Wants WINEPREFIX, wine's program as $wine (scripts/lib/windows.sh), and a display. It leaves all as it was.
set -euo pipefail
export LC_ALL=C.UTF-8
setup=$1 version=$2
uninstall='Software\Microsoft\Windows\CurrentVersion\Uninstall\Fieldkey'
organisation=$WINEPREFIX/drive_c/ProgramData/Fieldkey
system='HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'

fail() {
    echo "installer: $*" >&2
    exit 1
}

run() { timeout --kill-after=5 120 "${wine:?}" "$@" </dev/null | tr -d '\r'; }

# value KEY NAME: what the registry has, nothing if it has none.
value() { run reg query "$1" /v "$2" 2>/dev/null | sed -n "s/^ *$2 *REG_[A-Z_]* *//p"; }

# default KEY: its value without a name.
default() { run reg query "$1" /ve 2>/dev/null | sed -n 's/^ *(Default) *REG_SZ *//p'; }

has() { run reg query "$1" >/dev/null 2>&1; }

# unix PATH: where a path of Windows is.
unix() { local path=${1//\\//}; echo "$WINEPREFIX/dosdevices/${path,}"; }

# gone FILE: deleted by a program that may still be ending.
gone() {
    local tries
    for ((tries = 0; tries < 50; tries++)); do
        [[ -e $1 ]] || return 0
        sleep 0.1
    done
    return 1
}

# tried MODE ROOT PATH-KEY: installs twice, looks, uninstalls, looks again.
tried() {
    local mode=$1 hive=$2 environment=$3 folder own before
    before=$(value "$environment" Path)

    run "$setup" /S "/$mode" || fail "$mode: it ended with $?"
    folder=$(value "$hive\\$uninstall" InstallLocation)
    [[ -n $folder ]] || fail "$mode: nothing is said to be installed"
    [[ $(value "$hive\\$uninstall" DisplayVersion) == "$version" ]] || fail "$mode: another version is said"
    own=$(unix "$folder")
    [[ -f $own/fieldkey.exe && -f $own/fieldkey-window.exe && -f $own/licences.txt ]] || fail "$mode: files are missing"
    [[ $(value "$environment" Path) == "$before;$folder" ]] || fail "$mode: PATH is $(value "$environment" Path)"
    [[ $(default "$hive\\Software\\Classes\\fieldkey\\shell\\open\\command") == "\"$folder\\fieldkey-window.exe\" \"%1\"" ]] ||
        fail "$mode: links are not opened"
    makes_the_organisation_s_folder "$mode"
    [[ $(default "$hive\\Software\\Classes\\.fieldkey") == Fieldkey.Site ]] || fail "$mode: site files are not opened"

    # As the next version would be: over what is there.
    rm "$own/fieldkey.exe"
    run "$setup" /S "/$mode" || fail "$mode: the second time it ended with $?"
    [[ $(value "$environment" Path) == "$before;$folder" ]] || fail "$mode: PATH has it twice"

    # A new process finds the command by the PATH that was written; wine's cmd gives up at one that is too long.
    local command=("$folder\\fieldkey.exe")
    ((${#before} > 1000)) || command=(cmd /c fieldkey)
    [[ $(run "${command[@]}" --version) == "fieldkey $version" ]] || fail "$mode: the command does not run"
    [[ $(run "$folder\\fieldkey-window.exe" --version) == "fieldkey-window $version" ]] || fail "$mode: the window's program does not run"
    says_what_is_missing "$mode" "$folder"
    refused_while_running "$mode" "$own" "$folder"
    [[ $mode != CurrentUser ]] || updates "$mode" "$own" "$folder"

    run "$folder\\uninstall.exe" /S "/$mode" || fail "$mode: uninstalling ended with $?"
    gone "$own" || fail "$mode: left behind: $(ls "$own")"
    [[ $(value "$environment" Path) == "$before" ]] || fail "$mode: PATH is $(value "$environment" Path)"
    local key
    for key in "$uninstall" 'Software\Classes\fieldkey' 'Software\Classes\Fieldkey.Site' 'Software\Classes\.fieldkey'; do
        ! has "$hive\\$key" || fail "$mode: $key stayed behind"
    done
    [[ -z $(find "$WINEPREFIX/drive_c" -name 'Fieldkey.lnk') ]] || fail "$mode: the shortcut stayed behind"
    gone "$organisation" || fail "$mode: the organisation's folder stayed behind, though there was nothing in it"
    echo "$mode: installed, installed over itself, run, refused while running, uninstalled"
}

makes_the_organisation_s_folder() {
    local mode=$1
    if [[ $mode == CurrentUser ]]; then
        [[ ! -e $organisation ]] || fail "$mode: it made $organisation, which would be that person's"
        return
    fi
    [[ -d $organisation/sites ]] || fail "$mode: there is no $organisation/sites"
    # wine keeps rights as modes of files, and finds nobody here who is one of the users that may read it. A folder that is
    # made without rights of its own is everybody's to read.
    [[ $(stat -c %A "$organisation") == *--- ]] || fail "$mode: $organisation is $(stat -c %A "$organisation")"
}

# What an administrator put there outlasts an upgrade, and the program.
leaves_the_organisation_s_files() {
    local before site=$organisation/sites/tokyo.json
    run "$setup" /S /AllUsers || fail "it ended with $?"
    echo '{}' >"$site"
    chmod 755 "$organisation"
    before=$(stat -c %A "$organisation")
    run "$setup" /S /AllUsers || fail "over a folder that is there it ended with $?"
    [[ $(stat -c %A "$organisation") == "$before" ]] || fail "it changed the rights of a folder that was there"
    run "$(value "HKLM\\$uninstall" InstallLocation)\\uninstall.exe" /S /AllUsers || fail "uninstalling ended with $?"
    gone "$WINEPREFIX/drive_c/Program Files/Fieldkey" || fail "left behind: the program"
    [[ $(cat "$site") == '{}' ]] || fail "the organisation's site went with the program"
    rm -rf "$organisation"
    echo "what is the organisation's is left alone"
}

# A link in the folder's place, and what it leads to.
leaves_a_link() {
    local elsewhere=$WINEPREFIX/drive_c/organisation
    mkdir -p "$elsewhere/sites"
    ln -s "$elsewhere" "$organisation"
    run "$setup" /S /AllUsers || fail "over a link it ended with $?"
    run "$(value "HKLM\\$uninstall" InstallLocation)\\uninstall.exe" /S /AllUsers || fail "uninstalling ended with $?"
    gone "$WINEPREFIX/drive_c/Program Files/Fieldkey" || fail "left behind: the program"
    [[ -L $organisation && -d $elsewhere/sites ]] || fail "a link in the folder's place, or what it leads to, went with the program"
    rm "$organisation"
    rm -r "$elsewhere"
    echo "a link in the organisation's folder's place is left alone"
}

# As far as the window comes without WebView2, which wine lacks: it says so, in a dialog too, which is then closed.
says_what_is_missing() {
    local mode=$1 folder=$2 said
    said=$(timeout 15 "$wine" "$folder\\fieldkey-window.exe" 2>&1 >/dev/null </dev/null || true)
    "$wine" taskkill /f /im fieldkey-window.exe >/dev/null 2>&1 || true
    [[ $said == *WebView2* ]] || fail "$mode: the window's program does not say what it lacks: $said"
}

refused_while_running() {
    local mode=$1 own=$2 folder=$3 running status=0 before
    before=$(stat -c %Y.%s "$own/fieldkey.exe")
    # Its dialog about what is missing keeps it open.
    timeout 60 "$wine" "$folder\\fieldkey-window.exe" >/dev/null 2>&1 &
    running=$!
    sleep 3
    run "$setup" /S "/$mode" || status=$?
    kill "$running" 2>/dev/null || true
    wait "$running" 2>/dev/null || true
    "$wine" taskkill /f /im fieldkey-window.exe >/dev/null 2>&1 || true
    ((status == 3)) || fail "$mode: while the command ran it ended with $status"
    [[ $(stat -c %Y.%s "$own/fieldkey.exe") == "$before" ]] || fail "$mode: it wrote over a program that ran"
}

# updates MODE OWN FOLDER: the window starts it and ends; it waits, and starts the new window. The words are those of Tauri's updater.
updates() {
    local mode=$1 own=$2 folder=$3 old installing before tries
    timeout 60 "$wine" "$folder\\fieldkey-window.exe" >/dev/null 2>&1 &
    old=$!
    sleep 3
    touch -d '2001-02-03 04:05:06' "$own/fieldkey-window.exe"
    before=$(stat -c %Y "$own/fieldkey-window.exe")
    run "$setup" /S /UPDATE &
    installing=$!
    sleep 3
    [[ $(stat -c %Y "$own/fieldkey-window.exe") == "$before" ]] || fail "$mode: the update did not wait for the window"
    kill "$old" 2>/dev/null || true
    wait "$old" 2>/dev/null || true
    wait "$installing" || fail "$mode: the update ended with $?"
    [[ $(stat -c %Y "$own/fieldkey-window.exe") != "$before" ]] || fail "$mode: the update wrote nothing"
    [[ ! -e $own/fieldkey-window.exe.new && ! -e $own/fieldkey.exe.new ]] || fail "$mode: the update left files behind"
    for ((tries = 0; tries < 100; tries++)); do
        # wine has nothing that lists them.
        if run taskkill /f /im fieldkey-window.exe 2>/dev/null | grep -q terminated; then break; fi
        sleep 0.1
    done
    ((tries < 100)) || fail "$mode: the new window was not started"
    echo "$mode: an update waits for the window, and starts the new one"
}

# Only the installer asks, and Debian's wine says that it is Windows 7.
as_windows=HKCU\\Software\\Wine\\AppDefaults\\${setup##*/}
says_it_is() { run reg add "$as_windows" /v Version /d "$1" /f >/dev/null; }

refused_on_an_old_windows() {
    local status=0
    says_it_is win81
    run "$setup" /S /CurrentUser || status=$?
    says_it_is win10
    ((status == 4)) || fail "on Windows 8.1 it ended with $status"
    ! has "HKCU\\$uninstall" || fail "on Windows 8.1 it was installed"
    echo "refused on an old Windows"
}

# What a run left that was stopped in its middle.
for mode in CurrentUser AllUsers; do
    if [[ $mode == CurrentUser ]]; then hive=HKCU; else hive=HKLM; fi
    has "$hive\\$uninstall" || continue
    run "$(value "$hive\\$uninstall" InstallLocation)\\uninstall.exe" /S "/$mode" || true
    run reg delete "$hive\\$uninstall" /f >/dev/null 2>&1 || true
done
rm -rf "$organisation" "$WINEPREFIX/drive_c/organisation"

# What belongs to the person outlasts it.
kept=$WINEPREFIX/drive_c/users/$(id -un)/AppData/Roaming/fieldkey/data/installer-test
mkdir -p "$kept"
trap 'rm -rf "$kept"; run reg delete "$as_windows" /f >/dev/null 2>&1 || true' EXIT
says_it_is win10
refused_on_an_old_windows

# With a PATH that NSIS itself could not hold, and a variable in it that must not be expanded.
long=$(printf 'C:\\tools\\%060d;' {1..40})
run reg add 'HKCU\Environment' /v Path /t REG_EXPAND_SZ /d "%USERPROFILE%\\bin;${long%;}" /f >/dev/null
tried CurrentUser HKCU 'HKCU\Environment'
run reg query 'HKCU\Environment' /v Path | grep -q REG_EXPAND_SZ || fail "PATH has another type"
run reg delete 'HKCU\Environment' /v Path /f >/dev/null
tried AllUsers HKLM "$system"
leaves_the_organisation_s_files
leaves_a_link

# Without a word it is for the person who runs it; in a folder of their choice.
chosen=$WINEPREFIX/drive_c/keys/鍵
run "$setup" /S '/D=C:\keys\鍵' || fail "it ended with $?"
has "HKCU\\$uninstall" || fail "it is not the person's"
[[ -f $chosen/fieldkey.exe ]] || fail "it is not where the person wanted it"
run "$chosen/uninstall.exe" /S /CurrentUser
gone "$chosen" || fail "left behind: $(ls "$chosen")"
rmdir "$WINEPREFIX/drive_c/keys"
[[ -d $kept ]] || fail "the journal's folder is gone"
echo "in a folder of one's choice; and what is the person's is left alone"
