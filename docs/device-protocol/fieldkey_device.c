/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fieldkey_device.h"

#include <string.h>

enum {
    MAGIC_1 = 0xf5,
    MAGIC_2 = 0xfa,
    HEADER = 7,
    CRC = 4,

    HELLO = 'H',
    LIST = 'L',
    WRITE = 'W',
    READ = 'R',
    DIGEST = 'D',
    COMMIT = 'C',
    REMOVE = 'X',
    MAKE_KEY = 'K',
    BYE = 'Q',

    ANSWER = 0x80, /* or'ed to the request's type */
    ERROR = ANSWER | 'E',
    BUSY = ANSWER | 'Y',
    DAMAGED = ANSWER | 'N'
};

/* The CSR is read like an object. No object has such a name. */
static const char csr_name[] = "@csr";

/* ---- Numbers, most significant byte first ---- */

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)((uint16_t)at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put16(uint8_t *at, size_t number)
{
    at[0] = (uint8_t)(number >> 8);
    at[1] = (uint8_t)number;
}

static void put32(uint8_t *at, uint32_t number)
{
    put16(at, number >> 16);
    put16(at + 2, number & 0xffff);
}

/* ---- Checks ---- */

uint32_t fieldkey_crc32(uint32_t crc, const uint8_t *bytes, size_t count)
{
    unsigned bit;

    crc = ~crc;
    while (count--) {
        crc ^= *bytes++;
        for (bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1u)));
    }
    return ~crc;
}

/* CRC-8 with the polynomial 0x07, begun with 0xff, over type, sequence and length. */
static uint8_t header_check(const uint8_t *frame)
{
    unsigned i, bit, crc = 0xff;

    for (i = 2; i < HEADER - 1; i++) {
        crc ^= frame[i];
        for (bit = 0; bit < 8; bit++)
            crc = (crc & 0x80u) ? (crc << 1 ^ 0x07u) & 0xffu : crc << 1;
    }
    return (uint8_t)crc;
}

/* Key material does not stay in memory. volatile: else the compiler would see that nobody reads it, and leave it. */
static void wipe(uint8_t *bytes, size_t count)
{
    volatile uint8_t *at = bytes;

    while (count--)
        *at++ = 0;
}

/* ---- Replies ---- */

/* Puts header and CRC around a payload that is in its place. Returns the frame's length. */
static size_t frame_up(uint8_t *frame, uint8_t type, uint8_t sequence, size_t payload)
{
    frame[0] = MAGIC_1;
    frame[1] = MAGIC_2;
    frame[2] = type;
    frame[3] = sequence;
    put16(frame + 4, payload);
    frame[6] = header_check(frame);
    put32(frame + HEADER + payload, fieldkey_crc32(0, frame + 2, HEADER - 2 + payload));
    return HEADER + payload + CRC;
}

static void send_small(struct fieldkey_device *device, uint8_t type, uint8_t sequence, const uint8_t *payload,
                       size_t count)
{
    uint8_t frame[FIELDKEY_OVERHEAD + 4];

    if (count)
        memcpy(frame + HEADER, payload, count);
    device->config.send(device->config.context, frame, frame_up(frame, type, sequence, count));
}

void fieldkey_busy(struct fieldkey_device *device, uint16_t more_ms, uint8_t percent)
{
    uint8_t payload[3];

    /* There is no clock here. But what was named before is not over yet, so no more than all of it has passed. */
    device->busy_ms += more_ms;
    if (device->busy_ms > FIELDKEY_BUSY_MS)
        device->busy_ms = FIELDKEY_BUSY_MS;
    put16(payload, more_ms);
    payload[2] = percent;
    send_small(device, BUSY, device->last_sequence, payload, sizeof payload);
}

/* A reply as it grows. */
struct reply {
    uint8_t *payload;
    size_t count;
    size_t limit; /* what the reply buffer can hold, and the host takes */
};

/* ---- Reading requests ---- */

struct request {
    uint8_t *at;
    size_t left;
};

static int take(struct request *request, size_t count, uint8_t **at)
{
    if (request->left < count)
        return 0;
    *at = request->at;
    request->at += count;
    request->left -= count;
    return 1;
}

/* Takes a name: its length, then letters, digits, '.', '-', '_'. The length's byte makes room for a NUL behind it. */
static enum fieldkey_error take_name(struct request *request, const char **name)
{
    uint8_t *at;
    size_t i, length;

