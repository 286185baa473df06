#!/bin/bash
# An independent validator, @asyncapi/parser from npm, accepts schemas/asyncapi.yaml and finds its verbs.
set -eu
node="$PADRIVER_BUILD/node"
version=3.6.3
if ! grep -qs "\"version\": \"$version\"" "$node/node_modules/@asyncapi/parser/package.json"; then
  npm install --silent --no-audit --no-fund --prefix "$node" "@asyncapi/parser@$version"
fi
cd "$node"
exec node "$PADRIVER_SOURCE/tests/support/asyncapi.js" "$PADRIVER_SOURCE/schemas/asyncapi.yaml" \
  "$PADRIVER_SOURCE/schemas/wire.def"
