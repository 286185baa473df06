/*
 * probe: a sign of life in each direction.
 */
#include "workers/ctl/probe.h"

#include "common/wire.h"

#define WAIT_MS 2000

bool probe_broker(struct ctl *ctl)
{
        struct wire *wire = ctl_wire(ctl);
        int64_t end = clock_monotonic_ms() + WAIT_MS;
        if (!wire)
                return false;
        wire_send(wire, VERB_BEAT, &(struct wire_beat){ 0 });
        for (int64_t now; (now = clock_monotonic_ms()) < end;) {
                const void *value;
                if (wire_receive(wire, (int)(end - now), ctl->arena, &value) != VERB_none)
                        return true;
        }
        return false;
}
