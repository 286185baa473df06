/*
 * conf: a settings file. What is taken has every number within its bounds and every text there.
 */
#include "common/conf.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *arena = arena_new();
        struct conf conf;
        if (conf_read(&conf, (struct text){ (const char *)data, size }, "fuzz", arena)) {
#define STRING(section, name, value, meaning) require(conf.section##_##name);
#define NUMBER(section, name, value, least, greatest, meaning)                                     \
        require(conf.section##_##name >= (least) && conf.section##_##name <= (greatest));
#define CHOICE(section, name, value, choices, meaning) require(conf.section##_##name);
#include "schemas/conf.def"
#undef STRING
#undef NUMBER
#undef CHOICE
        }
        arena_destroy(&arena);
        return 0;
}
