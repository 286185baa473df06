/*
 * clock: the only source of time for the domain. Microseconds since 1970-01-01 UTC. Real, or
 * simulated: then the time is a number in the file RUNTIME/clock, mapped by all programs of an
 * instance, and stands still until somebody moves it (padriver clock). A simulated clock never goes
 * back. clock_monotonic is for watchdogs, beats and back-off; it is never simulated.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_SECOND INT64_C(1000000)
#define CLOCK_DAY    (86400 * CLOCK_SECOND)

struct clock;

/* The instance's clock: simulated if RUNTIME/clock exists, else real. NULL (logged) if the file
 * is damaged. */
struct clock *clock_open(const char *runtime_directory);
void clock_close(struct clock **clock);

int64_t clock_now(const struct clock *clock);
bool clock_is_simulated(const struct clock *clock);

/* Makes RUNTIME/clock, standing at the time. False (logged) if it cannot or if there is one. */
bool clock_simulate(const char *runtime_directory, int64_t time);

/* Moves a simulated clock forward. False if it is real or the time lies before now. */
bool clock_set(struct clock *clock, int64_t time);

/* Milliseconds that only go forward. */
int64_t clock_monotonic_ms(void);

int64_t clock_monotonic_us(void);

/* As clock_monotonic_ms, some milliseconds behind and four times as cheap: for each event. */
int64_t clock_coarse_ms(void);
