#!/usr/bin/env bash
# Builds the program with everything that it needs at run time, and nothing else, into an empty folder:
#   deploy/container/assemble.sh /app
# Needs Node >= 20 with npx, and the npm registry.
set -euo pipefail
out=${1:?"usage: assemble.sh <empty folder>"}
out=$(realpath -m "$out")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export CI=true
pnpm=$(node -p 'require("./package.json").packageManager')
pnpm() { npx --yes "$pnpm_pin" "$@"; }
pnpm_pin=$pnpm
if [[ -e $out && -n $(ls -A "$out") ]]; then
  echo "assemble.sh: $out is not empty" >&2
  exit 2
fi
pnpm install --frozen-lockfile
pnpm exec tsc -b
if [[ -d apps/admin ]]; then pnpm --filter @tidelock/admin build; fi
pnpm --filter @tidelock/cli deploy --prod --legacy "$out"
# Sources and maps are for those who read the packages, not for those who run them.
find "$out" -type d -name src -path '*/@tidelock/*' -prune -exec rm -rf {} +
rm -rf "$out/src"
# What is in it, for whoever asks later.
pnpm --silent --filter @tidelock/cli sbom --prod --sbom-format cyclonedx --sbom-type application > "$out/sbom.cdx.json"
node "$out/dist/main.js" --version
