/* markdown_flags: how md4c reads a newsletter, for the check, the HTML and the plain text alike. */
#pragma once

#include <md4c.h>

#define MARKDOWN_FLAGS                                                                             \
        (MD_DIALECT_COMMONMARK | MD_FLAG_NOHTML | MD_FLAG_PERMISSIVEURLAUTOLINKS |                 \
         MD_FLAG_PERMISSIVEEMAILAUTOLINKS)
