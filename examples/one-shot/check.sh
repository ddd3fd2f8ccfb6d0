#!/bin/sh
# Is each scan fit for analysis? Reads the task's file, writes the result's; needs jq.
set -eu
least=$(jq -r '.settings.objectivePower // 20' "$SLIDEBRIDGE_TASK")
echo "at least ${least}x is required" >&2 # Kept with the task: slidebridge tasks log.

jq --argjson least "$least" '
  def reasons:
    (if .mpp == null then ["no resolution"] elif .mpp.x > 10 / $least * 1.1 then ["resolution too low"] else [] end)
    + (if (.levels | length) == 0 or .width * .height < 1000000 then ["too small"] else [] end);
  {scanResults: [.scans[] | {
    scanId: .id,
    qcFailReasons: reasons,
    results: {summary: (if reasons == [] then "fit for analysis" else "not fit: " + (reasons | join(", ")) end), format: .format}
  }]}' "$SLIDEBRIDGE_TASK" > "$SLIDEBRIDGE_RESULT"
