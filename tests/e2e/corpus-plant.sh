# A value planted in more than two hundred forms and places is gone from all that --where reaches, nothing else has
# changed, and a second run changes nothing.  Sourced by corpus-plant-*.test with $where set.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
XDG_STATE_HOME=$work/state
export XDG_STATE_HOME
"$PYTHON" "$TOP_SRCDIR/tests/corpora/plant.py" "$work/before" >/dev/null
cp -a "$work/before/maildir" "$work/after"
redact () {
  "$DESKSHRED" --quiet redact "$work/after" --kind credit-card --kind iban --kind email --kind tax-id --reason verified "$@" >"$work/out" 2>&1 \
    || { sed 's/^/# /' "$work/out"; echo "Bail out! redact failed"; exit 1; }
}
if [ "$where" = all ]; then set -- --where all; else set --; fi
redact "$@"
cp -a "$work/after" "$work/first"
redact "$@"
diff -r "$work/first" "$work/after" >"$work/diff" || { sed 's/^/# /' "$work/diff"; echo "Bail out! a second run changed something"; exit 1; }
"$PYTHON" "$TOP_SRCDIR/tests/corpora/judge.py" "$work/before/maildir" "$work/after" --where "$where" --manifest "$work/before/manifest.json"
