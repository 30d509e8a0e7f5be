/* Storage for fieldkey_device.c over two banks of plain memory, as an example: put your flash driver where the comments
 * say so. A commit is one index written beside the one in force, and one word that makes it the one in force.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef EXAMPLE_STORAGE_H
#define EXAMPLE_STORAGE_H

#include "fieldkey_device.h"

#define EXAMPLE_OBJECTS 16
#define EXAMPLE_OBJECT_SIZE 4096u
/* One more than there are objects: a new one is written before the old one goes. */
#define EXAMPLE_PLACES (EXAMPLE_OBJECTS + 1)

struct example_entry {
    struct fieldkey_object object;
    uint8_t place;
};

/* Valid if its CRC is right. Of two that are, the one with the later generation is in force. */
struct example_index {
    uint32_t generation;
    uint32_t count;
    struct example_entry entries[EXAMPLE_OBJECTS];
    uint32_t crc;
};

/* What outlasts a cut of the power. */
struct example_flash {
    struct example_index index[2];
    uint8_t places[EXAMPLE_PLACES][EXAMPLE_OBJECT_SIZE];
};

struct example_storage {
    struct example_flash *flash;
    /* Told before something is done that is slow, or that a cut of the power would tear; NULL for none. */
    void (*slow)(void *context, unsigned ms);
    void *slow_context;
    struct example_index now; /* as in force */
    struct example_entry begun;
    uint32_t appended;
    uint8_t writing;
};

extern const struct fieldkey_storage example_storage_calls;

/* At each start: finds the index in force. */
void example_storage_open(struct example_storage *storage, struct example_flash *flash);

/* The bytes of an object; NULL if there is none. */
const uint8_t *example_storage_bytes(const struct example_storage *storage, unsigned index, uint32_t *size);

#endif
