/*
 * bench_worker: a real worker on the skeleton that does nothing but count and time what it is
 * given: its only effect in the store is its cursor. BENCH_GROUP names the group. The skeleton
 * calls acknowledge after each batch's commit.
 */
#include "common/worker.h"
#include "tests/bench/tally.h"
#include <stdlib.h>

static enum status see(struct tx *tx, const struct probe_sent *event)
{
        tally_see(worker_of(tx)->own, event->number, event->sent_at, tally_now());
        return DONE;
}

static void acknowledge(struct worker *worker)
{
        const struct tally *tally = worker->own;
        if (tally->acked < tally->seen) {
                tally_ack(worker->own);
        }
}

int main(int argc, char **argv)
{
        const char *group = getenv("BENCH_GROUP");
        return worker_main(argc, argv,
                           &(struct worker){
                                   .group = group ? group : "bench1",
                                   .on = { .probe_sent = see },
                                   .every = { { .ms = 1000, .call = acknowledge } },
                                   .own = tally_open(),
                           });
}
