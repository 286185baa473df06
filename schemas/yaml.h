/*
 * yaml: a JSON document written as block YAML: for people to read and compare, and for any YAML
 * parser.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

/* Writes the document; keys stay in their order. */
void yaml_write(const json_t *document, FILE *out);