    if (!take(request, 1, &at))
        return FIELDKEY_MALFORMED;
    length = at[0];
    if (request->left < length)
        return FIELDKEY_MALFORMED;
    request->at += length;
    request->left -= length;
    memmove(at, at + 1, length);
    at[length] = 0;
    *name = (const char *)at;
    if (length == sizeof csr_name - 1 && memcmp(at, csr_name, length) == 0)
        return FIELDKEY_OK;
    if (length == 0 || length > FIELDKEY_NAME)
        return FIELDKEY_BAD_NAME;
    for (i = 0; i < length; i++) {
        uint8_t c = at[i];
        int letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '-' && c != '_')
            return FIELDKEY_BAD_NAME;
    }
    return FIELDKEY_OK;
}

static int is_csr(const char *name)
{
    return strcmp(name, csr_name) == 0;
}

static enum fieldkey_error find(struct fieldkey_device *device, const char *name, struct fieldkey_object *object)
{
    unsigned index;

    for (index = 0; index < 256; index++) {
        enum fieldkey_error error = device->config.storage->object(device->config.context, index, object);
        if (error != FIELDKEY_OK)
            return error;
        if (strcmp(object->name, name) == 0)
            return FIELDKEY_OK;
    }
    return FIELDKEY_NOT_FOUND;
}

static enum fieldkey_error add_digest(struct fieldkey_device *device, const struct fieldkey_object *object,
                                      struct reply *reply)
{
    struct fieldkey_sha256 hash;
    enum fieldkey_error error = FIELDKEY_OK;
    uint8_t piece[64];
    uint32_t offset = 0;

    fieldkey_sha256_begin(&hash);
    while (offset < object->size && error == FIELDKEY_OK) {
        size_t count = object->size - offset < sizeof piece ? object->size - offset : sizeof piece;
        error = device->config.storage->read(device->config.context, object->name, offset, piece, count);
        if (error == FIELDKEY_OK)
            fieldkey_sha256_add(&hash, piece, count);
        offset += (uint32_t)count;
    }
    if (error == FIELDKEY_OK) {
        fieldkey_sha256_end(&hash, reply->payload + reply->count);
        reply->count += 32;
    }
    wipe(piece, sizeof piece);
    wipe(hash.block, sizeof hash.block);
    return error;
}

/* ---- The requests ---- */

/* At most 32 bytes, so that four always fit. */
static void add_text(struct reply *reply, const char *text)
{
    size_t length = text ? strlen(text) : 0;

    if (length > 32)
        length = 32;
    reply->payload[reply->count++] = (uint8_t)length;
    if (length)
        memcpy(reply->payload + reply->count, text, length);
    reply->count += length;
}

static void end_write(struct fieldkey_device *device)
{
    device->total = 0;
    device->written = 0;
}

static void end_session(struct fieldkey_device *device)
{
    device->session = 0;
    device->csr_held = 0;
    end_write(device);
}

/* Whatever a later version of the host says in its greeting is for a later version of this. */
static enum fieldkey_error hello(struct fieldkey_device *device, struct reply *reply)
{
    const struct fieldkey_config *config = &device->config;
    size_t payload = config->receive_size - FIELDKEY_OVERHEAD;
    uint8_t *at = reply->payload;

    device->session = 1;
    end_write(device);
    at[0] = FIELDKEY_VERSION;
    at[1] = config->flags;
    put16(at + 2, payload);
    put32(at + 4, config->object_size);
    put32(at + 8, config->storage->room(config->context));
    at[12] = config->objects;
    at[13] = config->kinds;
    at[14] = config->make_key ? config->key_types : 0;
    at[15] = FIELDKEY_MOVES;
    at[16] = FIELDKEY_NAME;
    reply->count = 17;
    add_text(reply, config->maker);
    add_text(reply, config->model);
    add_text(reply, config->firmware);
    add_text(reply, config->serial_number);
    return FIELDKEY_OK;
}

static enum fieldkey_error list_objects(struct fieldkey_device *device, struct request *request, struct reply *reply)
{
    const struct fieldkey_config *config = &device->config;
    struct fieldkey_object object;
    unsigned index, first;
    int fits = 1;
    uint8_t *at;

    if (!take(request, 1, &at))
        return FIELDKEY_MALFORMED;
    first = at[0];
    put32(reply->payload, config->storage->room(config->context));
    reply->count = 5;
    for (index = 0; index < 255; index++) {
        enum fieldkey_error error = config->storage->object(config->context, index, &object);
        size_t length;
        if (error == FIELDKEY_NOT_FOUND)
            break;
        if (error != FIELDKEY_OK)
            return error;
        length = strlen(object.name);
        fits = fits && reply->count + 6 + length <= reply->limit;
        if (index < first || !fits)
            continue;
        at = reply->payload + reply->count;
        at[0] = object.kind;
        put32(at + 1, object.size);
        at[5] = (uint8_t)length;
        memcpy(at + 6, object.name, length);
        reply->count += 6 + length;
    }
    reply->payload[4] = (uint8_t)index;
    return FIELDKEY_OK;
}

