/*
 * national_number: whether somebody has written a national identity number where none may stand.
 */
#pragma once

#include "common/text.h"

bool national_number_in(struct text words);
