# shellcheck shell=bash
# What a Linux package holds beside the window's program, as a tree that Tauri's bundler takes over.

# linux_tree KIND BUILT PAGES TREE: KIND is deb or rpm, BUILT has the programs, PAGES what fieldkey-pages wrote.
linux_tree() {
    local kind=$1 built=$2 pages=$3 tree=$4 of=$root/src-tauri/linux
    local share=$tree/usr/share doc=$tree/usr/share/doc/fieldkey

    install -D -m 755 "$built/fieldkey" "$tree/usr/bin/fieldkey"
    put "$of/70-fieldkey.rules" "$tree/usr/lib/udev/rules.d/70-fieldkey.rules"
    put "$of/fieldkey-mime.xml" "$share/mime/packages/fieldkey.xml"
    put "$root/src-tauri/icons/icon.svg" "$share/icons/hicolor/scalable/apps/fieldkey-window.svg"
    sed "s/@VERSION@/$version/; s/@DATE@/$(date --utc --date="@$SOURCE_DATE_EPOCH" +%F)/" "$of/metainfo.xml" |
        put - "$share/metainfo/dev.fieldkey.window.metainfo.xml"
    put "$of/drivers-readme" "$share/fieldkey/drivers/README"
    put "$of/copyright" "$doc/copyright"
    gzip -9n <"$root/src-tauri/licences.txt" | put - "$doc/licences.txt.gz"
    local recipe
    for recipe in "$root"/src-tauri/crates/device/drivers/*.toml; do
        put "$recipe" "$doc/examples/drivers/${recipe##*/}"
    done

    local page
    while read -r page; do
        gzip -9n <"$pages/man/$page" | put - "$share/man/$page.gz"
    done < <(cd "$pages/man" && find . -type f)
    put "$pages/completions/fieldkey.bash" "$share/bash-completion/completions/fieldkey"
    put "$pages/completions/fieldkey.fish" "$share/fish/vendor_completions.d/fieldkey.fish"
    # PowerShell has no folder for these: whoever wants them names the file in the profile.
    put "$pages/completions/_fieldkey.ps1" "$share/fieldkey/completions/fieldkey.ps1"
    if [[ $kind == deb ]]; then
        put "$pages/completions/_fieldkey" "$share/zsh/vendor-completions/_fieldkey"
        put "$of/lintian-overrides" "$share/lintian/overrides/fieldkey"
        "$root/scripts/lib/debian_changelog.py" "$version" "$maintainer" "$SOURCE_DATE_EPOCH" <"$root/CHANGELOG.md" |
            gzip -9n | put - "$doc/changelog.gz"
    else
        put "$pages/completions/_fieldkey" "$share/zsh/site-functions/_fieldkey"
        put "$root/CHANGELOG.md" "$doc/CHANGELOG.md"
    fi
}

# put FILE PATH: FILE may be -, for standard input.
put() {
    install -D -m 644 "${1/#-/\/dev/stdin}" "$2"
}
