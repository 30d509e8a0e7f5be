/* A device as a process, for tests: fieldkey_device.c over storage in memory, moved on step by step by whoever holds
 * its standard input and output.
 *
 * In:   'b' time:u32 count:u32 bytes   bytes from the line, the last of them at this time (ms)
 *       'r' time:u32 0:u32             the power was cut for a moment
 *       'c' number:u32 0:u32           the power is to be cut while the index is programmed, this often later
 *       's' time:u32 0:u32             what is stored?
 *       'f' time:u32 count:u32 bytes   where do these bytes stand?
 *       'k' time:u32 count:u32 bytes   the CSR that was asked for; no bytes: no key could be made
 * Out:  'o' delay:u32 count:u32 bytes  a frame, so many milliseconds later
 *       'k' type:u32 count:u32 bytes   a key and its CSR are needed, with this subject; 'k' must be next
 *       'c' 0:u32 0:u32                the power was cut
 *       'n' 0:u32 count:u32 name, 'v' 0:u32 count:u32 bytes    an object that is stored
 *       'f' number:u32 0:u32           so often, in the flash and in the buffers
 *       'e' wanted:u32 0:u32           the end of what was led to by any of these but 'k'; bytes before the next answer
 * Numbers have their most significant byte first.
 *
 * The one argument is the payload of a frame, in bytes; "slow" as a second one makes storing take 12 seconds, and a key 40.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "example_storage.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct example_flash flash;
static struct example_storage storage;
static struct fieldkey_device device;
static uint8_t input[65536];
static uint8_t receive_buffer[4096 + FIELDKEY_OVERHEAD], reply_buffer[512 + FIELDKEY_OVERHEAD], csr[1024];
static uint32_t delay_ms, cut_in;
static jmp_buf power_cut;
static size_t payload = 1024;
static int is_slow;

static void put(uint8_t kind, uint32_t number, const void *bytes, uint32_t count)
{
    uint8_t head[9] = {kind,
                       (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number,
                       (uint8_t)(count >> 24), (uint8_t)(count >> 16), (uint8_t)(count >> 8), (uint8_t)count};

    fwrite(head, 1, sizeof head, stdout);
    if (count)
        fwrite(bytes, 1, count, stdout);
}

static uint32_t number(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The next record's kind, 0 at the end. */
static uint8_t get(uint32_t *time, uint32_t *count)
{
    uint8_t head[9];

    fflush(stdout);
    if (fread(head, 1, sizeof head, stdin) != sizeof head)
        return 0;
    *time = number(head + 1);
    *count = number(head + 5);
    if (*count > sizeof input || fread(input, 1, *count, stdin) != *count)
        return 0;
    return head[0];
}

static void send_frame(void *context, const uint8_t *bytes, size_t count)
{
    (void)context;
    put('o', delay_ms, bytes, (uint32_t)count);
    delay_ms = 0;
}

static void take_seconds(unsigned seconds)
{
    unsigned second;

    for (second = 0; is_slow && second < seconds; second++) {
        fieldkey_busy(&device, 3000, (uint8_t)(second * 100 / seconds));
        delay_ms += 1000;
    }
}

static void slow(void *context, unsigned ms)
{
    (void)context;
    if (cut_in && --cut_in == 0)
        longjmp(power_cut, 1);
    delay_ms += ms;
    if (ms)
        take_seconds(12);
}

static enum fieldkey_error make_key(void *context, uint8_t type, const uint8_t *subject, size_t subject_size,
                                    uint8_t *bytes, size_t *size)
{
    uint32_t time, count;

    (void)context;
    take_seconds(40);
    put('k', type, subject, (uint32_t)subject_size);
    if (get(&time, &count) != 'k' || count == 0 || count > *size)
        return FIELDKEY_NO_KEY;
    memcpy(bytes, input, count);
    *size = count;
    return FIELDKEY_OK;
}

static int start(void)
{
    struct fieldkey_config config;

    memset(&config, 0, sizeof config);
    config.context = &storage;
    config.send = send_frame;
    config.storage = &example_storage_calls;
    config.make_key = make_key;
    config.receive_buffer = receive_buffer;
    config.receive_size = payload + FIELDKEY_OVERHEAD;
    config.reply_buffer = reply_buffer;
    config.reply_size = sizeof reply_buffer;
    config.csr_buffer = csr;
    config.csr_size = sizeof csr;
    config.baud = 115200;
    config.kinds = 0x0f;
    config.key_types = FIELDKEY_P256;
    config.objects = EXAMPLE_OBJECTS;
    config.object_size = EXAMPLE_OBJECT_SIZE;
    config.maker = "Example";
    config.model = "host process";
    config.firmware = "1.0.0";
    config.serial_number = "EX-1";
    storage.slow = slow;
    example_storage_open(&storage, &flash);
    delay_ms = 0;
    return fieldkey_init(&device, &config);
}

static void receive(uint32_t time, uint32_t count)
{
    if (setjmp(power_cut) == 0) {
        fieldkey_receive(&device, input, count, time);
    } else {
        start();
        put('c', 0, NULL, 0);
    }
}

static void tell_stored(void)
{
    const uint8_t *bytes;
    uint32_t size;
    unsigned i;

    for (i = 0; (bytes = example_storage_bytes(&storage, i, &size)) != NULL; i++) {
        const char *name = storage.now.entries[i].object.name;
        put('n', 0, name, (uint32_t)strlen(name));
        put('v', 0, bytes, size);
    }
}

static uint32_t times(const uint8_t *memory, size_t size, uint32_t count)
{
    uint32_t found = 0;
    size_t i;

    for (i = 0; i + count <= size; i++)
        found += memcmp(memory + i, input, count) == 0;
    return found;
}

int main(int argc, char **argv)
{
    uint32_t time, count;
    uint8_t kind;

    if (argc > 1)
        payload = strtoul(argv[1], NULL, 10);
    is_slow = argc > 2 && strcmp(argv[2], "slow") == 0;
    if (payload > sizeof receive_buffer - FIELDKEY_OVERHEAD || !start())
        return 2;
    while ((kind = get(&time, &count)) != 0) {
        if (kind == 'b')
            receive(time, count);
        else if (kind == 'r')
            start();
        else if (kind == 'c')
            cut_in = time;
        else if (kind == 's')
            tell_stored();
        else if (kind == 'f')
            put('f', times((const uint8_t *)&flash, sizeof flash, count) +
                         times(receive_buffer, sizeof receive_buffer, count) +
                         times(reply_buffer, sizeof reply_buffer, count),
                NULL, 0);
        put('e', (uint32_t)fieldkey_wanted(&device), NULL, 0);
    }
    return 0;
}
