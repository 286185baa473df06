/*
 * metrics_gather: pages of programs, whose files lie in RUNTIME/metrics, become one page. A file
 * whose lock nobody holds is of a program that died: it is told as down, its numbers are not.
 */
#include "workers/ctl/metrics.h"

#include "common/log.h"
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
        FAMILIES = 200,
        PAGE = 1 << 18,  /* bytes of one program's */
        PROGRAMS = 1000, /* files looked at */
};

struct family {
        struct text name;
        struct buffer head, samples;
};

struct gathered {
        struct arena *arena;
        size_t count;
        struct family family[FAMILIES];
};

struct gathered *gathered_new(void)
{
        struct gathered *all = calloc(1, sizeof *all);
        if (!all)
                panic("out of memory");
        all->arena = arena_new();
        return all;
}

void gathered_destroy(struct gathered **all)
{
        for (size_t i = 0; *all && i < (*all)->count; i++) {
                buffer_clear(&(*all)->family[i].head);
                buffer_clear(&(*all)->family[i].samples);
        }
        if (*all)
                arena_destroy(&(*all)->arena);
        free(*all);
        *all = NULL;
}

/* The family of that name, made if there is room; NULL if not. */
static struct family *need_family(struct gathered *all, struct text name)
{
        for (size_t i = 0; i < all->count; i++)
                if (text_equal(all->family[i].name, name))
                        return &all->family[i];
        if (all->count == FAMILIES)
                return NULL;
        all->family[all->count].name = arena_copy(all->arena, name);
        return &all->family[all->count++];
}

static void add_line(struct buffer *buffer, struct text line)
{
        buffer_add(buffer, line.at, line.size);
        buffer_add(buffer, "\n", 1);
}

/* A line of HELP or TYPE: whose samples follow. fresh: the family's head is still being written. */
static struct family *take_head(struct gathered *all, struct text line, bool *fresh)
{
        struct text rest = line;
        text_cut(&rest, ' ');
        bool begins = text_equal(text_cut(&rest, ' '), TEXT("HELP"));
        struct family *family = need_family(all, text_cut(&rest, ' '));
        if (begins)
                *fresh = family && family->head.size == 0;
        if (family && *fresh)
                add_line(&family->head, line);
        return family;
}

void gathered_add(struct gathered *all, struct text page)
{
        struct family *family = NULL;
        bool fresh = false;
        while (page.size > 0) {
                struct text line = text_cut(&page, '\n');
                if (text_starts(line, TEXT("# HELP ")) || text_starts(line, TEXT("# TYPE ")))
                        family = take_head(all, line, &fresh);
                else if (family && text_starts(line, family->name))
                        add_line(&family->samples, line);
        }
}

void gathered_print(const struct gathered *all, FILE *out)
{
        for (size_t i = 0; i < all->count; i++) {
                const struct family *family = &all->family[i];
                if (family->samples.size > 0) {
                        fwrite(family->head.at, 1, family->head.size, out);
                        fwrite(family->samples.at, 1, family->samples.size, out);
                }
        }
}

/* What a program wrote, in the arena; no text if it cannot be read. */
static struct text read_page(struct arena *arena, const char *path)
{
        struct text page = { 0 };
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        struct stat about;
        if (fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size < PAGE) {
                char *bytes = arena_alloc(arena, PAGE);
                ssize_t size = read(fd, bytes, PAGE);
                page = (struct text){ bytes, size > 0 ? (size_t)size : 0 };
        }
        if (fd >= 0)
                close(fd);
        return page;
}

/* Whether somebody holds the lock beside the page. */
static bool lives(const char *lock_path)
{
        struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
        int fd = open(lock_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        bool held = fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
        if (fd >= 0)
                close(fd);
        return held;
}

/* How many of the page's microseconds ago it was written, by its first line. */
static int64_t age_of(struct text page)
{
        int64_t at = 0;
        for (int word = 0; word < 3; word++)
                text_cut(&page, ' ');
        return text_to_int(text_cut(&page, ' '), &at) ? (clock_monotonic_ms() - at) * 1000 : 0;
}

/* A program of the directory: "budget", or "budget-2" for a second process. */
struct program {
        struct text name, number;
        bool up;
        int64_t age;
};

static struct program look_at(struct gathered *all, const char *directory, struct text stem)
{
        const char *page_path =
                arena_printf(all->arena, "%s/%.*s.prom", directory, TEXT_ARGS(stem)).at;
        const char *lock_path =
                arena_printf(all->arena, "%s/%.*s.lock", directory, TEXT_ARGS(stem)).at;
        struct text page = read_page(all->arena, page_path);
        struct program program = { .name = stem, .number = TEXT("1"), .up = lives(lock_path) };
        size_t digits = 0;
        while (digits < stem.size && stem.at[stem.size - 1 - digits] >= '0' &&
               stem.at[stem.size - 1 - digits] <= '9')
                digits++;
        if (digits > 0 && digits < stem.size && stem.at[stem.size - 1 - digits] == '-') {
                program.name.size = stem.size - digits - 1;
                program.number = (struct text){ stem.at + stem.size - digits, digits };
        }
        if (program.up) {
                program.age = age_of(page);
                gathered_add(all, page);
        }
        return program;
}

/* One family about all programs. */
static void tell(struct metrics_page *page, const struct program *program, size_t count,
                 bool silence)
{
        for (size_t i = 0; i < count; i++) {
                const struct metric_label labels[] = { { "program", program[i].name },
                                                       { "process", program[i].number },
                                                       { 0 } };
                if (!silence)
                        metrics_count(page, labels, program[i].up);
                else if (program[i].up)
                        metrics_seconds(page, labels, program[i].age);
        }
}

/* Takes names that end so; the rest is left out. */
static int is_page(const struct dirent *entry)
{
        size_t size = strlen(entry->d_name);
        return size > 5 && strcmp(entry->d_name + size - 5, ".prom") == 0;
}

void metrics_add_programs(struct gathered *all, const char *runtime_directory)
{
        const char *directory = arena_printf(all->arena, "%s/metrics", runtime_directory).at;
        struct program *program = arena_array(all->arena, PROGRAMS, sizeof *program);
        struct dirent **entry = NULL;
        struct metrics_page page = { 0 };
        size_t count = 0;
        int found = scandir(directory, &entry, is_page, alphasort);
        for (int i = 0; i < found; i++) {
                struct text stem = arena_copy(all->arena, text_of(entry[i]->d_name));
                stem.size -= strlen(".prom");
                if (count < PROGRAMS && text_is_code(stem))
                        program[count++] = look_at(all, directory, stem);
                free(entry[i]);
        }
        free(entry);
        metrics_family(&page, "padriver_program_up", "gauge",
                       "1: the program runs; 0: it ended otherwise than by being stopped.");
        tell(&page, program, count, false);
        metrics_family(
                &page, "padriver_program_silent_seconds", "gauge",
                "Since the program last wrote its numbers, which it does every two seconds.");
        tell(&page, program, count, true);
        gathered_add(all, (struct text){ page.text.at, page.text.size });
        metrics_clear(&page);
}
