#!/usr/bin/env bash
# Sets up and runs all tests. The last line is the sum: N passed, N failed, N skipped. --packages: only installs what the tests compare with.
set -uo pipefail
cd "$(dirname "$0")"

# What the tests compare with. Where it cannot be installed, the tests that need it are skipped by name.
packages=(
  libturbojpeg0 openslide-tools python3-openslide libvips-tools # the reference for TIFF and SVS, and its maker
  libopenjp2-7 libopenjp2-tools openjph-tools libcharls2        # JPEG 2000, HTJ2K, JPEG-LS
  dcmtk dicom3tools                                             # the reference for DICOM
  postgresql                                                    # what several nodes share
  python3-jsonschema                                            # the reference for the results' schema and the programs' protocol
  python3-numpy jq                                              # classifiers in Python and in a script (examples/one-shot)
  faketime                                                      # a wall clock that steps
  bubblewrap                                                    # the sandbox of classifiers that are programs
  docker-compose haproxy                                        # check deploy/compose.yaml and the load balancer's file; no engine is started
  slurmctld slurmd slurm-client munge                           # a real scheduler starts workers
  openssl shellcheck                                            # make and check the database's certificate; check the scripts of deploy/
  chromium fonts-dejavu-core                                    # looks at the pages
)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  echo "installing ${missing[*]}"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1 ||
    echo "could not install ${missing[*]}: the tests that need them are skipped"
fi
[ "${1:-}" != --packages ] || exit 0

dotnet build Slidebridge.slnx --configuration Release --nologo --verbosity quiet -p:RestoreLockedMode=true || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
touch src/Slidebridge/bin/Release/app/Slidebridge.dll

passed=0 failed=0 skipped=0 status=0 failures=""
log=$(mktemp) results=$(mktemp -d)
trap 'rm -rf "$log" "$results"' EXIT
for suite in Slidebridge.Tests Slidebridge.EndToEnd Slidebridge.Browser Slidebridge.Fuzz; do
  echo "── $suite"
  arguments=()
  # docs/fuzzing.md: the same first cases each time, as many as the time allows.
  [ "$suite" = Slidebridge.Fuzz ] && arguments=(--seconds 20) || arguments=(-result-xml "$results/$suite.xml")
  "tests/$suite/bin/Release/net10.0/$suite" ${arguments[@]+"${arguments[@]}"} 2>&1 | tee "$log"
  code=${PIPESTATUS[0]}
  # xunit's own last line: Total: 5, Errors: 0, Failed: 0, Skipped: 1, Not Run: 0, Time: 0.3s
  read -r total errors fails skips < <(sed -nE 's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+).*/\1 \2 \3 \4/p' "$log" | tail -1) ||
    { total=1 errors=1 fails=0 skips=0; echo "$suite did not run to its end"; }
  passed=$((passed + total - errors - fails - skips)) failed=$((failed + errors + fails)) skipped=$((skipped + skips))
  [ "$code" = 0 ] || status=1
  failures+=$(grep -aE -A3 '\[FAIL\]' "$log" | sed -E 's/\x1b\[[0-9;]*m//g' | cut -c1-600)$'\n'
done
# Where time goes: each suite's file has a test element with its seconds.
echo "── The ten slowest tests"
grep -ohE '<test [^>]*' "$results"/*.xml 2>/dev/null | sed -nE 's/.* name="([^"]*)".* time="([0-9.]+)".*/\2 \1/p' | sort -rn | head -10 | sed 's/&quot;/"/g; s/&amp;/\&/g; s/^\([0-9]*\.[0-9]\)[0-9]* /\1 s  /'
# Once more, where it is seen: what failed, and with which words.
[ -z "${failures//[[:space:]]/}" ] || printf '%s\n' "$failures" | grep -v '^$'
[ "$failed" = 0 ] || status=1
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
