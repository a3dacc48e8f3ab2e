/*
 * SoftHSM with CKM_SP800_108_COUNTER_KDF (PKCS#11 3.0, clause 6.42): the PRF is CMAC (SP 800-38B) over the blocks that SoftHSM
 * encrypts under the base key by CKM_AES_ECB_ENCRYPT_DATA, so that a key with CKA_DERIVE and no other right serves. What is
 * derived is made an object of the caller's template. Data parameters are taken in the order in which they come.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

enum { CREATE_OBJECT = 20, DESTROY_OBJECT = 22, GET_ATTRIBUTE_VALUE = 24, DERIVE_KEY = 62, MOST = 32, BLOCK = 16, INPUT = 1024 };
enum { CLASS = 0, TOKEN = 1, PRIVATE = 2, VALUE = 0x11, KEY_TYPE = 0x100, SENSITIVE = 0x103, EXTRACTABLE = 0x162,
       VALUE_LEN = 0x161 };
enum { COUNTER_KDF = 0x3ac, AES_CMAC = 0x108a, AES_ECB_ENCRYPT_DATA = 0x1104, PARAM_INVALID = 0x71,
       TEMPLATE_INCOMPLETE = 0xd0 };
enum { ITERATION_VARIABLE = 1, DKM_LENGTH = 3, BYTE_ARRAY = 4, SUM_OF_KEYS = 1 };

typedef unsigned long word;
typedef unsigned char byte;
typedef struct { word type; void *value; word length; } attribute;
typedef struct { word type; void *parameter; word length; } mechanism;
typedef struct { byte *data; word length; } string_data;
typedef struct { byte little_endian; word bits; } counter_format;
typedef struct { word method; byte little_endian; word bits; } length_format;
typedef struct { word type; void *value; word length; } prf_data;
typedef struct { word prf, count; prf_data *data; word additional; void *additional_keys; } kdf;

static struct function_list { byte major, minor; void *functions[68]; } list, *behind;

#define CALL(index) ((word (*)()) behind->functions[index])

static word encrypted(word session, word base, byte block[BLOCK])
{
    word four = 4, generic = 0x10, size = BLOCK, made = 0, answer;
    byte no = 0, yes = 1;
    attribute readable[] = {{CLASS, &four, 8}, {KEY_TYPE, &generic, 8}, {TOKEN, &no, 1}, {PRIVATE, &no, 1},
                            {SENSITIVE, &no, 1}, {EXTRACTABLE, &yes, 1}, {VALUE_LEN, &size, 8}};
    string_data data = {block, BLOCK};
    mechanism how = {AES_ECB_ENCRYPT_DATA, &data, sizeof data};
    if ((answer = CALL(DERIVE_KEY)(session, &how, base, readable, 7UL, &made)) != 0) return answer;
    attribute value = {VALUE, block, BLOCK};
    answer = CALL(GET_ATTRIBUTE_VALUE)(session, made, &value, 1UL);
    CALL(DESTROY_OBJECT)(session, made);
    return answer;
}

static void doubled(byte block[BLOCK])
{
    int carry = block[0] >> 7;
    for (int i = 0; i < BLOCK; i++) block[i] = (byte) (block[i] << 1 | (i + 1 < BLOCK ? block[i + 1] >> 7 : 0));
    if (carry) block[BLOCK - 1] ^= 0x87;
}

static word cmac(word session, word base, const byte *message, word length, byte mac[BLOCK])
{
    byte subkey[BLOCK] = {0};
    word answer = encrypted(session, base, subkey), last = length == 0 ? 0 : (length - 1) / BLOCK * BLOCK;
    if (answer != 0) return answer;
    doubled(subkey);
    if (length == 0 || length % BLOCK != 0) doubled(subkey);
    memset(mac, 0, BLOCK);
    for (word at = 0; at < last; at += BLOCK) {
        for (int i = 0; i < BLOCK; i++) mac[i] ^= message[at + i];
        if ((answer = encrypted(session, base, mac)) != 0) return answer;
    }
    for (word i = 0; i < length - last; i++) mac[i] ^= message[last + i];
    if (length - last < BLOCK) mac[length - last] ^= 0x80;
    for (int i = 0; i < BLOCK; i++) mac[i] ^= subkey[i];
    return encrypted(session, base, mac);
}

static int put(byte *input, word *at, word value, word bits, byte little_endian)
{
    if (little_endian || bits == 0 || bits % 8 != 0 || bits > 64 || *at + bits / 8 > INPUT) return 0;
    for (word i = 0; i < bits / 8; i++) input[(*at)++] = (byte) (value >> (bits - 8 - 8 * i));
    return 1;
}

/* What the PRF is given for one block; 0 if the parameters are none of the standard's. */
static int input_of(const kdf *given, word counter, word octets, byte *input, word *length)
{
    int counters = 0;
    *length = 0;
    for (word i = 0; i < given->count; i++) {
        const prf_data *part = &given->data[i];
        if (part->type == ITERATION_VARIABLE && part->length == sizeof(counter_format)) {
            const counter_format *format = part->value;
            if (format->bits > 32 || !put(input, length, counter, format->bits, format->little_endian)) return 0;
            counters++;
        } else if (part->type == DKM_LENGTH && part->length == sizeof(length_format)) {
            const length_format *format = part->value;
            if (format->method != SUM_OF_KEYS || !put(input, length, 8 * octets, format->bits, format->little_endian)) return 0;
        } else if (part->type == BYTE_ARRAY && *length + part->length <= INPUT) {
            memcpy(input + *length, part->value, part->length);
            *length += part->length;
        } else {
            return 0;
        }
    }
    return counters == 1;
}

static word derive_key(word session, mechanism *how, word base, attribute *wanted, word count, word *key)
{
    if (how->type != COUNTER_KDF) return CALL(DERIVE_KEY)(session, how, base, wanted, count, key);
    const kdf *given = how->parameter;
    if (how->length != sizeof *given || given->prf != AES_CMAC || given->additional != 0 || given->additional_keys != NULL)
        return PARAM_INVALID;

    attribute created[MOST];
    word attributes = 0, octets = 0, answer, length;
    byte input[INPUT], output[256 + BLOCK];
    for (word i = 0; i < count && attributes < MOST - 1; i++) {
        if (wanted[i].type == VALUE_LEN) octets = *(word *) wanted[i].value;
        else created[attributes++] = wanted[i];
    }
    if (octets == 0 || octets > 256) return TEMPLATE_INCOMPLETE;
    for (word block = 0; block * BLOCK < octets; block++) {
        if (!input_of(given, block + 1, octets, input, &length)) return PARAM_INVALID;
        if ((answer = cmac(session, base, input, length, output + block * BLOCK)) != 0) return answer;
    }
    created[attributes++] = (attribute) {VALUE, output, octets};
    answer = CALL(CREATE_OBJECT)(session, created, attributes, key);
    memset(output, 0, sizeof output);
    return answer;
}

word C_GetFunctionList(struct function_list **out)
{
    word (*get)(struct function_list **) =
        (word (*)(struct function_list **)) dlsym(dlopen(MODULE, RTLD_NOW), "C_GetFunctionList");
    if (get(&behind) != 0) return 5;
    list = *behind;
    list.functions[DERIVE_KEY] = (void *) derive_key;
    *out = &list;
    return 0;
}
