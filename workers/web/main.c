/*
 * main: of the web face. The rest is a library, so that tests reach its parts.
 */
#include "workers/web/web.h"

int main(int argc, char **argv)
{
        return web_main(argc, argv);
}
