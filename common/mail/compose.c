/*
 * compose: builds the MIME tree and writes it out through a filter that makes CRLF. Everything is
 * quoted-printable: lines are short and ASCII whatever the words are. The boundary follows from the
 * Message-ID, so that a letter composed twice is the same.
 */
#include "common/mail/compose.h"

#include "common/clock.h"
#include "common/log.h"
#include <gmime/gmime.h>

void compose_init(void)
{
        g_mime_init();
}

/* A string for a header: control characters become spaces, so that nothing starts a new header. */
static const char *header_string(struct arena *arena, struct text t)
{
        char *string = arena_alloc(arena, t.size + 1);

        for (size_t i = 0; i < t.size; i++)
                string[i] = (unsigned char)t.at[i] < ' ' || t.at[i] == 0x7F ? ' ' : t.at[i];
        return string;
}

/* The text without CR, as GMime's filters expect it. */
static struct text without_cr(struct arena *arena, struct text t)
{
        char *copy = arena_alloc(arena, t.size + 1);
        size_t size = 0;

        for (size_t i = 0; i < t.size; i++)
                if (t.at[i] != '\r')
                        copy[size++] = t.at[i];
        return (struct text){ copy, size };
}

/* Adds a part text/SUBTYPE and returns it, still held by the alternatives. */
static GMimeObject *add_part(GMimeMultipart *alternatives, const char *subtype, struct text content,
                             struct arena *arena)
{
        struct text lines = without_cr(arena, content);
        GMimePart *part = g_mime_part_new_with_type("text", subtype);
        GMimeStream *stream = g_mime_stream_mem_new_with_buffer(lines.at, lines.size);
        GMimeDataWrapper *wrapper =
                g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);

        g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "utf-8");
        g_mime_part_set_content(part, wrapper);
        g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
        g_mime_multipart_add(alternatives, GMIME_OBJECT(part));
        g_object_unref(wrapper);
        g_object_unref(stream);
        g_object_unref(part); /* alternatives hold it */
        return GMIME_OBJECT(part);
}

/* Plain text, HTML and the calendar, the richest last. */
static GMimeMultipart *make_alternatives(const struct message *message, struct arena *arena)
{
        GMimeMultipart *alternatives = g_mime_multipart_new_with_subtype("alternative");
        struct text id = message->message_id, local = text_cut(&id, '@');
        struct text boundary = arena_printf(arena, "=_%.*s", TEXT_ARGS(local));

        g_mime_multipart_set_boundary(alternatives, boundary.at);
        add_part(alternatives, "plain", message->text, arena);
        if (message->html.at)
                add_part(alternatives, "html", message->html, arena);
        if (message->calendar.at)
                g_mime_object_set_content_type_parameter(
                        add_part(alternatives, "calendar", message->calendar, arena), "method",
                        message->method);
        return alternatives;
}

static void set_header(GMimeMessage *mime, const char *name, const char *value)
{
        g_mime_object_set_header(GMIME_OBJECT(mime), name, value, NULL);
}

/* One mailbox of a header; the name may be empty. */
static void add_address(GMimeMessage *mime, GMimeAddressType type, struct text name,
                        struct text address, struct arena *arena)
{
        InternetAddress *mailbox = internet_address_mailbox_new(
                name.size ? header_string(arena, name) : NULL, header_string(arena, address));

        internet_address_set_charset(mailbox, "utf-8");
        internet_address_list_add(g_mime_message_get_addresses(mime, type), mailbox);
        g_object_unref(mailbox);
}

/* Who, to whom, when, what about. */
static void set_headers(GMimeMessage *mime, const struct message *message, struct arena *arena)
{
        static const char *const codes[] = { "nb", "nn", "en" };
        GDateTime *date = g_date_time_new_from_unix_utc(message->at / CLOCK_SECOND);

        g_mime_message_set_date(mime, date);
        g_date_time_unref(date);
        g_mime_message_set_message_id(mime, header_string(arena, message->message_id));
        add_address(mime, GMIME_ADDRESS_TYPE_FROM, message->from_name, message->from, arena);
        add_address(mime, GMIME_ADDRESS_TYPE_TO, message->to_name, message->to, arena);
        if (message->reply_to.at)
                add_address(mime, GMIME_ADDRESS_TYPE_REPLY_TO, TEXT(""), message->reply_to, arena);
        g_mime_message_set_subject(mime, header_string(arena, message->subject), "utf-8");
        set_header(mime, "Auto-Submitted", "auto-generated");
        set_header(mime, "Content-Language", codes[message->language]);
        if (!message->unsubscribe.at)
                return;
        set_header(mime, "List-Unsubscribe",
                   arena_printf(arena, "<%.*s>", TEXT_ARGS(message->unsubscribe)).at);
        set_header(mime, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
}

/* Writes the message with CRLF into the arena. */
static struct text write_out(GMimeMessage *mime, struct arena *arena)
{
        GMimeStream *memory = g_mime_stream_mem_new();
        GMimeStream *stream = g_mime_stream_filter_new(memory);
        GMimeFilter *crlf = g_mime_filter_unix2dos_new(TRUE);
        GByteArray *bytes;
        struct text whole;

        g_mime_stream_filter_add(GMIME_STREAM_FILTER(stream), crlf);
        g_object_unref(crlf);
        if (g_mime_object_write_to_stream(GMIME_OBJECT(mime), NULL, stream) < 0)
                panic("compose: cannot write to memory");
        g_mime_stream_flush(stream);
        bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
        whole = arena_copy(arena, (struct text){ (const char *)bytes->data, bytes->len });
        g_object_unref(stream);
        g_object_unref(memory);
        return whole;
}

/* The whole letter. */
struct text compose(const struct message *message, struct arena *arena)
{
        GMimeMultipart *alternatives;
        GMimeMessage *mime;
        struct text whole;

        if (!message->from.size || !message->to.size || !message->text.at ||
            !message->message_id.size)
                panic("compose: a letter without sender, recipient, text or Message-ID");
        mime = g_mime_message_new(TRUE);
        set_headers(mime, message, arena);
        alternatives = make_alternatives(message, arena);
        g_mime_message_set_mime_part(mime, GMIME_OBJECT(alternatives));
        g_object_unref(alternatives);
        whole = write_out(mime, arena);
        g_object_unref(mime);
        return whole;
}
