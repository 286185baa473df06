/*
 * trace: from an event, or all events of a key, back to the first cause and forward to everything
 * that came of it: events, timers, what is parked, letters. Every node but the first has one
 * parent, so it is a forest. It is gathered breadth first, one statement a generation, and bounded
 * in depth and size; what is cut is said.
 */
#include "workers/ctl/ctl.h"

#include "common/day.h"
#include "workers/ctl/log_sql.h"
#include "workers/ctl/shown.h"
#include "workers/ctl/trace_sql.h"
#include <inttypes.h>
#include <stdio.h>

enum {
        DEPTH = 32,  /* generations back, and as many forward */
        MOST = 2000, /* nodes */
        TRACE = 32,  /* digits of a trace's identity: never a position */
};

/* An event, or what came of one: then position is 0. */
struct node {
        int64_t position, parent; /* DB_NULL: nothing led to it */
        bool asked;
        struct trace_leaves row; /* what is shown of it */
        struct text actor, traceparent;
};

struct trace {
        struct ctl *ctl;
        struct tx *tx;
        struct node *nodes;
        size_t count;
        int64_t *positions;    /* of a generation, or of all */
        const char *cut_short; /* why not all is there; NULL: it is */
        int64_t first;         /* the oldest position that the log holds */
};

/* Whether the event is there already. */
static const struct node *find(const struct trace *trace, int64_t position)
{
        for (size_t i = 0; i < trace->count; i++)
                if (trace->nodes[i].position == position)
                        return &trace->nodes[i];
        return NULL;
}

/* Adds it, if there is room. */
static void add(struct trace *trace, struct node node)
{
        if (trace->count == MOST)
                trace->cut_short = "there is more than is shown; trace a position further on";
        else
                trace->nodes[trace->count++] = node;
}

/* Adds those of the events that are not there yet. */
static void take_events(struct trace *trace, struct int_array positions, struct text key)
{
        struct trace_events_rows rows =
                trace_events(trace->tx, positions, key, EVENT_decision_recorded, MOST + 1);
        for (size_t i = 0; i < rows.count; i++) {
                const struct trace_events *e = &rows.row[i];
                if (find(trace, e->position))
                        continue;
                add(trace, (struct node){
                                   .position = e->position,
                                   .parent = e->parent,
                                   .actor = e->actor,
                                   .traceparent = e->traceparent,
                                   .row = { .node = TEXT("event"),
                                            .id = shown_text(tx_arena(trace->tx), e->position),
                                            .type = e->type,
                                            .subject = e->key,
                                            .person = DB_NULL,
                                            .at = e->at },
                           });
        }
}

/* Marks what is there as asked for. */
static void mark_asked(struct trace *trace)
{
        for (size_t i = 0; i < trace->count; i++)
                trace->nodes[i].asked = true;
}

/* The parents that are not there yet. */
static struct int_array list_parents(struct trace *trace, size_t from)
{
        size_t count = 0;
        for (size_t i = from; i < trace->count; i++)
                if (trace->nodes[i].parent != DB_NULL && !find(trace, trace->nodes[i].parent))
                        trace->positions[count++] = trace->nodes[i].parent;
        return (struct int_array){ trace->positions, count };
}

/* The events among the nodes from a place up to another. */
static struct int_array list_events(struct trace *trace, size_t from, size_t upto)
{
        size_t count = 0;
        for (size_t i = from; i < upto; i++)
                if (trace->nodes[i].position)
                        trace->positions[count++] = trace->nodes[i].position;
        return (struct int_array){ trace->positions, count };
}

/* What the events led to. */
static struct int_array list_children(struct trace *trace, struct int_array events)
{
        struct trace_led_to_rows rows =
                trace_led_to(trace->tx, events, EVENT_decision_recorded, MOST + 1);
        int64_t *at = arena_array(tx_arena(trace->tx), rows.count + 1, sizeof *at);
        for (size_t i = 0; i < rows.count; i++)
                at[i] = rows.row[i].position;
        return (struct int_array){ at, rows.count };
}

