/*
 * replay: runs a target with the files of the directories named, so that what fuzzing found stays
 * found with any compiler and without libFuzzer.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* The file in memory of just its size, so that a sanitizer sees each byte read too far. */
static void replay(const char *directory, const char *name)
{
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", directory, name);
        FILE *file = fopen(path, "rb");
        if (!file || fseek(file, 0, SEEK_END) != 0)
                panic("cannot read %s", path);
        long size = ftell(file);
        uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
        rewind(file);
        if (!data || size < 0 || fread(data, 1, (size_t)size, file) != (size_t)size)
                panic("cannot read %s", path);
        fclose(file);
        printf("%s\n", path);
        fflush(stdout); /* if it dies, this says of what */
        LLVMFuzzerTestOneInput(data, (size_t)size);
        free(data);
}

/* Exits with 1 if there was nothing to replay. */
int main(int argc, char **argv)
{
        int count = 0;
        for (int i = 1; i < argc; i++) {
                DIR *directory = opendir(argv[i]);
                if (!directory)
                        panic("cannot read %s", argv[i]);
                for (struct dirent *entry; (entry = readdir(directory));) {
                        if (entry->d_name[0] != '.') {
                                replay(argv[i], entry->d_name);
                                count++;
                        }
                }
                closedir(directory);
        }
        return count > 0 ? 0 : 1;
}
