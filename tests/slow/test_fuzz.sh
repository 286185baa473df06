#!/bin/bash
# Every parser of foreign bytes, fuzzed for a minute each: a smoke test of the targets rather than a search.
exec "${PADRIVER_SOURCE:-$(dirname "$0")/../..}/tests/fuzz/run" --seconds 60