/* Generation by generation forward from what is asked for. */
static void go_forward(struct trace *trace)
{
        const struct text none = { 0 };
        size_t from = 0, depth = 0;
        while (from < trace->count && !trace->cut_short) {
                size_t count = trace->count;
                struct int_array children = list_children(trace, list_events(trace, from, count));
                if (children.count && ++depth > DEPTH)
                        trace->cut_short = "it goes deeper than is shown; trace a position "
                                           "further on";
                else if (children.count)
                        take_events(trace, children, none);
                from = count;
        }
}

/* Back to the first causes; their other consequences are not asked for. */
static void go_back(struct trace *trace)
{
        const struct text none = { 0 };
        size_t from = 0;
        for (int depth = 0; from < trace->count && depth < DEPTH; depth++) {
                size_t count = trace->count;
                struct int_array parents = list_parents(trace, from);
                if (parents.count)
                        take_events(trace, parents, none);
                from = count;
        }
        if (from < trace->count)
                trace->cut_short = "its first cause is further back than is shown; trace the "
                                   "earliest position";
}

/* What is parked of the events, and the timers and letters that they led to. */
static void take_leaves(struct trace *trace, struct int_array events)
{
        struct trace_leaves_rows rows = trace_leaves(trace->tx, events, MOST + 1);
        for (size_t i = 0; i < rows.count; i++)
                add(trace, (struct node){ .parent = rows.row[i].parent, .row = rows.row[i] });
}

/* "invitation N1-S1", "session_held N1-S1": what a node is, in two words. */
static void print_what(const struct node *node)
{
        const struct trace_leaves *row = &node->row;
        if (row->rule.at)
                printf(" %.*s", TEXT_ARGS(row->rule));
        if (row->type)
                printf(" %s", event_name(row->type));
        printf(" %.*s", TEXT_ARGS(row->subject));
        if (row->person != DB_NULL)
                printf(" to person %" PRId64, row->person);
}

/* The trace of another system that begins here. */
static void print_trace(const struct trace *trace, const struct node *node)
{
        const struct node *parent = find(trace, node->parent);
        if (node->traceparent.at &&
            (!parent || !text_equal(parent->traceparent, node->traceparent)))
                printf(" in trace %.*s", TRACE, node->traceparent.at + 3);
}

/* One line for people. */
static void print_line(struct trace *trace, const struct node *node, int depth)
{
        const struct trace_leaves *row = &node->row;
        printf("%*s", 2 * depth, "");
        if (!node->position)
                printf("%.*s ", TEXT_ARGS(row->node));
        printf("%.*s%s", TEXT_ARGS(row->id), node->asked ? "*" : "");
        print_what(node);
        if (row->state.at)
                printf(", %.*s", TEXT_ARGS(row->state));
        printf(" %.*s", TEXT_ARGS(time_iso(trace->ctl->arena, row->at)));
        if (node->actor.size)
                printf(" by %.*s", TEXT_ARGS(node->actor));
        print_trace(trace, node);
        if (row->message_id.at)
                printf(" <%.*s>", TEXT_ARGS(row->message_id));
        if (row->reason.size)
                printf(": %.*s", TEXT_ARGS(row->reason));
        if (node->parent != DB_NULL && !find(trace, node->parent))
                printf(" (because of %" PRId64 "%s)", node->parent,
                       node->parent < trace->first ? ", retired" : "");
        putchar('\n');
}

/* The same for programs. */
static void print_document(struct trace *trace, const struct node *node, int depth)
{
        const struct trace_leaves *row = &node->row;
        ctl_json(json_pack("{s:o,s:o,s:i,s:o,s:b,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "node",
                           ctl_text(row->node), "id",
                           node->position ? json_integer(node->position) : ctl_text(row->id),
                           "depth", depth, "parent", shown_number(node->parent), "asked",
                           node->asked, "type",
                           row->type ? json_string(event_name(row->type)) : json_null(), "rule",
                           ctl_text(row->rule), "subject", ctl_text(row->subject), "state",
                           ctl_text(row->state), "person", shown_number(row->person), "at",
                           ctl_time(trace->ctl, row->at), "actor",
                           node->actor.size ? ctl_text(node->actor) : json_null(), "message_id",
                           ctl_text(row->message_id), "reason", ctl_text(row->reason),
                           "traceparent", ctl_text(node->traceparent)));
}

