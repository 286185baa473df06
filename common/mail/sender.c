/*
 * sender: the worker's own is its queue.
 */
#include "common/mail/sender.h"

enum { SIMULATED_MS = 50 };

bool sender_start(struct worker *worker, const char *name, queue_compose *compose_letter)
{
        if (clock_is_simulated(worker->service->clock))
                worker->every[0].ms = SIMULATED_MS;
        worker->own = queue_new(name, worker->service, compose_letter);
        return worker->own;
}

void sender_tell(struct worker *worker, struct metrics_page *page)
{
        metrics_family(page, "padriver_letters_tried_total", "counter",
                       "Letters taken up for sending, by how that ended.");
        metrics_words(page, "end", queue_ends(worker->own));
}

void sender_turn(struct worker *worker)
{
        queue_turn(worker->own, worker->tx);
}

void sender_stop(struct worker *worker)
{
        struct queue *queue = worker->own;
        queue_destroy(&queue);
        worker->own = NULL;
}
