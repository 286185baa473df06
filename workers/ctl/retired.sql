-- Partitions of the log that were retired and are kept until a person drops them.

-- retired_partitions () -> many (number bigint, first bigint, last bigint, oldest time, newest time, bytes bigint)
SELECT r.number, r.first, r.last, r.oldest, r.newest, r.bytes FROM log.retired() r;

-- retired_drop (number bigint) -> none
SELECT log.drop_retired(:number);
