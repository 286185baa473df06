/*
 * publish: puts events into the log over the wire, one from the command line or many from standard
 * input. They are checked here by the same tables as at the broker's door, so a mistake is told
 * with its field, and its line.
 */
#include "workers/ctl/publisher.h"

#include "workers/ctl/news.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE_MOST 65536 /* bytes of one line */
#define BATCH     256   /* events in one message */

/* What the command was asked for. */
struct asked {
        struct text source;
        int64_t number, seconds;
};

/* The source named and greeted, and its first number. */
static int open_publisher(struct ctl *ctl, struct publisher *publisher, const struct asked *asked)
{
        publisher->ctl = ctl;
        publisher->source = asked->source;
        publisher->wait_ms = asked->seconds * 1000;
        int code = publisher_open(publisher);
        if (code != EXIT_DONE)
                return ctl_fail(ctl, code, "%s", publisher->reason);
        if (asked->number >= 0)
                publisher->next = asked->number;
        return EXIT_DONE;
}

/* One event from EVENT field=value …; prints its position. */
static int publish_one(struct ctl *ctl, const struct asked *asked, int argc, char **argv)
{
        struct publisher publisher = { 0 };
        struct wire_news news;
        struct wire_accepted answer;
        struct fault fault;
        if (!news_from_words(ctl->arena, argc, argv, &news, &fault))
                return ctl_fail(ctl, EXIT_BAD_DATA, "%s", fault.reason);
        int code = open_publisher(ctl, &publisher, asked);
        if (code != EXIT_DONE)
                return code;
        code = publisher_send(&publisher, &news, 1, ctl->arena, &answer);
        if (code != EXIT_DONE)
                return ctl_fail(ctl, code, "%s", publisher.reason);
        if (answer.skipped)
                fprintf(stderr,
                        "padriver publish: that number of %.*s was taken before; nothing new\n",
                        TEXT_ARGS(asked->source));
        printf("%" PRId64 "\n", answer.position);
        return EXIT_DONE;
}

/* Lines on their way, all numbered one after the other. */
struct stream {
        struct publisher publisher;
        struct arena *arena; /* of the batch */
        struct wire_news news[BATCH];
        int64_t lines[BATCH]; /* where they stood */
        size_t count;
        int64_t first; /* the number of the first of them */
        int64_t next;  /* the number of the next line that has none of its own */
        int64_t line;  /* the one being read */
        int code;      /* the first fault's */
};

/* One fault is told, and the others are looked for. */
static void note_faults(struct stream *stream, int code, int64_t first, int64_t last,
                        const char *reason)
{
        fflush(stdout);
        if (first == last)
                fprintf(stderr, "padriver publish: line %" PRId64 ": %s\n", first, reason);
        else
                fprintf(stderr, "padriver publish: lines %" PRId64 " to %" PRId64 ": %s\n", first,
                        last, reason);
        if (stream->code == EXIT_DONE || code == EXIT_DOWN)
                stream->code = code;
}

/* The line being read is not an event. */
static void note_fault(struct stream *stream, const char *reason)
{
        note_faults(stream, EXIT_BAD_DATA, stream->line, stream->line, reason);
}

/* What became of each line of the batch. */
static void print_batch(const struct stream *stream, const struct wire_accepted *answer)
{
        for (size_t i = 0; i < stream->count; i++) {
                bool skipped = (int64_t)i < answer->skipped;
                int64_t position = answer->position + (int64_t)i - answer->skipped;
                ctl_json(json_pack("{s:I,s:o}", "line", (json_int_t)stream->lines[i], "position",
                                   skipped ? json_null() : json_integer(position)));
        }
}

/* Sends the batch. False: the broker is down, no use in going on. */
static bool flush_batch(struct stream *stream)
{
        struct wire_accepted answer;
        if (stream->count == 0)
                return true;
        stream->publisher.next = stream->first;
        int code = publisher_send(&stream->publisher, stream->news, stream->count, stream->arena,
                                  &answer);
        if (code == EXIT_DONE)
                print_batch(stream, &answer);
        else
                note_faults(stream, code, stream->lines[0], stream->lines[stream->count - 1],
                            stream->publisher.reason);
        stream->count = 0;
        arena_clear(stream->arena);
        return code != EXIT_DOWN;
}

