/*
 * contacts: the municipalities whose contacts were not confirmed for long (R110), and the button
 * that confirms them. Who may press it is the store's to decide (register.confirm_contacts).
 */
#pragma once

#include "workers/web/page.h"

/* A cell: the day of the last confirmation, and who gave it, if that is known. */
void contacts_put_confirmed(struct page *page, int64_t day, struct text by, enum phrase none);

/* The list of the staff's pages. */
void contacts_list(struct page *page, struct text caption);

/* POST /staff/contacts */
void contacts_confirm(struct page *page);
