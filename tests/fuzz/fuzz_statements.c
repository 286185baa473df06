/*
 * statements: a .sql file of named statements. What is taken has names, and SQL that names no
 * parameter beyond those declared.
 */
#include "schemas/statements_parse.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

/* Each statement is one that C can hold. */
static void check(const struct parsed_statement *statement)
{
        require(statement->line > 0 && statement->name[0] && statement->sql[0]);
        require(strlen(statement->sql) <= STATEMENTS_SQL);
        require(statement->param_count <= STATEMENTS_VALUES);
        require(statement->column_count <= STATEMENTS_VALUES);
        require(statement->answer != ANSWER_NONE || statement->column_count == 0);
        for (size_t i = 0; i < statement->param_count; i++) {
                require(statement->params[i].type && statement->params[i].name[0]);
        }
        for (size_t i = 0; i < statement->column_count; i++) {
                require(statement->columns[i].type && statement->columns[i].name[0]);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct parsed_statements statements;
        struct statement_fault fault = { 0, "" };
        if (statements_parse((const char *)data, size, &statements, &fault)) {
                for (size_t i = 0; i < statements.count; i++) {
                        check(&statements.list[i]);
                }
                statements_clear(&statements);
        } else {
                require(fault.reason[0]);
        }
        return 0;
}
