#!/bin/bash
# An independent validator, @asyncapi/parser of tests/package.json, accepts schemas/asyncapi.yaml and finds its verbs.
set -eu
node="$PADRIVER_SOURCE/build/node"
if [ ! -d "$node/node_modules/@asyncapi/parser" ]; then # tests/run has installed it; ctest alone has not
  mkdir -p "$node"
  cp "$PADRIVER_SOURCE"/tests/package*.json "$node"
  npm ci --prefix "$node" --ignore-scripts --no-audit --no-fund --loglevel=error
fi
cd "$node"
exec node "$PADRIVER_SOURCE/tests/support/asyncapi.js" "$PADRIVER_SOURCE/schemas/asyncapi.yaml" \
  "$PADRIVER_SOURCE/schemas/wire.def"