/* The node and all below it. A parent is no descendant, and each generation was counted: the
 * recursion ends. */
static void print_tree(struct trace *trace, const struct node *node, int depth)
{
        if (trace->ctl->json)
                print_document(trace, node, depth);
        else
                print_line(trace, node, depth);
        for (size_t i = 0; node->position && i < trace->count; i++)
                if (trace->nodes[i].parent == node->position)
                        print_tree(trace, &trace->nodes[i], depth + 1);
}

/* From each first cause down; last what is missing. */
static void print_forest(struct trace *trace)
{
        for (size_t i = 0; i < trace->count; i++)
                if (trace->nodes[i].parent == DB_NULL || !find(trace, trace->nodes[i].parent))
                        print_tree(trace, &trace->nodes[i], 0);
        if (trace->cut_short && trace->ctl->json)
                ctl_json(json_pack("{s:s,s:s}", "node", "cut", "reason", trace->cut_short));
        else if (trace->cut_short)
                printf("cut short: %s\n", trace->cut_short);
}

/* The events of the trace that the word names; none if it is no trace's identity. */
static struct int_array list_traced(struct trace *trace, struct text word)
{
        size_t count = 0;
        if (word.size == TRACE) {
                const struct trace_of_rows rows = trace_of(trace->tx, word, MOST);
                for (; count < rows.count; count++)
                        trace->positions[count] = rows.row[count].position;
        }
        return (struct int_array){ trace->positions, count };
}

/* Gathers the events first, then what else came of those that are asked for and led to. */
static void gather(struct trace *trace, int64_t position, struct text key)
{
        struct int_array asked = { &position, 1 };
        take_events(trace, position ? asked : list_traced(trace, key), key);
        mark_asked(trace);
        go_forward(trace);
        size_t found = trace->count;
        go_back(trace);
        take_leaves(trace, list_events(trace, 0, found));
}

/* `padriver trace` */
static int show_trace(struct ctl *ctl, int argc, char **argv)
{
        int64_t position = 0;
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL))
                return EXIT_USAGE;
        struct text word = text_of(argv[1]), key = word;
        if (word.size < TRACE && text_to_int(word, &position))
                key = (struct text){ 0 };
        else
                position = 0;
        struct trace trace = { .ctl = ctl, .tx = ctl_tx(ctl) };
        if (!trace.tx)
                return EXIT_DOWN;
        trace.nodes = arena_array(ctl->arena, MOST, sizeof *trace.nodes);
        trace.positions = arena_array(ctl->arena, MOST, sizeof *trace.positions);
        struct log_ends ends = { .first = 1 };
        log_ends(trace.tx, &ends);
        trace.first = ends.first;
        gather(&trace, position, key);
        if (!tx_failed(trace.tx))
                print_forest(&trace);
        bool found = trace.count > 0;
        int code = ctl_end(ctl);
        if (code != EXIT_DONE || found)
                return code;
        return ctl_fail(ctl, EXIT_REFUSED, "%s %s%s", "the log has no event", argv[1],
                        ends.first > 1
                                ? ": what is retired is not traced; see padriver retired list"
                                : "; see padriver log");
}

const struct command trace_commands[] = {
        { .name = "trace",
          .arguments = "POSITION | KEY | TRACE-ID",
          .summary = "Shows what led to an event, and all that came of it",
          .help = "Back to the first cause, and forward to each event, timer, parked event and "
                  "letter. * is what was asked\n"
                  "for: the event at a position of the log, all events of a key, or those of "
                  "another system's trace (W3C,\n"
                  "32 hexadecimal digits). What a grant's money led to is shown under the decision "
                  "that it was booked by.\n"
                  "--json: {node, id, depth, parent, asked, type, rule, subject, state, person, "
                  "at, actor, message_id,\n"
                  "reason, traceparent} a line; node is event, timer, parked or letter, parent the "
                  "position "
                  "that led to it. If not all\n"
                  "is shown, the last line is {node: cut, reason}.\n"
                  "  padriver trace 1/27\n"
                  "  padriver trace N1-S1 --json\n"
                  "  padriver trace 17\n",
          .run = show_trace },
        { 0 },
};
