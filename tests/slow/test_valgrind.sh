#!/bin/bash
# Memory, by valgrind: the store tests that are programs of C. Definite leaks count, reachable memory does not.
build=${PADRIVER_BUILD:-$(dirname "$0")/../../build/dev}
failed=0
for program in "$build"/tests/store_test_*; do
    [ -x "$program" ] || continue
    echo "== ${program##*/}"
    valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite \
        "$program" || failed=1
done
exit $failed
