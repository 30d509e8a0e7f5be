/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "example_storage.h"

#include <string.h>

/* Indexes are copied by memcpy: an assignment need not copy what lies between the members, and the CRC is over that,
 * too. */
static uint32_t index_crc(const struct example_index *index)
{
    return fieldkey_crc32(0, (const uint8_t *)index, offsetof(struct example_index, crc));
}

static void slow(struct example_storage *storage, unsigned ms)
{
    if (storage->slow)
        storage->slow(storage->slow_context, ms);
}

static struct example_entry *entry(struct example_index *index, const char *name)
{
    uint32_t i;

    for (i = 0; i < index->count; i++)
        if (strcmp(index->entries[i].object.name, name) == 0)
            return &index->entries[i];
    return NULL;
}

static void drop(struct example_index *index, struct example_entry *gone)
{
    size_t behind = (size_t)(index->entries + index->count - (gone + 1));

    memmove(gone, gone + 1, behind * sizeof *gone);
    index->count--;
}

/* A place that no entry uses. There always is one: there is one place more than entries. */
static uint8_t free_place(const struct example_index *index)
{
    uint8_t place;
    uint32_t i;

    for (place = 0; place < EXAMPLE_PLACES - 1; place++) {
        for (i = 0; i < index->count && index->entries[i].place != place; i++)
            ;
        if (i == index->count)
            break;
    }
    return place;
}

/* Puts an index into force. With real flash: erase the other bank's sector, program all of it but the CRC, program the
 * CRC. Until that last word stands, the old index is the one in force. */
static enum fieldkey_error put_in_force(struct example_storage *storage, struct example_index *next)
{
    struct example_index *bank;

    next->generation = storage->now.generation + 1;
    bank = &storage->flash->index[next->generation % 2];
    next->crc = index_crc(next);
    slow(storage, 10);
    memcpy(bank, next, offsetof(struct example_index, crc));
    slow(storage, 0);
    memcpy(&bank->crc, &next->crc, sizeof bank->crc);
    memcpy(&storage->now, next, sizeof *next);
    return FIELDKEY_OK;
}

/* Nothing of a key stays in a place that is free. With real flash: erase its sector. */
static void erase_free_places(struct example_storage *storage)
{
    uint8_t place;
    uint32_t i;

    for (place = 0; place < EXAMPLE_PLACES; place++) {
        for (i = 0; i < storage->now.count && storage->now.entries[i].place != place; i++)
            ;
        if (i == storage->now.count && !(storage->writing && place == storage->begun.place))
            memset(storage->flash->places[place], 0xff, EXAMPLE_OBJECT_SIZE);
    }
}

void example_storage_open(struct example_storage *storage, struct example_flash *flash)
{
    int i;

    storage->flash = flash;
    storage->writing = 0;
    memset(&storage->now, 0, sizeof storage->now);
    for (i = 0; i < 2; i++) {
        const struct example_index *index = &flash->index[i];
        if (index->crc == index_crc(index) && index->generation > storage->now.generation)
            memcpy(&storage->now, index, sizeof *index);
    }
    erase_free_places(storage);
}

const uint8_t *example_storage_bytes(const struct example_storage *storage, unsigned index, uint32_t *size)
{
    if (index >= storage->now.count)
        return NULL;
    *size = storage->now.entries[index].object.size;
    return storage->flash->places[storage->now.entries[index].place];
}

static enum fieldkey_error object(void *context, unsigned index, struct fieldkey_object *object)
{
    struct example_storage *storage = context;

    if (index >= storage->now.count)
        return FIELDKEY_NOT_FOUND;
    *object = storage->now.entries[index].object;
    return FIELDKEY_OK;
}

static uint32_t room(void *context)
{
    struct example_storage *storage = context;

    return (EXAMPLE_OBJECTS - storage->now.count) * EXAMPLE_OBJECT_SIZE;
}

static enum fieldkey_error begin(void *context, const char *name, uint8_t kind, uint32_t size)
{
    struct example_storage *storage = context;

    if (size > EXAMPLE_OBJECT_SIZE)
        return FIELDKEY_TOO_LARGE;
    if (storage->now.count == EXAMPLE_OBJECTS && !entry(&storage->now, name))
        return FIELDKEY_FULL;
    memset(&storage->begun, 0, sizeof storage->begun);
    strcpy(storage->begun.object.name, name);
    storage->begun.object.kind = kind;
    storage->begun.object.size = size;
    storage->begun.place = free_place(&storage->now);
    storage->appended = 0;
    storage->writing = 1;
    memset(storage->flash->places[storage->begun.place], 0xff, EXAMPLE_OBJECT_SIZE);
    return FIELDKEY_OK;
}

static enum fieldkey_error append(void *context, const uint8_t *bytes, size_t count)
{
    struct example_storage *storage = context;

    if (!storage->writing || count > storage->begun.object.size - storage->appended)
        return FIELDKEY_STORAGE;
    memcpy(storage->flash->places[storage->begun.place] + storage->appended, bytes, count);
    storage->appended += (uint32_t)count;
    return FIELDKEY_OK;
}

static enum fieldkey_error finish(void *context)
{
    struct example_storage *storage = context;
    struct example_index next;
    struct example_entry *old;
    enum fieldkey_error error;

    memcpy(&next, &storage->now, sizeof next);
    old = entry(&next, storage->begun.object.name);
    storage->writing = 0;
    if (old)
        *old = storage->begun;
    else
        next.entries[next.count++] = storage->begun;
    error = put_in_force(storage, &next);
    erase_free_places(storage);
    return error;
}

static enum fieldkey_error read_object(void *context, const char *name, uint32_t offset, uint8_t *bytes, size_t count)
{
    struct example_storage *storage = context;
    struct example_entry *found = entry(&storage->now, name);

    if (!found || offset > found->object.size || count > found->object.size - offset)
        return FIELDKEY_STORAGE;
    memcpy(bytes, storage->flash->places[found->place] + offset, count);
    return FIELDKEY_OK;
}

static enum fieldkey_error remove_object(void *context, const char *name)
{
    struct example_storage *storage = context;
    struct example_index next;
    struct example_entry *found;
    enum fieldkey_error error;

    memcpy(&next, &storage->now, sizeof next);
    found = entry(&next, name);
    if (!found)
        return FIELDKEY_NOT_FOUND;
    drop(&next, found);
    error = put_in_force(storage, &next);
    erase_free_places(storage);
    return error;
}

static enum fieldkey_error commit(void *context, const struct fieldkey_move *moves, size_t count)
{
    struct example_storage *storage = context;
    struct example_index next;
    enum fieldkey_error error;
    size_t i;

    memcpy(&next, &storage->now, sizeof next);
    for (i = 0; i < count; i++) {
        struct example_entry *from = entry(&next, moves[i].from);
        struct example_entry *to = entry(&next, moves[i].to);
        if (!from)
            return FIELDKEY_NOT_FOUND;
        if (from == to)
            continue;
        strcpy(from->object.name, moves[i].to);
        if (to)
            drop(&next, to);
    }
    error = put_in_force(storage, &next);
    erase_free_places(storage);
    return error;
}

const struct fieldkey_storage example_storage_calls = {
    object, room, begin, append, finish, read_object, remove_object, commit,
};
