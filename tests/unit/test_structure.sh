#!/bin/bash
# What depends on what, and which words stand nowhere: the rules of the house that a compiler does not hold.
cd "${PADRIVER_SOURCE:-$(dirname "$0")/../..}" || exit 1
shopt -s lastpipe # complain runs in this shell
faults=0

# complain RULE: lines on standard input break it.
complain() {
        local found
        found=$(cat)
        [ -z "$found" ] && return
        echo "$1:"
        echo "$found" | sed 's/^/  /'
        faults=1
}

# The product's sources of a kind, without tests.
sources() { find common broker workers schemas -name "$1" | sort; }

# A C file without comments and strings, its lines kept.
bare() { gcc -fpreprocessed -dD -E -P "$1" 2>/dev/null | sed -E 's/"([^"\\]|\\.)*"/""/g'; }

# Only db*.c speaks to PostgreSQL, only the wire modules to ZeroMQ (conf.c reads ZPL with czmq).
grep -lE '#include <libpq' $(sources '*.[ch]') | grep -vE '^common/db[a-z_]*\.c$' |
        complain "only common/db*.c include libpq-fe.h"
grep -lE '#include <(czmq|zmq|zconfig)' $(sources '*.[ch]') |
        grep -vE '^(common/(wire|conf|certificate)[a-z_]*\.c|broker/(peer|door)\.c)$' |
        complain "only common/wire.c, its keys in common/certificate*.c, broker/peer.c and broker/door.c include zmq or czmq"

# Dependencies point one way.
grep -nE '#include "(broker|workers|tests)/' $(find common schemas -name '*.[ch]') | complain "common knows no program"
grep -nE '#include "(workers|tests)/' $(find broker -name '*.[ch]') | complain "the broker knows no worker"
for program in workers/*/; do
        grep -rnE '#include "(workers|broker|tests)/' "$program" --include='*.[ch]' | grep -v "\"$program" |
                complain "no program includes another: $program"
done
grep -nE '#include "common/' schemas/statements*.[ch] | complain "the generator stands alone"

# Time comes through the clock (design 7). log.end_idle_appender and log.watch_store measure the server's own time.
for file in $(grep -lE '\btime\(|gettimeofday|CLOCK_REALTIME|localtime|ftime' $(sources '*.c')); do
        [ "$file" = common/clock.c ] && continue
        bare "$file" | grep -oE '\b(time\(NULL\)|time\(0\)|gettimeofday|CLOCK_REALTIME|localtime\(|ftime\()' | sort -u |
                sed "s|^|$file: |"
done | complain "domain time comes through the clock"
for file in $(find common broker workers schemas -name '*.sql'); do
        sed -E 's/--.*//' "$file" |
                grep -noiE '\b(now\(\)|current_date|current_time|current_timestamp|localtimestamp|clock_timestamp\(\)|statement_timestamp\(\)|transaction_timestamp\(\)|timeofday\(\)|'"'(now|today|tomorrow|yesterday)'"')' |
                sed "s|^|$file:|"
done | grep -vE '^schemas/sql/(0002_log|0017_metrics).sql:[0-9]+:clock_timestamp\(\)$' | complain "SQL takes the time as a parameter"
[ "$(grep -c 'clock_timestamp()' schemas/sql/0002_log.sql)" = 1 ] ||
        echo "schemas/sql/0002_log.sql" | complain "clock_timestamp() stands once, in log.end_idle_appender"

# SQL stands in .sql files; db.c, tx.c and migrate.c hold a session's and a transaction's own words.
grep -nE '"(SELECT |INSERT INTO |UPDATE [a-z_.]+ SET|DELETE FROM |WITH [a-z_]+ AS|(CREATE|ALTER|DROP) [A-Z]+ |GRANT [A-Z]+ ON|BEGIN"|COMMIT"|ROLLBACK")' $(sources '*.c') |
        grep -vE '^common/(db|tx|migrate)\.c:' | complain "no SQL in C strings"

# Comments keep to the page; clang-format leaves them to us.
LC_ALL=C.UTF-8 grep -nP '^(?=.{101})\s*/?\* ' $(sources '*.[ch]') | complain "comments are at most 100 wide"

# Bytes travel with their length; nothing is parsed that can overflow.
for file in $(grep -lE 'strcpy|strcat|\bv?sprintf|\bgets|ato[il]|strtok' $(sources '*.c')); do
        bare "$file" | grep -oE '\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atoll|strtok)\(' | sort -u | sed "s|^|$file: |"
done | complain "no unbounded string functions"
for file in $(grep -l assert common/codec*.c common/wire*.c common/verb.c broker/*.c); do
        bare "$file" | grep -nE '\bassert\(' | sed "s|^|$file: |"
done | complain "no assert on a peer's input"
grep -nE '\b(TODO|FIXME|XXX|HACK)\b' $(sources '*.[ch]') $(sources '*.sql') $(sources '*.def') | complain "nothing is left to do"

exit $faults
