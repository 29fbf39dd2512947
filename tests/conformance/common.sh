# Functions for the scripts in this directory, which source it in the root of the workspace.

tools=$PWD/target/conformance
mkdir -p "$tools"

# Installs system packages unless a command succeeds: `provide "python3 --version" python3`.
provide() {
  if ! eval "$1" >/dev/null 2>&1; then
    apt-get update
    apt-get install --yes --no-install-recommends "${@:2}"
  fi
}

# Installs a tool, unless it was installed from the same file: `prepare FILE FUNCTION`.
prepare() {
  if ! cmp --silent "$1" "$tools/$(basename "$1").done"; then
    "$2"
    cp "$1" "$tools/$(basename "$1").done"
  fi
}

# Writes the document as one file.
bundle() {
  cargo xtask bundle --out "$tools/openapi.json"
}

install_node_packages() {
  cp tests/conformance/package.json "$tools/package.json"
  # The install scripts of packages are not needed: one of them only sends statistics.
  npm install --prefix "$tools" --no-package-lock --ignore-scripts --no-audit --no-fund
}

provide_node() {
  provide "node --version && npm --version" nodejs npm
  prepare tests/conformance/package.json install_node_packages
  PATH=$tools/node_modules/.bin:$PATH
}

install_schemathesis() {
  python3 -m venv --clear "$tools/python"
  "$tools/python/bin/pip" install --quiet --disable-pip-version-check \
    --requirement tests/conformance/requirements.txt
}

provide_schemathesis() {
  provide "python3 -c 'import ensurepip, venv'" python3 python3-venv
  prepare tests/conformance/requirements.txt install_schemathesis
}

# The processes that end with the script.
started=()
stop_all() {
  for process in "${started[@]}"; do
    kill "$process" 2>/dev/null && wait "$process" 2>/dev/null || true
  done
}
trap stop_all EXIT

# Waits up to a minute for a line that matches, and prints the group of the pattern:
# `wait_for_line LOG PATTERN`. Callers empty the log first, so that it has no lines of earlier runs.
wait_for_line() {
  for attempt in $(seq 1 600); do
    found=$(sed -n "s|.*$2.*|\1|p" "$1" | head -n 1)
    if [ -n "$found" ]; then echo "$found"; return; fi
    sleep 0.1
  done
  cat "$1" >&2
  echo "error: no line in $1 matches '$2'" >&2
  return 1
}

# Starts a sandbox on a free port with these arguments, and sets `sandbox` to its address.
start_sandbox() {
  cargo build --quiet --bin scorekit-sandbox
  : >"$tools/sandbox.log"
  target/debug/scorekit-sandbox --port 0 "$@" >"$tools/sandbox.log" 2>&1 &
  started+=($!)
  sandbox=$(wait_for_line "$tools/sandbox.log" 'listens on \(http://[0-9.:]*[0-9]\)')
}
