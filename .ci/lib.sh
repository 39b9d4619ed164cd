# Shared by the scripts beside it: say a sentence, and install Debian packages where that is allowed.

say() { printf '%s\n' "$*" >&2; }

stop() {
    say "$@"
    exit 1
}

# Root, or sudo without a password. NO_INSTALL=1 keeps system packages as they are.
can_install() {
    [ -z "${NO_INSTALL:-}" ] && command -v apt-get >/dev/null || return 1
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# install PACKAGE...: false, with the end of the log, when it did not work.
install() {
    local log
    can_install || return 1
    log=$(mktemp)
    say "Installing system packages: $* ..."
    as_root apt-get update -qq -o DPkg::Lock::Timeout=120 >"$log" 2>&1 </dev/null || true
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o DPkg::Lock::Timeout=120 "$@" >>"$log" 2>&1 </dev/null; then
        rm -f "$log"
    else
        tail -n 5 "$log" >&2
        return 1
    fi
}
