/*
 * input: the parts of which forms are made.
 */
#pragma once

#include "workers/web/page.h"

/* A field that only the page itself fills in. */
void input_hidden(struct page *page, const char *name, struct text value);

/* What the form shows to whoever decides by it; and whether that is what was shown to who sent it.
 * Else another has changed it meanwhile, and must not be overruled unseen. */
void input_shown(struct page *page, struct text what);
bool input_was_shown(const struct page *page, struct text what);

/* The button that sends the form. */
void input_button(struct page *page, enum phrase words);

/* The same where several say the same: about is the id of what this one is for. */
void input_button_about(struct page *page, enum phrase words, struct text about);

/* Opens a form that does one thing, with the key of who is signed in; something to unfold, up to
 * what is in it. */
void input_begin_form(struct page *page, const char *classes, const char *what);
void input_begin_choice(struct page *page, struct text words, bool open);

/* What is wrong with what was sent, said at once. */
void input_fault(struct page *page, enum phrase fault);

/* A box to tick; with a value one of several of that name, of which one is chosen. */
struct input_choice {
        struct text id, name, value, label;
        bool chosen;
};

void input_choice(struct page *page, const struct input_choice *choice);

/* A labelled field of one line, filled with what was sent of it. */
void input_line(struct page *page, const char *name, const char *type, enum phrase label);

/* Room for words, filled with what was sent of it. */
void input_words(struct page *page, const char *name, enum phrase label, int most);

/* One of a list; what was sent is chosen. */
struct input_option {
        struct text value, words;
};

void input_select(struct page *page, const char *name, enum phrase label,
                  const struct input_option *options, size_t count);

/* The field "address" for an e-mail address; wrong: what was sent is none. */
void input_address(struct page *page, bool wrong);

/* The address that was sent. False: it is none. */
bool input_read_address(struct page *page, struct text *address);
