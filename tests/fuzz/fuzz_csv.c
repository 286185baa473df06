/*
 * csv: a table from a spreadsheet. What is taken is a rectangle of well-formed texts.
 */
#include "common/csv.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *arena = arena_new();
        struct csv csv;
        struct csv_fault fault = { 0, "" };
        if (csv_read((struct text){ (const char *)data, size }, arena, &csv, &fault)) {
                require(csv.columns > 0 && csv.columns <= CSV_MOST_COLUMNS);
                require(csv.rows <= CSV_MOST_ROWS);
                for (size_t i = 0; i < csv.rows; i++) {
                        require(csv.row[i].line > 0);
                        for (size_t j = 0; j < csv.columns; j++) {
                                require(csv.row[i].cell[j].size <= CSV_MOST_CELL);
                                require(text_is_utf8(csv.row[i].cell[j]));
                        }
                }
        } else {
                require(fault.reason[0]);
        }
        arena_destroy(&arena);
        return 0;
}
