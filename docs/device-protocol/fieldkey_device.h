/* The device's side of Fieldkey's protocol, as ../device-protocol.md specifies it.
 *
 * Portable C99: nothing is allocated, nothing is waited for. Bytes go in through fieldkey_receive, frames come out
 * through a callback, and what is kept is kept by callbacks for storage and keys. All memory is the caller's.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FIELDKEY_DEVICE_H
#define FIELDKEY_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FIELDKEY_VERSION 1
/* What a frame has beside its payload: magic 2, type, sequence, length 2, header check, CRC-32. */
#define FIELDKEY_OVERHEAD 11
/* No payload is longer, in either direction. */
#define FIELDKEY_PAYLOAD_MAX 8192
/* The longest name of an object, in bytes, without the NUL. */
#define FIELDKEY_NAME 64
/* The most renames of one COMMIT. */
#define FIELDKEY_MOVES 16
/* The smallest frame buffers: a payload of 256 bytes each way. */
#define FIELDKEY_BUFFER_MIN (256 + FIELDKEY_OVERHEAD)
/* A frame whose next byte does not come for so long is given up. */
#define FIELDKEY_GAP_MS 100u
/* A session ends after so long without a frame, and so much later as fieldkey_busy has named since the last one. */
#define FIELDKEY_SESSION_MS 30000u
/* The host has patience with one request for so long in all. */
#define FIELDKEY_BUSY_MS 120000u

/* What an object is for; the host says so when it writes one. */
enum fieldkey_kind {
    FIELDKEY_OTHER = 0,
    FIELDKEY_CERTIFICATE = 1, /* the device's own, or one that it trusts */
    FIELDKEY_PRIVATE_KEY = 2, /* never read back, unless FIELDKEY_KEYS_READABLE is admitted */
    FIELDKEY_SETTINGS = 3
};

/* Why a request is refused. Callbacks return these, too. */
enum fieldkey_error {
    FIELDKEY_OK = 0,
    FIELDKEY_UNKNOWN_REQUEST = 1,
    FIELDKEY_MALFORMED = 2,
    FIELDKEY_NO_SESSION = 3,
    FIELDKEY_NOT_FOUND = 4,
    FIELDKEY_FULL = 5,
    FIELDKEY_TOO_LARGE = 6,
    FIELDKEY_BAD_NAME = 7,
    FIELDKEY_BAD_KIND = 8,
    FIELDKEY_NOT_READABLE = 9,
    FIELDKEY_WRONG_OFFSET = 10,
    FIELDKEY_STORAGE = 11,   /* the storage failed: worn out, torn off */
    FIELDKEY_READ_ONLY = 12, /* it takes nothing any more: a fuse is blown */
    FIELDKEY_LOCKED = 13,    /* not now: a button must be held, a person must agree */
    FIELDKEY_NO_KEY = 14,    /* no key was made: this type is unknown, or the generator failed */
    FIELDKEY_BAD_VERSION = 15
};

/* Flags of fieldkey_config.flags. */
#define FIELDKEY_VOLATILE 0x01u      /* what is kept is lost with the power */
#define FIELDKEY_KEYS_READABLE 0x02u /* READ gives private keys away */

/* Bits of fieldkey_config.key_types. */
#define FIELDKEY_P256 0x01u
#define FIELDKEY_RSA2048 0x02u

struct fieldkey_object {
    char name[FIELDKEY_NAME + 1];
    uint8_t kind;
    uint32_t size;
};

struct fieldkey_move {
    const char *from;
    const char *to;
};

/* Where objects are kept. Each callback may take long: it then calls fieldkey_busy now and then. What a callback has
 * reported as done survives a cut of the power, unless FIELDKEY_VOLATILE is set. */
struct fieldkey_storage {
    /* The object with this number, counted from 0 without gaps; FIELDKEY_NOT_FOUND behind the last one. */
    enum fieldkey_error (*object)(void *context, unsigned index, struct fieldkey_object *object);
    /* Bytes that new objects may take. */
    uint32_t (*room)(void *context);
    /* A new object begins; what was begun and not finished is dropped. */
    enum fieldkey_error (*begin)(void *context, const char *name, uint8_t kind, uint32_t size);
    /* Its next bytes. */
    enum fieldkey_error (*append)(void *context, const uint8_t *bytes, size_t count);
    /* It is whole: from now on it is listed, in the place of one of the same name. */
    enum fieldkey_error (*finish)(void *context);
    /* So many bytes from offset on, as they are stored; never beyond its size. */
    enum fieldkey_error (*read)(void *context, const char *name, uint32_t offset, uint8_t *bytes, size_t count);
    /* Removes an object, and overwrites it where that can be done. None there: FIELDKEY_NOT_FOUND. */
    enum fieldkey_error (*remove)(void *context, const char *name);
    /* Renames one after the other, but in force at once: after a cut of the power all are done or none. An object that
     * has a new name already is replaced. */
    enum fieldkey_error (*commit)(void *context, const struct fieldkey_move *moves, size_t count);
};

