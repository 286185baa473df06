/*
 * qr: one path for all dark modules, a square each.
 */
#include "workers/web/qr.h"

#include "common/codec.h"
#include "common/log.h"
#include <qrencode.h>
#include <stdio.h>

enum { QUIET = 4 }; /* modules of white around it, as the standard asks */

/* "M4 4h1v1h-1z…": a square for each dark module. */
static struct text draw(struct arena *arena, const QRcode *code)
{
        struct buffer path = { 0 };
        for (int at = 0; at < code->width * code->width; at++) {
                char square[40];
                if (!(code->data[at] & 1))
                        continue;
                const int size = snprintf(square, sizeof square, "M%d %dh1v1h-1z",
                                          at % code->width + QUIET, at / code->width + QUIET);
                buffer_add(&path, square, (size_t)size);
        }
        const struct text whole = arena_copy(arena, (struct text){ path.at, path.size });
        buffer_clear(&path);
        return whole;
}

/* A rectangle over the whole. */
static void put_ground(struct html *html, struct text side)
{
        html_open(html, "rect");
        html_set(html, "width", side);
        html_set(html, "height", side);
        html_set(html, "fill", TEXT("#fff"));
        html_close(html);
}

void qr_put(struct html *html, struct arena *arena, struct text address, struct text words)
{
        QRcode *code = QRcode_encodeString8bit(arena_string(arena, address), 0, QR_ECLEVEL_M);
        if (!code)
                panic("no QR code of %zu bytes", address.size);
        const struct text side = arena_printf(arena, "%d", code->width + 2 * QUIET);
        html_open(html, "svg");
        html_set(html, "xmlns", TEXT("http://www.w3.org/2000/svg"));
        html_set(html, "class", TEXT("qr"));
        html_set(html, "viewBox",
                 arena_printf(arena, "0 0 %.*s %.*s", TEXT_ARGS(side), TEXT_ARGS(side)));
        html_set(html, "role", TEXT("img"));
        html_set(html, "aria-label", words);
        put_ground(html, side);
        html_open(html, "path");
        html_set(html, "d", draw(arena, code));
        html_close(html);
        html_close(html);
        QRcode_free(code);
}
