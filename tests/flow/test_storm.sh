#!/bin/bash
# A hundred kills meet every failpoint of every program with each kind of victim (promises 1 to 4, 6; tests/storm).
exec /usr/bin/python3 "${PADRIVER_SOURCE:-$(dirname "$0")/../..}/tests/storm/storm.py" 100 --seed 1
