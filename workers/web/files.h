/*
 * files: the style sheets and the script of the pages, read once at the start. A page names each
 * with a hash of its content, so that a browser keeps it for ever and takes a new one at once.
 */
#pragma once

#include "common/arena.h"

struct files;
struct request;

/* Reads them from the directory. NULL: logged. */
struct files *files_new(const char *directory);
void files_destroy(struct files **files);

/* "/static/NAME?HASH"; the name is one of ours. Lives as long as files. */
struct text files_path(const struct files *files, const char *name);

/* Answers with the file of that name. False: there is none. */
bool files_answer(const struct files *files, struct text name, struct request *request);
