# shellcheck shell=bash
# The window's user interface: its packages and its build, each only when something changed.

# npm_packages FOLDER: `npm ci`, unless what is installed is what the lock file says. None of the packages needs a script of
# its own to be installed.
npm_packages() {
    local folder=$1 stamp=$1/node_modules/.installed-from
    if ! cmp -s "$folder/package-lock.json" "$stamp"; then
        npm --prefix "$folder" ci --no-audit --no-fund --ignore-scripts --loglevel=error
        cp "$folder/package-lock.json" "$stamp"
    fi
}

# Files written anew would have the window built anew, even if they are the same.
build_ui() {
    local built=$root/dist/index.html
    [[ -f $built && -z $(find "$root/ui" "$root"/*.json "$root"/*.ts "$root"/*.js -newer "$built" -print -quit) ]] ||
        npm --prefix "$root" run --silent build
}
