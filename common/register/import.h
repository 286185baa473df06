/*
 * import: files of the register and the plan, as people keep them (CSV, or a JSON array of
 * objects), made into what register.import takes. Checks form alone: what the rows may say is the
 * store's to judge.
 */
#pragma once

#include "common/csv.h"
#include <jansson.h>

/*
 * Adds the file to files, a JSON array. The kind is the name's part before the first dot, without
 * folders and a leading number: 10-person.csv, person.drammen.csv and person.json are of the kind
 * person. False: fault says where and what.
 */
bool import_add(json_t *files, struct text name, struct text data, struct arena *arena,
                struct csv_fault *fault);

/* Whether a file of that name is one to import: .csv or .json. */
bool import_is_file(struct text name);