static enum fieldkey_error begin(struct fieldkey_device *device, struct request *request)
{
    const struct fieldkey_config *config = &device->config;
    enum fieldkey_error error;
    const char *name;
    uint32_t total;
    uint8_t kind;
    uint8_t *at;

    end_write(device);
    if (!take(request, 5, &at))
        return FIELDKEY_MALFORMED;
    total = get32(at);
    kind = at[4];
    error = take_name(request, &name);
    if (error != FIELDKEY_OK)
        return error;
    if (is_csr(name))
        return FIELDKEY_BAD_NAME;
    if (total == 0)
        return FIELDKEY_MALFORMED;
    if (kind > 7 || !(config->kinds >> kind & 1))
        return FIELDKEY_BAD_KIND;
    if (total > config->object_size)
        return FIELDKEY_TOO_LARGE;
    error = config->storage->begin(config->context, name, kind, total);
    if (error != FIELDKEY_OK)
        return error;
    strcpy(device->writing, name);
    device->total = total;
    return FIELDKEY_OK;
}

static enum fieldkey_error write_object(struct fieldkey_device *device, struct request *request, struct reply *reply)
{
    const struct fieldkey_config *config = &device->config;
    struct fieldkey_object object;
    enum fieldkey_error error;
    uint32_t offset;
    uint8_t *at;

    if (!take(request, 4, &at))
        return FIELDKEY_MALFORMED;
    offset = get32(at);
    if (offset == 0) {
        error = begin(device, request);
        if (error != FIELDKEY_OK)
            return error;
    } else if (device->total == 0 || offset != device->written) {
        put32(reply->payload + 1, device->total ? device->written : 0);
        reply->count = 5;
        return FIELDKEY_WRONG_OFFSET;
    }
    if (request->left == 0 || request->left > device->total - device->written) {
        end_write(device);
        return FIELDKEY_MALFORMED;
    }
    error = config->storage->append(config->context, request->at, request->left);
    device->written += (uint32_t)request->left;
    if (error == FIELDKEY_OK && device->written < device->total)
        return FIELDKEY_OK;
    if (error == FIELDKEY_OK)
        error = config->storage->finish(config->context);
    end_write(device);
    if (error == FIELDKEY_OK)
        error = find(device, device->writing, &object);
    return error == FIELDKEY_OK ? add_digest(device, &object, reply) : error;
}

static enum fieldkey_error read_object(struct fieldkey_device *device, struct request *request, struct reply *reply)
{
    const struct fieldkey_config *config = &device->config;
    struct fieldkey_object object;
    enum fieldkey_error error;
    const char *name;
    uint32_t offset;
    size_t most;
    uint8_t *at;

    if (!take(request, 6, &at))
        return FIELDKEY_MALFORMED;
    offset = get32(at);
    most = get16(at + 4);
    error = take_name(request, &name);
    if (error != FIELDKEY_OK)
        return error;
    if (is_csr(name)) {
        object.size = (uint32_t)device->csr_held;
        error = object.size ? FIELDKEY_OK : FIELDKEY_NOT_FOUND;
    } else {
        error = find(device, name, &object);
        if (error == FIELDKEY_OK && object.kind == FIELDKEY_PRIVATE_KEY && !(config->flags & FIELDKEY_KEYS_READABLE))
            error = FIELDKEY_NOT_READABLE;
    }
    if (error != FIELDKEY_OK)
        return error;
    if (offset > object.size)
        return FIELDKEY_WRONG_OFFSET;
    if (most > reply->limit - 4)
        most = reply->limit - 4;
    if (most > object.size - offset)
        most = object.size - offset;
    put32(reply->payload, object.size);
    reply->count = 4 + most;
    if (!is_csr(name))
        return config->storage->read(config->context, name, offset, reply->payload + 4, most);
    memcpy(reply->payload + 4, config->csr_buffer + offset, most);
    return FIELDKEY_OK;
}

static enum fieldkey_error digest(struct fieldkey_device *device, struct request *request, struct reply *reply)
{
    struct fieldkey_object object;
    enum fieldkey_error error;
    const char *name;

    error = take_name(request, &name);
    if (error == FIELDKEY_OK)
        error = find(device, name, &object);
    if (error != FIELDKEY_OK)
        return error;
    put32(reply->payload, object.size);
    reply->count = 4;
    return add_digest(device, &object, reply);
}

