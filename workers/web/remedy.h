/*
 * remedy: what was set aside for a person: letters that did not get through, events that could not
 * be handled. Listed for the centre; sent again, settled, retried or given up by its office, which
 * the store asks for (web.check_office). What cannot be undone is confirmed on a page of its own.
 */
#pragma once

#include "workers/web/page.h"

/* The lists of the staff's pages. */
void remedy_list_letters(struct page *page, struct text caption);
void remedy_list_parked(struct page *page, struct text caption);

/* GET and POST /staff/letters/QUEUE/ID and /staff/parked/GROUP/POSITION; a remedy may follow. */
void remedy_show_letter(struct page *page);
void remedy_show_parked(struct page *page);
void remedy_take_letter(struct page *page);
void remedy_take_parked(struct page *page);
