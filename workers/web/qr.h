/*
 * qr: an address as a QR code, drawn as SVG (libqrencode finds the modules).
 */
#pragma once

#include "workers/web/html.h"

/* Black on white with its quiet zone; words say what it is to who cannot see it. */
void qr_put(struct html *html, struct arena *arena, struct text address, struct text words);