static enum fieldkey_error commit(struct fieldkey_device *device, struct request *request)
{
    struct fieldkey_move moves[FIELDKEY_MOVES];
    enum fieldkey_error error;
    size_t i, count;
    uint8_t *at;

    if (!take(request, 1, &at))
        return FIELDKEY_MALFORMED;
    count = at[0];
    if (count == 0 || count > FIELDKEY_MOVES)
        return FIELDKEY_MALFORMED;
    for (i = 0; i < count; i++) {
        error = take_name(request, &moves[i].from);
        if (error == FIELDKEY_OK)
            error = take_name(request, &moves[i].to);
        if (error == FIELDKEY_OK && (is_csr(moves[i].from) || is_csr(moves[i].to)))
            error = FIELDKEY_BAD_NAME;
        if (error != FIELDKEY_OK)
            return error;
    }
    return device->config.storage->commit(device->config.context, moves, count);
}

static enum fieldkey_error remove_object(struct fieldkey_device *device, struct request *request)
{
    enum fieldkey_error error;
    const char *name;

    error = take_name(request, &name);
    if (error != FIELDKEY_OK)
        return error;
    if (is_csr(name)) {
        device->csr_held = 0;
        return FIELDKEY_OK;
    }
    error = device->config.storage->remove(device->config.context, name);
    return error == FIELDKEY_NOT_FOUND ? FIELDKEY_OK : error;
}

static enum fieldkey_error make_key(struct fieldkey_device *device, struct request *request, struct reply *reply)
{
    const struct fieldkey_config *config = &device->config;
    struct request subject;
    enum fieldkey_error error;
    size_t size = config->csr_size;
    uint8_t type, *at;

    if (!config->make_key || !config->csr_buffer)
        return FIELDKEY_UNKNOWN_REQUEST;
    if (!take(request, 1, &at))
        return FIELDKEY_MALFORMED;
    type = at[0];
    if (type > 7 || !(config->key_types >> type & 1))
        return FIELDKEY_NO_KEY;
    subject = *request;
    while (subject.left)
        if (!take(&subject, 2, &at) || !take(&subject, at[1], &at))
            return FIELDKEY_MALFORMED;
    device->csr_held = 0;
    error = config->make_key(config->context, type, request->at, request->left, config->csr_buffer, &size);
    if (error != FIELDKEY_OK)
        return error;
    if (size == 0 || size > config->csr_size)
        return FIELDKEY_NO_KEY;
    device->csr_held = size;
    put32(reply->payload, (uint32_t)size);
    reply->count = 4;
    return FIELDKEY_OK;
}

static enum fieldkey_error carry_out(struct fieldkey_device *device, uint8_t type, struct request *request,
                                     struct reply *reply)
{
    if (type == HELLO)
        return hello(device, reply);
    if (!device->session)
        return FIELDKEY_NO_SESSION;
    switch (type) {
    case LIST:
        return list_objects(device, request, reply);
    case WRITE:
        return write_object(device, request, reply);
    case READ:
        return read_object(device, request, reply);
    case DIGEST:
        return digest(device, request, reply);
    case COMMIT:
        return commit(device, request);
    case REMOVE:
        return remove_object(device, request);
    case MAKE_KEY:
        return make_key(device, request, reply);
    case BYE:
        end_session(device);
        return FIELDKEY_OK;
    default:
        return FIELDKEY_UNKNOWN_REQUEST;
    }
}

/* The last reply may have a part of a key. */
static void forget_reply(struct fieldkey_device *device)
{
    device->answered = 0;
    wipe(device->config.reply_buffer, device->config.reply_size);
}

static void answer(struct fieldkey_device *device, uint8_t *frame, size_t payload)
{
    uint8_t type = frame[2], sequence = frame[3];
    uint32_t crc = get32(frame + HEADER + payload);
    struct request request;
    struct reply reply;
    enum fieldkey_error error;

    /* The host did not hear the reply: it gets the same one again, and nothing is done twice. */
    if (type != HELLO && device->answered && device->last_sequence == sequence && device->last_crc == crc) {
        device->config.send(device->config.context, device->config.reply_buffer, device->reply_held);
        return;
    }
    forget_reply(device);
    device->last_sequence = sequence;
    request.at = frame + HEADER;
    request.left = payload;
    reply.payload = device->config.reply_buffer + HEADER;
    reply.count = 0;
    reply.limit = device->config.reply_size - FIELDKEY_OVERHEAD;
    if (reply.limit > FIELDKEY_PAYLOAD_MAX)
        reply.limit = FIELDKEY_PAYLOAD_MAX;
    error = carry_out(device, type, &request, &reply);
    if (error == FIELDKEY_OK) {
        type |= ANSWER;
    } else {
        type = ERROR;
        reply.payload[0] = (uint8_t)error;
        if (error != FIELDKEY_WRONG_OFFSET || reply.count != 5)
            reply.count = 1;
    }
    device->last_crc = crc;
    device->answered = 1;
    device->reply_held = frame_up(device->config.reply_buffer, type, sequence, reply.count);
    device->config.send(device->config.context, device->config.reply_buffer, device->reply_held);
}