/* One part of the subject of a CSR. */
enum fieldkey_attribute {
    FIELDKEY_COMMON_NAME = 1,
    FIELDKEY_COUNTRY = 2,
    FIELDKEY_STATE = 3,
    FIELDKEY_LOCALITY = 4,
    FIELDKEY_ORGANIZATION = 5,
    FIELDKEY_ORGANIZATIONAL_UNIT = 6
};

/* Makes a key beside the one in use, and a CSR for it as DER. The subject is a row of: attribute, length, UTF-8 bytes;
 * it is well-formed. On entry *size is the room in csr. One that takes long calls fieldkey_busy. */
typedef enum fieldkey_error (*fieldkey_make_key)(void *context, uint8_t type, const uint8_t *subject,
                                                 size_t subject_size, uint8_t *csr, size_t *size);

struct fieldkey_config {
    void *context; /* for all callbacks */
    /* Sends one whole frame. Nothing else (no log line) may come between its bytes. */
    void (*send)(void *context, const uint8_t *bytes, size_t count);
    const struct fieldkey_storage *storage;
    fieldkey_make_key make_key; /* NULL: it makes no keys */
    /* A byte that belongs to no frame, for a console on the same line; NULL drops it. Not called during a session. */
    void (*text)(void *context, uint8_t byte);

    /* At least FIELDKEY_BUFFER_MIN each; the first decides how large the host's frames are. */
    uint8_t *receive_buffer;
    size_t receive_size;
    uint8_t *reply_buffer;
    size_t reply_size;
    /* For the last CSR: 512 bytes do for P-256, 1024 for RSA-2048. */
    uint8_t *csr_buffer;
    size_t csr_size;

    uint32_t baud; /* bits a second; 0 where they mean nothing, as with USB */
    uint8_t flags;
    uint8_t kinds; /* bit n: objects of kind n are taken */
    uint8_t key_types;
    uint8_t objects; /* the most objects */
    uint32_t object_size; /* the largest object */
    const char *maker;
    const char *model;
    const char *firmware;
    const char *serial_number; /* empty if it has none */
};

/* Private: only fieldkey_device.c looks inside. */
struct fieldkey_device {
    struct fieldkey_config config;
    size_t held;       /* bytes of a possible frame in receive_buffer */
    size_t reply_held; /* bytes of the last reply in reply_buffer */
    size_t csr_held;
    uint32_t heard_ms;
    uint32_t framed_ms;
    uint32_t busy_ms; /* named to the host since framed_ms */
    uint32_t last_crc;
    uint32_t total; /* of the object that is being written; 0: none is */
    uint32_t written;
    char writing[FIELDKEY_NAME + 1];
    uint8_t last_sequence;
    uint8_t answered; /* last_sequence and last_crc hold */
    uint8_t session;
};

/* False if the configuration cannot work: a buffer too small, a callback missing. */
int fieldkey_init(struct fieldkey_device *device, const struct fieldkey_config *config);

/* Bytes came in, the last of them at this time, by a clock of milliseconds that may wrap around. Not to be called by an
 * interrupt handler: callbacks run inside. */
void fieldkey_receive(struct fieldkey_device *device, const uint8_t *bytes, size_t count, uint32_t now_ms);

/* How many bytes must come, at least, before there can be anything to answer: how much a DMA may wait for. */
size_t fieldkey_wanted(const struct fieldkey_device *device);

/* For callbacks that take long: tells the host to have patience for so much longer, and how far things are (0 to 100,
 * 255 if unknown). Calling it every second with 3000 is a good habit. */
void fieldkey_busy(struct fieldkey_device *device, uint16_t more_ms, uint8_t percent);

/* CRC-32 as in Ethernet and zlib; begin with 0. */
uint32_t fieldkey_crc32(uint32_t crc, const uint8_t *bytes, size_t count);

struct fieldkey_sha256 {
    uint32_t state[8];
    uint64_t length;
    uint8_t block[64];
};

/* In fieldkey_sha256.c; replace them by your chip's own where it has some. */
void fieldkey_sha256_begin(struct fieldkey_sha256 *hash);
void fieldkey_sha256_add(struct fieldkey_sha256 *hash, const uint8_t *bytes, size_t count);
void fieldkey_sha256_end(struct fieldkey_sha256 *hash, uint8_t digest[32]);

#ifdef __cplusplus
}
#endif

#endif
