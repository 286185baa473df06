/* markdown_flags: how md4c reads a newsletter, for the check, the HTML and the plain text alike. */
#pragma once

#include "common/codec.h"
#include <md4c.h>

#define MARKDOWN_FLAGS                                                                             \
        (MD_DIALECT_COMMONMARK | MD_FLAG_NOHTML | MD_FLAG_PERMISSIVEURLAUTOLINKS |                 \
         MD_FLAG_PERMISSIVEEMAILAUTOLINKS)

/*
 * The Markdown as md4c is given it, to be cleared by the caller: with a line's end and zeros behind
 * it, since md4c 0.4.8 looks past the end for the rest of a link that is not finished.
 */
struct buffer markdown_padded(struct text markdown);
