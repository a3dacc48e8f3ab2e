/*
 * SoftHSM with two things it has not: ECDH with CKD_SHA256_KDF (ANSI X9.63, one block), and CKA_DERIVE_TEMPLATE on the
 * private half of a generated pair, remembered by its label. What is derived is made an object of the caller's template,
 * so that SoftHSM itself decides who may have it TRUSTED.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

enum { CREATE_OBJECT = 20, DESTROY_OBJECT = 22, GET_ATTRIBUTE_VALUE = 24, DIGEST_INIT = 37, DIGEST = 38,
       GENERATE_KEY_PAIR = 59, DERIVE_KEY = 62, MOST = 32, BLOCK = 32 };
enum { CLASS = 0, TOKEN = 1, PRIVATE = 2, LABEL = 3, VALUE = 0x11, KEY_TYPE = 0x100, SENSITIVE = 0x103,
       EXTRACTABLE = 0x162, VALUE_LEN = 0x161, DERIVE_TEMPLATE = 0x40000213 };
enum { CKD_NULL = 1, CKD_SHA256_KDF = 6, SHA256 = 0x250, ECDH1_DERIVE = 0x1050, TEMPLATE_INCONSISTENT = 0xd1,
       PARAM_INVALID = 0x71 };

typedef unsigned long word;
typedef struct { word type; void *value; word length; } attribute;
typedef struct { word type; void *parameter; word length; } mechanism;
typedef struct { word kdf, shared_length; unsigned char *shared; word public_length; unsigned char *public; } ecdh;

static struct function_list { unsigned char major, minor; void *functions[68]; } list, *behind;

/* Flags that each locked pair demands. */
static struct { char label[80]; word length, count; struct { word type; unsigned char value; } demanded[8]; } locked[64];
static int locks;

#define CALL(index) ((word (*)()) behind->functions[index])

static word generate_key_pair(word session, mechanism *how, attribute *open, word opens, attribute *closed,
                              word closeds, word *public, word *private)
{
    attribute kept[MOST], *label = NULL, *forced = NULL;
    word count = 0;
    for (word i = 0; i < closeds && count < MOST; i++) {
        if (closed[i].type == DERIVE_TEMPLATE) forced = &closed[i];
        else kept[count++] = closed[i];
        if (closed[i].type == LABEL) label = &closed[i];
    }
    if (forced != NULL && label != NULL && label->length < sizeof locked[0].label && locks < 64) {
        attribute *inner = forced->value;
        locked[locks].length = label->length;
        memcpy(locked[locks].label, label->value, label->length);
        locked[locks].count = forced->length / sizeof(attribute);
        for (word i = 0; i < locked[locks].count && i < 8; i++) {
            locked[locks].demanded[i].type = inner[i].type;
            locked[locks].demanded[i].value = *(unsigned char *) inner[i].value;
        }
        locks++;
    }
    return CALL(GENERATE_KEY_PAIR)(session, how, open, opens, kept, count, public, private);
}

static int keeps(word session, word base, attribute *wanted, word count)
{
    char label[80] = {0};
    attribute asked = {LABEL, label, sizeof label};
    if (CALL(GET_ATTRIBUTE_VALUE)(session, base, &asked, 1UL) != 0) return 1;
    for (int l = 0; l < locks; l++) {
        if (locked[l].length != asked.length || memcmp(locked[l].label, label, asked.length) != 0) continue;
        for (word d = 0; d < locked[l].count; d++) {
            int kept = 0;
            for (word i = 0; i < count; i++)
                if (wanted[i].type == locked[l].demanded[d].type)
                    kept = *(unsigned char *) wanted[i].value == locked[l].demanded[d].value;
            if (!kept) return 0;
        }
    }
    return 1;
}

static word derive_key(word session, mechanism *how, word base, attribute *wanted, word count, word *key)
{
    if (!keeps(session, base, wanted, count)) return TEMPLATE_INCONSISTENT;
    if (how->type != ECDH1_DERIVE || ((ecdh *) how->parameter)->kdf != CKD_SHA256_KDF)
        return CALL(DERIVE_KEY)(session, how, base, wanted, count, key);

    ecdh plain = *(ecdh *) how->parameter;
    if (plain.shared_length > 1024) return PARAM_INVALID;
    unsigned char input[32 + 4 + 1024], block[BLOCK];
    word four = 4, generic = 0x10, size = 32, made = 0, answer;
    unsigned char no = 0, yes = 1;
    attribute readable[] = {{CLASS, &four, 8}, {KEY_TYPE, &generic, 8}, {TOKEN, &no, 1}, {PRIVATE, &no, 1},
                            {SENSITIVE, &no, 1}, {EXTRACTABLE, &yes, 1}, {VALUE_LEN, &size, 8}};
    memcpy(input + 32, "\0\0\0\1", 4);
    memcpy(input + 36, plain.shared, plain.shared_length);
    word length = 36 + plain.shared_length, out = BLOCK;
    plain.kdf = CKD_NULL, plain.shared = NULL, plain.shared_length = 0;
    mechanism agree = {ECDH1_DERIVE, &plain, sizeof plain}, sha256 = {SHA256, NULL, 0};
    if ((answer = CALL(DERIVE_KEY)(session, &agree, base, readable, 7UL, &made)) != 0) return answer;
    attribute secret = {VALUE, input, 32};
    if ((answer = CALL(GET_ATTRIBUTE_VALUE)(session, made, &secret, 1UL)) != 0) return answer;
    CALL(DESTROY_OBJECT)(session, made);
    if ((answer = CALL(DIGEST_INIT)(session, &sha256)) != 0) return answer;
    if ((answer = CALL(DIGEST)(session, input, length, block, &out)) != 0) return answer;

    attribute created[MOST];
    word attributes = 0, taken = BLOCK;
    for (word i = 0; i < count && attributes < MOST - 1; i++) {
        if (wanted[i].type == VALUE_LEN) taken = *(word *) wanted[i].value;
        else created[attributes++] = wanted[i];
    }
    created[attributes++] = (attribute) {VALUE, block, taken};
    return CALL(CREATE_OBJECT)(session, created, attributes, key);
}

word C_GetFunctionList(struct function_list **out)
{
    word (*get)(struct function_list **) =
        (word (*)(struct function_list **)) dlsym(dlopen(MODULE, RTLD_NOW), "C_GetFunctionList");
    if (get(&behind) != 0) return 5;
    list = *behind;
    list.functions[GENERATE_KEY_PAIR] = (void *) generate_key_pair;
    list.functions[DERIVE_KEY] = (void *) derive_key;
    *out = &list;
    return 0;
}
