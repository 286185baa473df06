/*
 * input: each field has its label, and names what is wrong with it.
 */
#include "workers/web/input.h"

#include "workers/web/session.h"
#include <sodium.h>

enum {
        ADDRESS_MOST = 254, /* RFC 5321, 4.5.3.1.3 */
        SHOWN_BYTES = 16,   /* of a hash */
};

void input_hidden(struct page *page, const char *name, struct text value)
{
        html_open(page->html, "input");
        html_set(page->html, "type", TEXT("hidden"));
        html_set(page->html, "name", text_of(name));
        html_set(page->html, "value", value);
        html_close(page->html);
}

static struct text hash(struct arena *arena, struct text what)
{
        unsigned char bytes[SHOWN_BYTES];
        char *hex = arena_raw(arena, 2 * sizeof bytes + 1);
        crypto_generichash(bytes, sizeof bytes, (const unsigned char *)what.at, what.size, NULL, 0);
        return text_of(sodium_bin2hex(hex, 2 * sizeof bytes + 1, bytes, sizeof bytes));
}

void input_shown(struct page *page, struct text what)
{
        input_hidden(page, "shown", hash(page->arena, what));
}

bool input_was_shown(const struct page *page, struct text what)
{
        return text_equal(request_field(page->request, "shown"), hash(page->arena, what));
}

void input_button(struct page *page, enum phrase words)
{
        input_button_about(page, words, (struct text){ 0 });
}

void input_button_about(struct page *page, enum phrase words, struct text about)
{
        html_open(page->html, "button");
        html_set(page->html, "class", TEXT("ds-button"));
        html_set(page->html, "type", TEXT("submit"));
        if (about.at)
                html_set(page->html, "aria-describedby", about);
        html_say(page->html, page_say(page, words, NULL));
        html_close(page->html);
}

void input_begin_form(struct page *page, const char *classes, const char *what)
{
        html_open(page->html, "form");
        html_set(page->html, "method", TEXT("post"));
        html_set(page->html, "class", text_of(classes));
        input_hidden(page, "what", text_of(what));
        if (page->person)
                session_put_key(page);
}

void input_begin_choice(struct page *page, struct text words, bool open)
{
        html_open(page->html, "details");
        html_set(page->html, "class", TEXT("thumb"));
        if (open)
                html_flag(page->html, "open");
        html_classed(page->html, "summary", "ds-button", words);
}

void input_fault(struct page *page, enum phrase fault)
{
        html_open(page->html, "p");
        html_set(page->html, "class", TEXT("ds-validation-message"));
        html_set(page->html, "role", TEXT("alert"));
        html_say(page->html, page_say(page, fault, NULL));
        html_close(page->html);
}

void input_choice(struct page *page, const struct input_choice *choice)
{
        struct html *h = page->html;
        html_open(h, "div");
        html_set(h, "class", TEXT("ds-field"));
        html_open(h, "input");
        html_set(h, "class", TEXT("ds-input"));
        html_set(h, "type", choice->value.size ? TEXT("radio") : TEXT("checkbox"));
        html_set(h, "id", choice->id);
        html_set(h, "name", choice->name);
        if (choice->value.size)
                html_set(h, "value", choice->value);
        if (choice->chosen)
                html_flag(h, "checked");
        html_close(h);
        html_open(h, "label");
        html_set(h, "class", TEXT("ds-label"));
        html_set(h, "for", choice->id);
        html_say(h, choice->label);
        html_close(h);
        html_close(h);
}

/* Opens a field's frame and says its label; the field bears the same id and name. */
static void begin_field(struct page *page, const char *element, const char *name, enum phrase label)
{
        struct html *h = page->html;
        html_open(h, "div");
        html_set(h, "class", TEXT("ds-field question"));
        html_open(h, "label");
        html_set(h, "class", TEXT("ds-label"));
        html_set(h, "for", text_of(name));
        html_say(h, page_say(page, label, NULL));
        html_close(h);
        html_open(h, element);
        html_set(h, "class", TEXT("ds-input"));
        html_set(h, "id", text_of(name));
        html_set(h, "name", text_of(name));
}

static void end_field(struct page *page)
{
        html_close(page->html);
        html_close(page->html);
}

void input_line(struct page *page, const char *name, const char *type, enum phrase label)
{
        const struct text sent = request_field(page->request, name);
        begin_field(page, "input", name, label);
        html_set(page->html, "type", text_of(type));
        if (sent.at)
                html_set(page->html, "value", sent);
        end_field(page);
}

void input_words(struct page *page, const char *name, enum phrase label, int most)
{
        begin_field(page, "textarea", name, label);
        html_set(page->html, "rows", TEXT("3"));
        html_set(page->html, "maxlength", arena_printf(page->arena, "%d", most));
        html_say(page->html, request_field(page->request, name));
        end_field(page);
}

void input_select(struct page *page, const char *name, enum phrase label,
                  const struct input_option *options, size_t count)
{
        const struct text sent = request_field(page->request, name);
        begin_field(page, "select", name, label);
        for (size_t i = 0; i < count; i++) {
                html_open(page->html, "option");
                html_set(page->html, "value", options[i].value);
                if (sent.size && text_equal(sent, options[i].value))
                        html_flag(page->html, "selected");
                html_say(page->html, options[i].words);
                html_close(page->html);
        }
        end_field(page);
}

void input_address(struct page *page, bool wrong)
{
        struct html *h = page->html;
        html_open(h, "div");
        html_set(h, "class", TEXT("ds-field question"));
        html_open(h, "label");
        html_set(h, "class", TEXT("ds-label"));
        html_set(h, "for", TEXT("address"));
        html_say(h, page_say(page, PHRASE_entrance_address, NULL));
        html_close(h);
        html_open(h, "input");
        html_set(h, "class", TEXT("ds-input"));
        html_set(h, "type", TEXT("email"));
        html_set(h, "id", TEXT("address"));
        html_set(h, "name", TEXT("address"));
        html_set(h, "autocomplete", TEXT("email"));
        html_set(h, "maxlength", arena_printf(page->arena, "%d", ADDRESS_MOST));
        html_flag(h, "required");
        if (wrong) {
                html_set(h, "aria-invalid", TEXT("true"));
                html_set(h, "aria-describedby", TEXT("address-fault"));
                html_set(h, "value", request_field(page->request, "address"));
        }
        html_close(h);
        if (wrong) {
                html_open(h, "p");
                html_set(h, "class", TEXT("ds-validation-message"));
                html_set(h, "id", TEXT("address-fault"));
                html_say(h, page_say(page, PHRASE_entrance_no_address, NULL));
                html_close(h);
        }
        html_close(h);
}

bool input_read_address(struct page *page, struct text *address)
{
        *address = text_trim(request_field(page->request, "address"));
        struct text rest = *address;
        const struct text name = text_cut(&rest, '@');
        return address->size <= ADDRESS_MOST && name.size > 0 && rest.at && rest.size > 0 &&
               !memchr(rest.at, '@', rest.size) && !memchr(address->at, ' ', address->size);
}
