#!/bin/bash
# schemas/asyncapi.yaml is what the tables of events.def and wire.def say.
set -u
if ! "$PADRIVER_BUILD/schemas/asyncapi" | diff -u "$PADRIVER_SOURCE/schemas/asyncapi.yaml" - ; then
  echo "schemas/asyncapi.yaml is not what events.def and wire.def say. Run:"
  echo "  $PADRIVER_BUILD/schemas/asyncapi > schemas/asyncapi.yaml"
  exit 1
fi
