# What the scripts here share; they stand in the root of the workspace when they read it.

tools=$PWD/target/conformance
mkdir -p "$tools"

# Installs packages of the system unless a command succeeds: `provide "python3 --version" python3`.
provide() {
  if ! eval "$1" >/dev/null 2>&1; then
    apt-get update
    apt-get install --yes --no-install-recommends "${@:2}"
  fi
}

# Prepares a tool, unless it was prepared from the same file before: `prepare FILE FUNCTION`.
prepare() {
  if ! cmp --silent "$1" "$tools/$(basename "$1").done"; then
    "$2"
    cp "$1" "$tools/$(basename "$1").done"
  fi
}

# The document as one file.
bundle() {
  cargo xtask bundle --out "$tools/openapi.json"
}

install_node_packages() {
  cp tests/conformance/package.json "$tools/package.json"
  # Scripts of packages are left out: one only counts who installs it.
  npm install --prefix "$tools" --no-package-lock --ignore-scripts --no-audit --no-fund
}

provide_node() {
  provide "node --version && npm --version" nodejs npm
  prepare tests/conformance/package.json install_node_packages
  PATH=$tools/node_modules/.bin:$PATH
}

# What is to be ended with the script.
started=()
stop_all() {
  for process in "${started[@]}"; do kill "$process" 2>/dev/null && wait "$process" 2>/dev/null || true; done
}
trap stop_all EXIT

# Waits for a line of a log that matches, for a minute, and prints what is in its parentheses. The log is emptied before
# its writer starts, or an earlier run's would be read.
told() {
  for attempt in $(seq 1 600); do
    found=$(sed -n "s|.*$2.*|\1|p" "$1" | head -n 1)
    if [ -n "$found" ]; then echo "$found"; return; fi
    sleep 0.1
  done
  cat "$1" >&2
  echo "nothing like '$2' in $1" >&2
  return 1
}

# Starts a sandbox on a free port, sets `sandbox` to its address, and passes its arguments on.
start_sandbox() {
  cargo build --quiet -p scorekit-sandbox
  : >"$tools/sandbox.log"
  target/debug/scorekit-sandbox --port 0 "$@" >"$tools/sandbox.log" 2>&1 &
  started+=($!)
  sandbox=$(told "$tools/sandbox.log" 'listens on \(http://[0-9.:]*[0-9]\)')
}
