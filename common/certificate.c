/*
 * certificate: see the header. Files are read line by line, not by zconfig, so that each fault has
 * its line; what may stand in them is what zconfig takes too.
 */
#include "common/certificate.h"

#include "common/event.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

/* A file being read. */
struct reading {
        struct arena *arena;
        struct certificate *certificate;
        struct fault *fault;
        struct text section;
        int line;
        bool publish, group; /* have been said */
};

/* What is wrong, with its line. Returns false. */
__attribute__((format(printf, 2, 3))) static bool complain(const struct reading *r,
                                                           const char *format, ...)
{
        char words[160];
        va_list values;
        va_start(values, format);
        vsnprintf(words, sizeof words, format, values);
        va_end(values);
        return fault_set(r->fault, "line %d: %s", r->line, words);
}

bool certificate_is_key(struct text t)
{
        char z85[CERTIFICATE_KEY + 1];
        unsigned char key[32];
        if (t.size != CERTIFICATE_KEY || memchr(t.at, '\0', t.size)) {
                return false;
        }
        memcpy(z85, t.at, CERTIFICATE_KEY);
        z85[CERTIFICATE_KEY] = '\0';
        return zmq_z85_decode(key, z85) != NULL;
}

/* A key, given once. */
static bool take_key(const struct reading *r, char key[CERTIFICATE_KEY + 1], struct text value)
{
        if (*key) {
                return complain(r, "the key stands there twice; take one away");
        }
        if (!certificate_is_key(value)) {
                return complain(r, "a key is %d letters of Z85; padriver key makes one",
                                CERTIFICATE_KEY);
        }
        memcpy(key, value.at, CERTIFICATE_KEY);
        return true;
}

/* The client's name. */
static bool take_name(const struct reading *r, struct text value)
{
        if (r->certificate->name.at) {
                return complain(r, "name stands there twice; take one away");
        }
        if (!text_is_code(value) || value.size > CERTIFICATE_NAME ||
            memchr(value.at, '/', value.size)) {
                return complain(r, "a name is 1 to %d letters, digits and - . _", CERTIFICATE_NAME);
        }
        r->certificate->name = arena_copy(r->arena, value);
        return true;
}

/* Whether a word of a list is one: a type of events.def, or a group's name. */
static bool is_right(struct text word, bool types)
{
        return types ? event_named(word) != EVENT_none
                     : text_is_code(word) && word.size <= CERTIFICATE_NAME;
}

/* Words with spaces between them. */
static bool take_rights(const struct reading *r, struct text value, bool types,
                        struct text_array *rights)
{
        struct text *words = arena_array(r->arena, CERTIFICATE_RIGHTS, sizeof *words);
        size_t count = 0;
        for (struct text rest = value; rest.at;) {
                struct text word = text_cut(&rest, ' ');
                if (word.size == 0) {
                        continue;
                }
                if (!is_right(word, types)) {
                        return complain(
                                r,
                                types ? "there is no event %.*s; see padriver publish --help"
                                      : "%.*s is no group's name; see padriver group list",
                                word.size > 60 ? 60 : (int)word.size, word.at);
                }
                if (count == CERTIFICATE_RIGHTS) {
                        return complain(r, "at most %d can be listed", CERTIFICATE_RIGHTS);
                }
                words[count++] = arena_copy(r->arena, word);
        }
        *rights = (struct text_array){ words, count };
        return true;
}

/* A line below metadata. */
static bool take_metadata(struct reading *r, struct text name, struct text value)
{
        bool types = text_equal(name, TEXT("publish"));
        if (text_equal(name, TEXT("name"))) {
                return take_name(r, value);
        }
        if (!types && !text_equal(name, TEXT("group"))) {
                return complain(r, "%.*s is unknown; metadata has name, publish and group",
                                name.size > 60 ? 60 : (int)name.size, name.at);
        }
        bool *said = types ? &r->publish : &r->group;
        if (*said) {
                return complain(r, "%.*s stands there twice; make it one line", TEXT_ARGS(name));
        }
        *said = true;
        r->certificate->publishes_all =
                r->certificate->publishes_all || (types && text_equal(text_trim(value), TEXT("*")));
        return (types && r->certificate->publishes_all) ||
               take_rights(r, value, types,
                           types ? &r->certificate->publish : &r->certificate->groups);
}

/* A line below curve. */
static bool take_curve(const struct reading *r, struct text name, struct text value)
{
        if (text_equal(name, TEXT("public-key"))) {
                return take_key(r, r->certificate->public_key, value);
        }
        if (text_equal(name, TEXT("secret-key"))) {
                return take_key(r, r->certificate->secret_key, value);
        }
        return complain(r, "%.*s is unknown; curve has public-key and secret-key",
                        name.size > 60 ? 60 : (int)name.size, name.at);
}

/* What stands behind "=": quoted, or without spaces. False: neither. */
static bool take_value(struct text rest, struct text *value)
{
        rest = text_trim(rest);
        if (rest.size > 0 && (rest.at[0] == '"' || rest.at[0] == '\'')) {
                char quote = rest.at[0];
                rest = (struct text){ rest.at + 1, rest.size - 1 };
                *value = text_cut(&rest, quote);
                rest = text_trim(rest);
                return rest.at && (rest.size == 0 || rest.at[0] == '#');
        }
        *value = text_trim(text_cut(&rest, '#'));
        return value->size > 0;
}

/* One line: empty, a comment, a section's name, or an indented setting of it. */
static bool take_line(struct reading *r, struct text line)
{
        struct text words = text_trim(line), value;
        if (words.size == 0 || words.at[0] == '#') {
                return true;
        }
        if (line.at[0] != ' ' && line.at[0] != '\t') {
                r->section = text_trim(text_cut(&words, '#'));
                return text_equal(r->section, TEXT("metadata")) ||
                       text_equal(r->section, TEXT("curve")) ||
                       complain(r, "a certificate has the sections metadata and curve, at the "
                                   "margin; what is in them is indented by four spaces");
        }
        struct text name = text_trim(text_cut(&words, '='));
        if (!r->section.at || !words.at || !take_value(words, &value)) {
                return complain(r, "is not name = \"value\" below metadata or curve");
        }
        return text_equal(r->section, TEXT("curve")) ? take_curve(r, name, value)
                                                     : take_metadata(r, name, value);
}

bool certificate_parse(struct text zpl, struct arena *arena, struct certificate *certificate,
                       struct fault *fault)
{
        struct reading r = { .arena = arena, .certificate = certificate, .fault = fault };
        *certificate = (struct certificate){ 0 };
        if (zpl.size > CERTIFICATE_MOST || !text_is_utf8(zpl)) {
                return fault_set(fault, "is not text of at most %d bytes", CERTIFICATE_MOST);
        }
        while (zpl.at) {
                r.line++;
                if (!take_line(&r, text_cut(&zpl, '\n'))) {
                        return false;
                }
        }
        if (!certificate->name.at) {
                return fault_set(fault, "says no name: metadata needs name = \"…\"");
        }
        if (!*certificate->public_key) {
                return fault_set(fault, "has no public key: curve needs public-key = \"…\"");
        }
        return true;
}
