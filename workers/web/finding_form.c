/*
 * finding_form: letters are counted as the store does, by code points.
 */
#include "workers/web/finding_form.h"

#include "workers/web/input.h"

struct text finding_read_words(const struct page *page, const char *field)
{
        const struct text words = text_trim(request_field(page->request, field));
        size_t letters = 0;
        for (size_t i = 0; i < words.size; i++)
                letters += ((unsigned char)words.at[i] & 0xc0) != 0x80;
        return letters > 0 && letters <= FINDING_WORDS ? words : (struct text){ 0 };
}

struct text finding_read_one(const struct page *page, const char *field, const char *const *of,
                             size_t count)
{
        const struct text sent = request_field(page->request, field);
        for (size_t i = 0; i < count; i++)
                if (text_equal(sent, text_of(of[i])))
                        return sent;
        return (struct text){ 0 };
}

void finding_put_done(struct page *page)
{
        const struct text done = request_query(page->request, "done");
        if (text_equal(done, TEXT("finding")))
                page_note(page, PHRASE_finding_done);
        else if (text_equal(done, TEXT("change")))
                page_note(page, PHRASE_finding_change_done);
        else if (text_equal(done, TEXT("step")))
                page_note(page, PHRASE_finding_step_done);
}

void finding_begin_form(struct page *page, enum phrase title, const char *what, enum phrase fault)
{
        html_classed(page->html, "h2", "ds-heading", page_say(page, title, NULL));
        input_begin_form(page, "thumb", what);
        if (fault != PHRASE_count)
                input_fault(page, fault);
}

void finding_end_form(struct page *page, enum phrase button)
{
        input_button(page, button);
        html_close(page->html);
}

void finding_put_choices(struct page *page, const char *name, enum phrase legend,
                         const char *const *values, size_t count, enum phrase (*words)(struct text))
{
        const struct text sent = request_field(page->request, name);
        html_open(page->html, "fieldset");
        html_set(page->html, "class", TEXT("ds-fieldset question"));
        html_classed(page->html, "legend", "ds-label", page_say(page, legend, NULL));
        for (size_t i = 0; i < count; i++) {
                const struct text value = text_of(values[i]);
                input_choice(page,
                             &(struct input_choice){
                                     .id = arena_printf(page->arena, "%s-%s", name, values[i]),
                                     .name = text_of(name),
                                     .value = value,
                                     .label = page_say(page, words(value), NULL),
                                     .chosen = text_equal(sent, value) });
        }
        html_close(page->html);
}
