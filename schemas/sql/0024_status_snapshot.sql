-- `padriver status` shows the oldest snapshot, too: it keeps dead rows of what is updated all the time.
GRANT EXECUTE ON FUNCTION log.watch_store TO padriver_ctl;