/* One line into the batch, after what must go before it. False: the broker is down. */
static bool take_line(struct stream *stream, struct text text)
{
        struct fault fault;
        int64_t number = -1;
        if (stream->count == BATCH && !flush_batch(stream))
                return false;
        if (!news_from_json(stream->arena, text, &stream->news[stream->count], &number, &fault)) {
                note_fault(stream, fault.reason);
                return true;
        }
        if (number >= 0 && stream->publisher.source.size == 0) {
                note_fault(stream, "a number needs --source: whose number it is");
                return true;
        }
        number = number >= 0 ? number : stream->next;
        if (stream->count > 0 && number != stream->next) {
                if (!flush_batch(stream) ||
                    !news_from_json(stream->arena, text, &stream->news[0], &(int64_t){ 0 }, &fault))
                        return false;
        }
        if (stream->count == 0)
                stream->first = number;
        stream->lines[stream->count++] = stream->line;
        stream->next = number + 1;
        return true;
}

/* All lines of standard input. */
static void read_lines(struct stream *stream)
{
        static char line[LINE_MOST];
        bool whole = true;
        while (fgets(line, sizeof line, stdin)) {
                struct text text = text_of(line);
                bool begins = whole;
                whole = text.size > 0 && (text.at[text.size - 1] == '\n' || feof(stdin));
                stream->line += begins;
                if (begins && !whole)
                        note_fault(stream, "longer than 64 KiB; an event is far smaller");
                else if (begins && text_trim(text).size > 0 && !take_line(stream, text_trim(text)))
                        return;
        }
        flush_batch(stream);
}

/* Many events, a JSON object a line; each good one is published, each bad one is told. */
static int publish_lines(struct ctl *ctl, const struct asked *asked)
{
        struct stream *stream = arena_alloc(ctl->arena, sizeof *stream);
        int code = open_publisher(ctl, &stream->publisher, asked);
        if (code != EXIT_DONE)
                return code;
        stream->next = stream->publisher.next;
        stream->arena = arena_new();
        read_lines(stream);
        arena_destroy(&stream->arena);
        return stream->code;
}

/* `padriver publish`: the words say which of the two. */
static int publish(struct ctl *ctl, int argc, char **argv)
{
        struct asked asked = { .source = TEXT(""), .number = -1, .seconds = 10 };
        const struct ctl_option options[] = {
                { .name = "source", .text = &asked.source },
                { .name = "number", .number = &asked.number },
                { .name = "timeout", .number = &asked.seconds },
                { 0 },
        };
        if (!ctl_options(ctl, &argc, argv, 1, 64, options))
                return EXIT_USAGE;
        if (asked.seconds < 1 || asked.seconds > 3600)
                return ctl_fail(ctl, EXIT_USAGE, "--timeout takes 1 to 3600 seconds");
        if (asked.source.size > 0 && !text_is_code(asked.source))
                return ctl_fail(ctl, EXIT_USAGE,
                                "--source is a name of letters, digits and - . / _");
        if (asked.number >= 0 && asked.source.size == 0)
                return ctl_fail(ctl, EXIT_USAGE, "--number needs --source: whose number it is");
        if (strcmp(argv[1], "-") == 0)
                return argc == 2 ? publish_lines(ctl, &asked)
                                 : ctl_fail(ctl, EXIT_USAGE,
                                            "'-' reads all events from standard input");
        return publish_one(ctl, &asked, argc - 1, argv + 1);
}

const struct command publish_commands[] = {
        { .name = "publish",
          .arguments = "EVENT FIELD=VALUE... | --json - [--source NAME] [--number N] [--timeout S]",
          .summary = "Puts an event into the log and prints its position",
          .help = "  padriver publish session_held meeting=N1-S1\n"
                  "  padriver publish grant_received grant=grant-2027 amount_ore=190000000 "
                  "--source bank --number 7\n"
                  "  padriver publish --json - --source bank < events.jsonl\n"
                  "\n"
                  "With --source and --number an event is taken once, however often it is "
                  "published; without --number\n"
                  "it gets the source's next number. --json - reads a line for each event,\n"
                  "  {\"type\": \"session_held\", \"data\": {\"meeting\": \"N1-S1\"}, \"number\": "
                  "7}\n"
                  "publishes the good ones, prints {line, position} for each (null: taken before) "
                  "and tells each\n"
                  "fault with its line. The broker gets --timeout seconds (10) to answer.\n",
          .more = news_help,
          .run = publish },
        { 0 },
};