/* ---- Finding frames ---- */

/* The bytes that what is held needs, as far as it tells. 0: it is no frame. */
static size_t needed(const struct fieldkey_device *device)
{
    const uint8_t *frame = device->config.receive_buffer;
    size_t count;

    if (device->held > 0 && frame[0] != MAGIC_1)
        return 0;
    if (device->held > 1 && frame[1] != MAGIC_2)
        return 0;
    if (device->held < HEADER)
        return HEADER;
    if (frame[6] != header_check(frame))
        return 0;
    count = (size_t)get16(frame + 4) + FIELDKEY_OVERHEAD;
    return count <= device->config.receive_size ? count : 0;
}

/* What is held goes on behind so many bytes, and nothing of them stays. */
static void pass(struct fieldkey_device *device, size_t count)
{
    uint8_t *held = device->config.receive_buffer;

    device->held -= count;
    memmove(held, held + count, device->held);
    wipe(held + device->held, count);
}

/* The first byte begins no frame; perhaps a later one does. */
static void skip(struct fieldkey_device *device)
{
    uint8_t *held = device->config.receive_buffer;
    size_t count = 0;

    do {
        if (!device->session && device->config.text)
            device->config.text(device->config.context, held[count]);
        count++;
    } while (count < device->held && held[count] != MAGIC_1);
    pass(device, count);
}

static void look(struct fieldkey_device *device)
{
    uint8_t *frame = device->config.receive_buffer;

    while (device->held) {
        size_t count = needed(device);
        size_t payload;
        if (count > device->held)
            return;
        if (count == 0) {
            skip(device);
            continue;
        }
        payload = count - FIELDKEY_OVERHEAD;
        if (get32(frame + HEADER + payload) != fieldkey_crc32(0, frame + 2, HEADER - 2 + payload)) {
            if (frame[2] < ANSWER)
                send_small(device, DAMAGED, frame[3], NULL, 0);
            skip(device);
            continue;
        }
        device->framed_ms = device->heard_ms;
        device->busy_ms = 0;
        /* What has ANSWER set is an echo of ours. */
        if (frame[2] < ANSWER)
            answer(device, frame, payload);
        pass(device, count);
    }
}

size_t fieldkey_wanted(const struct fieldkey_device *device)
{
    size_t count = needed(device);

    return device->held && count > device->held ? count - device->held : 1;
}

void fieldkey_receive(struct fieldkey_device *device, const uint8_t *bytes, size_t count, uint32_t now_ms)
{
    /* What came in one go, as a DMA hands it over, was on its way for a while. */
    uint32_t under_way = device->config.baud ? (uint32_t)((uint64_t)count * 10000u / device->config.baud) : 0;

    if (device->session && now_ms - device->framed_ms > FIELDKEY_SESSION_MS + device->busy_ms) {
        end_session(device);
        forget_reply(device);
    }
    /* The rest of a frame will not come any more, but another may have begun in what was taken for it. */
    while (device->held && now_ms - device->heard_ms > FIELDKEY_GAP_MS + under_way) {
        skip(device);
        look(device);
    }
    if (count)
        device->heard_ms = now_ms;
    while (count) {
        size_t piece = fieldkey_wanted(device);
        if (piece > count)
            piece = count;
        memcpy(device->config.receive_buffer + device->held, bytes, piece);
        device->held += piece;
        bytes += piece;
        count -= piece;
        look(device);
    }
}

int fieldkey_init(struct fieldkey_device *device, const struct fieldkey_config *config)
{
    const struct fieldkey_storage *storage = config->storage;

    memset(device, 0, sizeof *device);
    device->config = *config;
    if (device->config.receive_size > FIELDKEY_PAYLOAD_MAX + FIELDKEY_OVERHEAD)
        device->config.receive_size = FIELDKEY_PAYLOAD_MAX + FIELDKEY_OVERHEAD;
    return config->send && storage && storage->object && storage->room && storage->begin && storage->append &&
           storage->finish && storage->read && storage->remove && storage->commit && config->receive_buffer &&
           config->reply_buffer && config->receive_size >= FIELDKEY_BUFFER_MIN &&
           config->reply_size >= FIELDKEY_BUFFER_MIN;
}
